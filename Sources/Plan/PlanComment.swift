import YAMLText

/// The comment behind a value: who set it and why.
///
/// It repeats the value (`# 0.002 by defaults.learning-rate: …`), so that reading the file back shows whether the value
/// is still the one the rule gave or was edited since.
enum PlanComment {
    static func text(for field: PlanField, origin: PlanOrigin) -> String {
        switch origin {
        case .rule(let id, let why): "# \(brief(field.value.plainText)) by \(id): \(why)"
        case .you(let was?): "# you; before: \(was)"
        case .you(nil): "# you"
        }
    }

    /// What the comments say about the values that were read.
    static func origins(in text: String, places: [String: YAMLPlace], fields: [PlanField]) -> [String: PlanOrigin] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var origins: [String: PlanOrigin] = [:]
        for field in fields {
            guard let place = places[field.key], lines.indices.contains(place.line - 1) else { continue }
            guard let comment = comment(of: lines[place.line - 1]) else { continue }
            origins[field.key] = origin(comment, now: brief(field.value.plainText))
        }
        return origins
    }

    /// Paths and fingerprints are repeated by their ends only.
    private static func brief(_ text: String) -> String {
        text.count <= 28 ? text : text.prefix(12) + "…" + text.suffix(12)
    }

    /// The text behind the last `  # ` of a line; hone writes two spaces before its comments.
    private static func comment(of line: Substring) -> Substring? {
        var start: Substring.Index?
        var index = line.startIndex
        while let found = line[index...].firstIndex(of: "#") {
            if line[..<found].hasSuffix("  ") { start = line.index(after: found) }
            index = line.index(after: found)
        }
        return start.map { line[$0...].drop { $0 == " " } }
    }

    private static func origin(_ comment: Substring, now: String) -> PlanOrigin? {
        if comment == "you" { return .you(was: nil) }
        if comment.hasPrefix("you; before: ") { return .you(was: String(comment.dropFirst("you; before: ".count))) }
        guard let by = comment.firstRange(of: " by "), let colon = comment[by.upperBound...].firstRange(of: ": ") else {
            return nil
        }
        let value = String(comment[..<by.lowerBound]), id = String(comment[by.upperBound..<colon.lowerBound])
        guard value == now else { return .you(was: "\(value) by \(id)") }
        return .rule(id: id, why: String(comment[colon.upperBound...]))
    }
}
