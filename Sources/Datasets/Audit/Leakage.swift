/// Held-out rows that training has already shown.
struct Leakage {
    let examples: ExampleRows
    /// The part of each row.
    let parts: [Split.Part]
    let rules: AuditRules

    static func isSplit(_ parts: [Split.Part]) -> Bool { parts.contains(.train) && parts.contains { $0 != .train } }

    func report(_ repetition: Repetition, _ near: NearRepetition, threads: Int, into book: inout EvidenceBook) {
        guard Self.isSplit(parts) else { return }
        var leaked = Set<Int>()
        each(repetition.copies) { row, trained in
            leaked.insert(row)
            book.add(.leakedRows, examples[row].place, sample(row, trained))
        }
        each(repetition.sameRequest) { row, trained in
            guard leaked.insert(row).inserted else { return }
            book.add(
                .leakedPrompts, examples[row].place,
                "\(sample(row, trained)) → \(examples[row].completion), in training: \(examples[trained].completion)")
        }
        for (row, trained) in near.leaks where leaked.insert(row).inserted {
            book.add(
                .leakedNear, examples[row].place,
                "\(examples[row].request) | training line \(examples[trained].line): \(examples[trained].request)")
        }
        reportPassages(besides: leaked, threads: threads, into: &book)
        let heldOut = parts.count { $0 == .test }
        if heldOut > 0, Double(heldOut) < rules[.smallTest] { book[.smallTest].add(rows: heldOut) }
    }

    private func sample(_ row: Int, _ trained: Int) -> String {
        "as training line \(examples[trained].line): \(examples[row].request)"
    }

    /// Every held-out row of a set that also has a training row.
    private func each(_ sets: RowSets, _ body: (_ row: Int, _ trained: Int) -> Void) {
        var pairs: [(Int, Int)] = []
        for set in sets where set.count > 1 {
            let rows = set.map { Int($0) }
            guard let trained = rows.first(where: { parts[$0] == .train }) else { continue }
            pairs += rows.lazy.filter { parts[$0] != .train }.map { ($0, trained) }
        }
        for (row, trained) in pairs.sorted(by: { $0 < $1 }) { body(row, trained) }
    }
}

// MARK: - Shared passages

extension Leakage {
    /// Held-out rows that are covered by long runs of words which training rows also have.
    ///
    /// Runs that stand in many training rows are boilerplate (a fixed instruction, a letterhead) and count for nothing.
    private func reportPassages(besides leaked: Set<Int>, threads: Int, into book: inout EvidenceBook) {
        let length = Int(rules[.passageWords])
        let heldOut = examples.indices.filter { parts[$0] != .train && !leaked.contains($0) }
        let trained = examples.indices.filter { parts[$0] == .train }
        var trainingRows: [UInt64: (first: Int32, rows: Int32)] = [:]
        let wanted = heldOut.map { Passages(of: examples[$0], length: length) }
        for passages in wanted { for run in passages.runs { trainingRows[run] = (-1, 0) } }
        guard !trainingRows.isEmpty else { return }
        for piece in ranges(of: trained.count, size: 4096) {
            let rows = Array(trained[piece])
            let blocks = ranges(of: rows.count, size: 512)
            let found = inParallel(pieces: blocks.count, threads: threads) { block in
                rows[blocks[block]].map { Passages(of: examples[$0], length: length).runs }
            }
            for (row, runs) in zip(rows, found.joined()) {
                for run in Set(runs) {
                    guard let seen = trainingRows[run] else { continue }
                    trainingRows[run] = (seen.rows == 0 ? Int32(row) : seen.first, seen.rows + 1)
                }
            }
        }
        let most = max(3, Int(rules[.boilerplate] * Double(trained.count)))
        for (row, passages) in zip(heldOut, wanted) where !passages.runs.isEmpty {
            var covered = [Bool](repeating: false, count: passages.wordCount)
            var source: Int?
            for (start, run) in passages.runs.enumerated() {
                guard let seen = trainingRows[run], seen.rows > 0, seen.rows <= most else { continue }
                source = source ?? Int(seen.first)
                for word in start..<(start + length) { covered[word] = true }
            }
            let share = Double(covered.count { $0 }) / Double(passages.wordCount)
            guard let source, share >= rules[.passageShare] else { continue }
            let percent = Int((100 * share).rounded())
            book.add(
                .leakedPassages, examples[row].place,
                "\(percent) % shared with training line \(examples[source].line): \(examples[row].request)")
        }
    }

    /// Hashes of every run of words in a row's request and answer.
    private struct Passages: Sendable {
        var runs: [UInt64] = []
        var wordCount = 0

        init(of example: Example, length: Int) {
            let key = TextKey.normalised(example.request) + [0x20] + TextKey.normalised(example.completion)
            let words = key.split { !($0 >= 0x80 || $0 &- UInt8(ascii: "a") < 26 || $0 &- UInt8(ascii: "0") < 10) }.map
            { TextKey.hash($0) }
            wordCount = words.count
            guard length > 0, words.count >= length else { return }
            for start in 0...(words.count - length) {
                var run: UInt64 = 0
                for word in words[start..<(start + length)] {
                    run = (run ^ word) &* 0x9E37_79B9_7F4A_7C15 ^ (run >> 29)
                }
                runs.append(run)
            }
        }
    }
}
