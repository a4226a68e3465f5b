import Foundation

/// Encoded conversations in one file: per row a count, then that many ids; a target token is stored as `-id - 1`.
///
/// Two bytes a token, read in order: training resumes at a row number without tokenizing again.
struct TokenStream {
    typealias Row = (ids: [Int32], isTarget: [Bool])

    private let words: [Int16]
    private var position = 0
    /// Rows read so far.
    private(set) var row = 0

    init(_ file: URL) throws {
        let data = try Data(contentsOf: file, options: .alwaysMapped)
        words = data.withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map {
                Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self))
            }
        }
    }

    var isAtEnd: Bool { position >= words.count }

    mutating func next() -> Row? {
        guard !isAtEnd else { return nil }
        let count = Int(words[position])
        let stored = words[position + 1..<min(position + 1 + count, words.count)]
        position += 1 + count
        row += 1
        return (stored.map { Int32($0 < 0 ? -$0 - 1 : $0) }, stored.map { $0 < 0 })
    }

    /// Up to `count` rows in an order drawn from `seed` and the row number: the same window whenever it is read.
    mutating func window(of count: Int, seed: UInt64) -> [Row] {
        var random = CorpusRandom(seed: seed &+ UInt64(row))
        var rows: [Row] = []
        while rows.count < count, let row = next() { rows.append(row) }
        return random.shuffled(rows)
    }

    mutating func skip(to wanted: Int) {
        while row < wanted, !isAtEnd {
            position += 1 + Int(words[position])
            row += 1
        }
    }

    /// A row as the file holds it; ids must be below 32,768.
    static func stored(ids: [Int32], isTarget: [Bool]) -> Data {
        let words = [Int16(ids.count)] + zip(ids, isTarget).map { Int16($1 ? -$0 - 1 : $0) }
        return words.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    static func rows(_ file: URL) throws -> [Row] {
        var stream = try TokenStream(file)
        var rows: [Row] = []
        while let row = stream.next() { rows.append(row) }
        return rows
    }
}
