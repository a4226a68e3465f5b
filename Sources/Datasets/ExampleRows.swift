import Synchronization

/// The rows of a dataset as an audit walks over them: kept in memory, or read again from their files at every look.
package struct ExampleRows: RandomAccessCollection, Sendable {
    private enum Storage: Sendable {
        case memory([Example])
        case disk(StoredRows)
    }

    private let storage: Storage

    package init(_ examples: [Example]) { storage = .memory(examples) }

    init(_ rows: StoredRows) { storage = .disk(rows) }

    package var startIndex: Int { 0 }

    package var endIndex: Int {
        switch storage {
        case .memory(let examples): examples.count
        case .disk(let rows): rows.count
        }
    }

    package subscript(row: Int) -> Example {
        switch storage {
        case .memory(let examples): examples[row]
        case .disk(let rows): rows[row]
        }
    }
}

/// Rows that stay in their files. Looking at one parses it again, which costs time and no memory.
final class StoredRows: Sendable {
    private let files: [RowParser]
    /// Rows before each file, and all of them.
    private let starts: [Int]
    private let bytesLookedAt = Atomic<Int>(0)

    /// Mapped pages are given back each time so many bytes were looked at.
    static let mostBytesMapped = 1 << 24

    init(_ files: [RowParser]) {
        self.files = files
        starts = files.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.found.rows.count) }
    }

    var count: Int { starts[files.count] }

    subscript(row: Int) -> Example {
        var place = 0
        while starts[place + 1] <= row { place += 1 }
        let file = files[place]
        let found = file.found.rows[row - starts[place]]
        let before = bytesLookedAt.add(found.end - found.start, ordering: .relaxed).oldValue
        if before / Self.mostBytesMapped != (before + found.end - found.start) / Self.mostBytesMapped {
            for file in files { file.file.release(0..<file.file.count) }
        }
        let example = file.file.withBytes { file.example(at: row - starts[place], in: $0) }
        // Rows that cannot be read were left out before.
        return example
            ?? Example(
                place: RowPlace(file: file.index, line: found.line, byteOffset: found.start), shape: .text,
                body: .plainText(""))
    }
}
