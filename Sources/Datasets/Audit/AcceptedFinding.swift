package import FileStore
import JSONText

/// A finding that stops training, taken on by a person with a reason. It holds for as many rows as there were then: when
/// more rows show the finding, the question is asked again.
package struct AcceptedFinding: Sendable, Hashable {
    package var check: String
    package var because: String
    package var rows: Int
    /// ISO 8601.
    package var acceptedAt: String

    package init(check: String, because: String, rows: Int, acceptedAt: String) {
        self.check = check
        self.because = because
        self.rows = rows
        self.acceptedAt = acceptedAt
    }

    /// Where exceptions for these data paths are kept: beside the first of them.
    package static func file(beside paths: [String]) -> String? {
        guard var path = paths.first, path != "-" else { return nil }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path + ".accepted"
    }

    /// The exceptions kept beside the data, newest last; none where there is no file.
    package static func read(beside paths: [String], _ store: FileStore = FileStore()) throws -> [AcceptedFinding] {
        guard let file = file(beside: paths), store.isFile(file) else { return [] }
        return try store.readText(file).split(separator: "\n").compactMap { line in
            let value = try JSONValue.parse(String(line))
            guard let check = value["rule"]?.stringValue, let because = value["because"]?.stringValue,
                let rows = value["rows"]?.intValue
            else { return nil }
            return AcceptedFinding(
                check: check, because: because, rows: rows, acceptedAt: value["accepted_at"]?.stringValue ?? "")
        }
    }

    package func append(toFile path: String, _ store: FileStore = FileStore()) throws(FileStoreError) {
        let line: JSONValue = [
            "rule": .string(check), "because": .string(because), "rows": JSONValue(rows),
            "accepted_at": .string(acceptedAt),
        ]
        try LineLog(path: path, store: store).append(line.text())
    }
}

extension DatasetProfile {
    /// The exception that covers a finding.
    package func exception(for finding: Finding) -> AcceptedFinding? {
        accepted.last { $0.check == finding.check.rawValue && $0.rows >= finding.count }
    }

    /// Findings at the level of an error that nobody has taken on: they stop training.
    package var blocking: [Finding] { findings.filter { $0.severity == .error && exception(for: $0) == nil } }
}
