/// Rows that nearly repeat an earlier row.
struct NearRepetition {
    /// Rows whose request and answer nearly repeat an earlier row, each with the row it repeats. Exact copies are not
    /// among them.
    private(set) var repeats: [(row: Int, first: Int)] = []
    /// Held-out rows whose request nearly repeats that of a training row.
    private(set) var leaks: [(row: Int, trained: Int)] = []

    /// - Parameter parts: The part of each row, where leaks are looked for.
    init(_ examples: ExampleRows, _ repetition: Repetition, parts: [Split.Part], rules: AuditRules, threads: Int) {
        let copies = repetition.copies
        // One row for each set of copies, in order of the file.
        let rows = copies.map { Int($0.first ?? 0) }
        let near = NearDuplicates(
            count: rows.count, threshold: rules[.nearDuplicate], boilerplate: rules[.boilerplate], threads: threads
        ) { examples[rows[$0]].comparedText }
        var isRepeat = [Bool](repeating: false, count: rows.count)
        for (place, earlier) in near.earlierMatches().enumerated() {
            // A row repeats one that is kept, never one that is a repetition itself: similarity does not carry on.
            for first in earlier where !isRepeat[Int(first)] {
                guard Self.agree(examples[rows[place]], examples[rows[Int(first)]], threshold: rules[.nearDuplicate])
                else { continue }
                isRepeat[place] = true
                repeats.append((rows[place], rows[Int(first)]))
                break
            }
        }
        guard Leakage.isSplit(parts) else { return }
        let isTrained = copies.map { $0.contains { parts[Int($0)] == .train } }
        let matches = near.matches(of: isTrained.map { !$0 }, among: isTrained)
        for (place, match) in matches.enumerated() where match >= 0 {
            guard let trained = copies[Int(match)].first(where: { parts[Int($0)] == .train }) else { continue }
            leaks += copies[place].map { (Int($0), Int(trained)) }
        }
        leaks.sort { $0.row < $1.row }
    }

    private static func agree(_ one: Example, _ other: Example, threshold: Double) -> Bool {
        if case .plainText = one.body { return true }
        if TextKey.normalised(one.completion) == TextKey.normalised(other.completion) { return true }
        return Shingles.similarity(Shingles.of(one.completion)[...], Shingles.of(other.completion)[...]) >= threshold
    }

    func report(_ examples: ExampleRows, into book: inout EvidenceBook) {
        for (row, first) in repeats {
            book.add(
                .nearDuplicates, examples[row].place,
                "\(examples[row].comparedText) | line \(examples[first].line): \(examples[first].comparedText)")
        }
    }
}

extension Example {
    /// What two rows are compared by: the request, or the text of a row without roles.
    fileprivate var comparedText: String {
        guard case .plainText(let text) = body else { return request }
        return text
    }
}
