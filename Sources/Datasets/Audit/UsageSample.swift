import Glibc
import JSONText

/// Requests as they come in production, to be compared with the training rows. Answers are not needed.
package struct UsageSample: Sendable, Hashable {
    package struct Request: Sendable, Hashable {
        package var line: Int
        package var text: String
    }

    package let requests: [Request]

    /// Reads JSONL (rows of any known shape, with or without answers), CSV with a header, or one request per line.
    package init(path: String) throws(DatasetError) {
        let file = try FileBytes(path: path)
        let name = path.lowercased()
        let isTable = [".csv", ".tsv"].contains { name.contains($0) }
        requests = file.withBytes { bytes in
            let found =
                isTable
                ? FoundRows(tableIn: bytes, from: file.start, delimiter: name.contains(".tsv") ? 0x09 : nil)
                : FoundRows(jsonIn: bytes, from: file.start)
            guard let found else { return Self.lines(bytes, from: file.start) }
            return found.rows.indices.compactMap { place in
                guard let row = (try? found.value(at: place, in: bytes))?.objectValue,
                    let text = Self.request(in: row)
                else { return nil }
                return Request(line: found.rows[place].line, text: text)
            }
        }
        if requests.isEmpty { throw .empty(paths: [path]) }
    }

    private static func lines(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> [Request] {
        RowScanner(bytes, from: start).lines().rows.map { row in
            Request(line: row.line, text: String(decoding: bytes[row.start..<row.end], as: UTF8.self))
        }
    }

    /// The last thing a user says in the row.
    private static func request(in row: JSONObject) -> String? {
        for key in ["messages"] + RowReading.conversationKeys + RowReading.promptKeys {
            guard let list = row[key]?.arrayValue ?? row[key]?.nestedJSON?.arrayValue else { continue }
            let messages = list.compactMap { try? MessageReading.messages([$0]).first }
            if let text = messages.last(where: { $0.role == .user })?.content { return text }
        }
        let instruction = ["instruction", "input"].compactMap { row[$0]?.stringValue }.filter { !$0.isEmpty }
        if row["instruction"] != nil, !instruction.isEmpty { return instruction.joined(separator: "\n") }
        return (RowReading.promptKeys + RowReading.textKeys + ["request", "message"]).lazy
            .compactMap { row[$0]?.stringValue }.first
    }
}

/// How a usage sample differs from the training requests.
package struct UsageComparison: Sendable, Hashable {
    /// Jensen-Shannon divergence of word use in bits: 0 where words are used alike, 1 where no word is shared.
    package let divergence: Double
    /// The same between two halves of the training rows: what chance alone does.
    package let expectedDivergence: Double
    package let medianWords: Int
    package let medianTrainingWords: Int
    /// Requests most of whose words no training request has.
    package let unlike: [UsageSample.Request]
    package let count: Int

    init(_ sample: UsageSample, _ examples: ExampleRows, rules: AuditRules, threads: Int) {
        // Words are counted piece by piece: kept for all rows they would need more memory than the file.
        var training = WordUse([])
        var lengths: [Int] = []
        lengths.reserveCapacity(examples.count)
        let pieces = ranges(of: examples.count, size: 1024)
        for wave in ranges(of: pieces.count, size: 4 * max(1, threads)) {
            let parts = inParallel(pieces: wave.count, threads: threads) { piece in
                let words = pieces[wave.lowerBound + piece].map { Self.words(of: examples[$0]) }
                return (WordUse(words), words.map(\.count))
            }
            for (use, counts) in parts {
                training.join(use)
                lengths += counts
            }
        }
        let usage = sample.requests.map { Self.words(of: $0.text) }
        count = usage.count
        unlike = zip(sample.requests, usage).filter { _, words in
            let unknown = words.count { !training.holds($0) }
            return !words.isEmpty && Double(unknown) >= rules[.usageUnknownWords] * Double(words.count)
        }.map(\.0)
        medianWords = Self.median(usage.map(\.count))
        medianTrainingWords = Self.median(lengths)
        // As many training requests on each side as there are usage requests: small samples differ by chance.
        let order = examples.indices.sorted { (TextKey.mixed(UInt64($0)), $0) < (TextKey.mixed(UInt64($1)), $1) }
        let half = min(usage.count, examples.count / 2)
        let first = WordUse(order.prefix(half).lazy.map { Self.words(of: examples[$0]) })
        let second = WordUse(order.dropFirst(half).prefix(half).lazy.map { Self.words(of: examples[$0]) })
        divergence = WordUse(usage).divergence(from: training)
        expectedDivergence = first.divergence(from: second)
    }

    private static func words(of example: Example) -> [UInt64] {
        words(of: example.request.isEmpty ? example.completion : example.request)
    }

    private static func words(of text: String) -> [UInt64] {
        TextKey.normalised(text).split { byte in
            !(byte >= 0x80 || byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10)
        }.map { TextKey.hash($0) }
    }

    private static func median(_ values: [Int]) -> Int { values.isEmpty ? 0 : values.sorted()[values.count / 2] }

    func report(rules: AuditRules, into book: inout EvidenceBook) {
        let isElsewhere = divergence - expectedDivergence >= rules[.usageDivergence]
        guard !unlike.isEmpty || isElsewhere else { return }
        for request in unlike {
            book.add(.usageDiffers, RowPlace(file: -1, line: request.line, byteOffset: 0), "usage: \(request.text)")
        }
        if unlike.isEmpty { book[.usageDiffers].add(rows: count) }
        book[.usageDiffers].outOf = count
        book[.usageDiffers].detail =
            "word use differs by \(Self.bits(divergence)), by chance \(Self.bits(expectedDivergence)); "
            + "requests have \(medianWords) words, training requests \(medianTrainingWords)"
    }

    private static func bits(_ value: Double) -> String { "\((value * 100).rounded() / 100) bits" }
}

/// How often each word is used.
private struct WordUse: Sendable {
    private var counts: [UInt64: Int] = [:]
    private var total = 0

    init(_ texts: some Sequence<[UInt64]>) {
        for words in texts {
            for word in words { counts[word, default: 0] += 1 }
            total += words.count
        }
    }

    mutating func join(_ other: WordUse) {
        counts.merge(other.counts, uniquingKeysWith: +)
        total += other.total
    }

    func holds(_ word: UInt64) -> Bool { counts[word] != nil }

    func divergence(from other: WordUse) -> Double {
        guard total > 0, other.total > 0 else { return 0 }
        var bits = 0.0
        func add(_ one: Double, _ two: Double) {
            if one > 0 { bits += 0.5 * one * Glibc.log2(2 * one / (one + two)) }
        }
        // In a fixed order: sums of fractions depend on it.
        for word in Set(counts.keys).union(other.counts.keys).sorted() {
            let here = Double(counts[word, default: 0]) / Double(total)
            let there = Double(other.counts[word, default: 0]) / Double(other.total)
            add(here, there)
            add(there, here)
        }
        return min(1, max(0, bits))
    }
}
