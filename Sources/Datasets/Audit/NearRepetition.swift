/// Rows that nearly repeat an earlier row.
struct NearRepetition {
    /// For every row the earlier rows whose request it nearly repeats. Exact copies are not among them.
    private(set) var matches: [Int: [Int]] = [:]
    /// Rows whose answer is (nearly) the same too, each with the row it repeats.
    private(set) var repeats: [(row: Int, first: Int)] = []

    init(_ examples: [Example], _ repetition: Repetition, rules: AuditRules, threads: Int) {
        // One row for each set of copies, in order of the file.
        let rows = repetition.copies.map { $0[0] }
        let found = NearDuplicates(
            texts: rows.map { examples[$0].comparedText }, threshold: rules[.nearDuplicate],
            boilerplate: rules[.boilerplate],
            threads: threads
        ).earlierMatches()
        var isRepeat = [Bool](repeating: false, count: rows.count)
        for (place, earlier) in found.enumerated() where !earlier.isEmpty {
            matches[rows[place]] = earlier.map { rows[Int($0)] }
            // A row repeats one that is kept, never one that is a repetition itself: similarity does not carry on.
            for first in earlier where !isRepeat[Int(first)] {
                guard Self.agree(examples[rows[place]], examples[rows[Int(first)]], threshold: rules[.nearDuplicate])
                else { continue }
                isRepeat[place] = true
                repeats.append((rows[place], rows[Int(first)]))
                break
            }
        }
    }

    private static func agree(_ one: Example, _ other: Example, threshold: Double) -> Bool {
        if case .plainText = one.body { return true }
        if TextKey.normalised(one.completion) == TextKey.normalised(other.completion) { return true }
        return Shingles.similarity(Shingles.of(one.completion)[...], Shingles.of(other.completion)[...]) >= threshold
    }

    func report(_ examples: [Example], into book: inout EvidenceBook) {
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
