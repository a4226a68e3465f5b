/// Data files read into one form. Every row read is either kept or dropped with its reason.
package struct Dataset: Sendable {
    package var files: [SourceFile]
    package var examples: [Example]
    package var dropped: [DroppedRow]
    private var stored: StoredRows?

    package init(files: [SourceFile], examples: [Example], dropped: [DroppedRow]) {
        self.files = files
        self.examples = examples
        self.dropped = dropped
    }

    /// All usable rows, wherever they are kept; `examples` holds none of those that stay in their files.
    package var rows: ExampleRows { stored.map(ExampleRows.init) ?? ExampleRows(examples) }

    package var kept: Int { stored?.count ?? examples.count }
    package var read: Int { kept + dropped.count }

    mutating func keepOnDisk(_ files: [RowParser]) { stored = StoredRows(files) }

    /// Rows that were not looked at to stay within a limit of memory; all others are kept or dropped.
    package var leftOut: Int {
        files.lazy.flatMap(\.notes).reduce(0) { count, note in
            guard case .sampled(let rows) = note else { return count }
            return count + rows
        }
    }

    /// Rows of each shape, most frequent first.
    package var shapes: [(shape: RowShape, count: Int)] {
        var counts: [RowShape: Int] = [:]
        for example in rows { counts[example.shape, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map { ($0.key, $0.value) }
    }

    /// `file:line` for messages.
    package func describe(_ place: RowPlace) -> String {
        let name = files.indices.contains(place.file) ? files[place.file].path : "?"
        return "\(name):\(place.line)"
    }
}

/// One file of a dataset as it was found.
package struct SourceFile: Sendable, Hashable {
    package var path: String
    package var container: Container
    /// Size as read, after decompression.
    package var byteCount: Int
    /// What is odd about the bytes and was dealt with.
    package var notes: [Note]
    /// The part the file's name says it is, such as `train.jsonl`.
    package var part: Split.Part?

    package init(path: String, container: Container, byteCount: Int, notes: [Note] = [], part: Split.Part? = nil) {
        self.path = path
        self.container = container
        self.byteCount = byteCount
        self.notes = notes
        self.part = part
    }

    package enum Container: String, Sendable, Hashable {
        case jsonl
        case jsonArray = "json_array"
        /// Objects that span lines or share one, in a file that claims one per line.
        case jsonObjects = "concatenated_json"
        case csv, tsv
    }

    package enum Note: Sendable, Hashable {
        case byteOrderMark
        case carriageReturns(lines: Int)
        case blankLines(Int)
        case noLastLineBreak
        /// Rows were found under this key of one large object, as exports of dataset servers have it.
        case rowsUnderKey(String)
        case compressed(with: String)
        /// The `]` of the array is missing.
        case arrayNotClosed
        /// A comma before the closing bracket: strict readers refuse the file.
        case trailingComma
        /// Rows that were not looked at to stay within a limit of memory.
        case sampled(leftOut: Int)
    }
}

/// A row that cannot be used, and why.
package struct DroppedRow: Sendable, Hashable {
    package var place: RowPlace
    package var problem: RowProblem

    package init(place: RowPlace, problem: RowProblem) {
        self.place = place
        self.problem = problem
    }
}
