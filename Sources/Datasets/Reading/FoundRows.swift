import JSONText

/// The rows of a file before they are parsed, and how the file holds them together.
struct FoundRows: Sendable {
    struct Row: Sendable {
        let start: Int
        private let length: UInt32
        private let lineNumber: UInt32

        init(start: Int, end: Int, line: Int) {
            self.start = start
            length = UInt32(clamping: end - start)
            lineNumber = UInt32(clamping: line)
        }

        var end: Int { start + Int(length) }
        var line: Int { Int(lineNumber) }
    }

    var container: SourceFile.Container
    var rows: [Row]
    var notes: [SourceFile.Note] = []
    /// How a table's rows are cut into cells; nil for JSON.
    private var table: CSVRows.Header?

    /// Leaves out rows whose bytes, as a random number, say so: equal rows stay or go together.
    mutating func keep(share: Double, of bytes: UnsafeBufferPointer<UInt8>) {
        let limit = UInt64(share * 0x1p63) << 1
        let kept = rows.indices.filter { place in
            let row = rows[place]
            return TextKey.hash(UnsafeBufferPointer(rebasing: bytes[row.start..<row.end]), seed: 9) < limit
        }
        notes.append(.sampled(leftOut: rows.count - kept.count))
        keep(kept)
    }

    /// Only these of `rows`, in this order.
    mutating func keep(_ places: [Int]) { rows = places.map { rows[$0] } }

    /// The value of one of `rows`; errors carry the place in the file.
    func value(at place: Int, in bytes: UnsafeBufferPointer<UInt8>) throws(RowProblem) -> JSONValue {
        let row = rows[place]
        if let table { return try table.value(ofRowAt: row.start, in: bytes) }
        do throws(JSONSyntaxError) {
            return try JSONValue.parse(utf8: UnsafeBufferPointer(rebasing: bytes[row.start..<row.end]))
        } catch {
            var error = error
            error.line += row.line - 1
            error.byteOffset += row.start
            throw .notJSON(error)
        }
    }

    /// Nil when there is no header.
    init?(
        tableIn bytes: UnsafeBufferPointer<UInt8>, from start: Int, delimiter: UInt8?,
        passed: (Int) -> Void = { _ in }
    ) {
        guard let found = CSVRows(bytes, from: start, delimiter: delimiter) else {
            self.init(container: .csv, rows: [])
            return
        }
        self.init(
            container: delimiter == 0x09 ? .tsv : .csv,
            rows: found.places(passed))
        table = found.header
    }

    /// Nil when the first byte begins neither an object nor an array.
    init?(
        jsonIn bytes: UnsafeBufferPointer<UInt8>, from start: Int, passed: @escaping (Int) -> Void = { _ in }
    ) {
        let scanner = RowScanner(bytes, from: start, passed: passed)
        guard let first = bytes[start...].firstIndex(where: { $0 > 0x20 }) else {
            self.init(container: .jsonl, rows: [])
            return
        }
        switch bytes[first] {
        case UInt8(ascii: "["):
            let found = scanner.elements(ofArrayAt: first)
            self.init(container: .jsonArray, rows: found.rows, notes: found.notes)
        case UInt8(ascii: "{"): self.init(objectsIn: bytes, from: start, firstObject: first, scanner: scanner)
        default: return nil
        }
    }

    private init(container: SourceFile.Container, rows: [Row], notes: [SourceFile.Note] = []) {
        self.container = container
        self.rows = rows
        self.notes = notes
    }

    /// One object per line, unless the first line is no object by itself and what follows shows objects over several lines.
    private init(objectsIn bytes: UnsafeBufferPointer<UInt8>, from start: Int, firstObject: Int, scanner: RowScanner) {
        let lines = scanner.lines()
        let asLines = FoundRows(container: .jsonl, rows: lines.rows)
        let asValues =
            asLines.firstRowsParse(in: bytes)
            ? nil : FoundRows(container: .jsonObjects, rows: scanner.values())
        if let asValues, asValues.rows.count == 1,
            let rows = Self.exportedRows(in: bytes, objectAt: firstObject, scanner: scanner)
        {
            self = rows
        } else if let asValues, asValues.goodRows(in: bytes) > asLines.goodRows(in: bytes) {
            self = asValues
        } else if lines.rows.count == 1,
            let rows = Self.exportedRows(in: bytes, objectAt: firstObject, scanner: scanner)
        {
            self = rows
        } else {
            self = asLines
            if lines.blank > 0 { notes.append(.blankLines(lines.blank)) }
        }
        if lines.carriageReturns > 0 { notes.append(.carriageReturns(lines: lines.carriageReturns)) }
        if container == .jsonl, bytes.last != 0x0A { notes.append(.noLastLineBreak) }
    }

    /// One object around all rows, as exports of dataset servers have it.
    private static func exportedRows(
        in bytes: UnsafeBufferPointer<UInt8>, objectAt offset: Int, scanner: RowScanner
    ) -> FoundRows? {
        guard let next = try? JSONValue.parseNext(utf8: bytes, from: offset), let object = next.value.objectValue,
            RowShape(of: object) == nil
        else { return nil }
        for key in ["rows", "data", "examples", "train", "items", "records"] {
            guard object[key]?[0]?.objectValue != nil, let array = scanner.array(under: key, ofObjectAt: offset) else {
                continue
            }
            let found = scanner.elements(ofArrayAt: array)
            return FoundRows(
                container: .jsonArray, rows: found.rows, notes: [.rowsUnderKey(key)] + found.notes)
        }
        return nil
    }

    private func firstRowsParse(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let first = rows.indices.prefix(20)
        return first.count { (try? value(at: $0, in: bytes))?.objectValue != nil } * 2 > first.count
    }

    private func goodRows(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        rows.indices.prefix(1000).count { (try? value(at: $0, in: bytes))?.objectValue != nil }
    }
}
