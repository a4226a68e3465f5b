import JSONText

/// Comma- or tab-separated rows with a header, as RFC 4180 has them.
///
/// Own code because rows need their line and byte offset, a broken quote must cost one row and not the file, and U+2028
/// inside a cell is no line break.
struct CSVRows {
    /// Cells and where they stand; `rows` leaves out the header.
    struct Row {
        var cells: [String]
        var start: Int
        /// Without the line break.
        var end: Int
        var line: Int
        /// A quote that no later quote closes.
        var isBroken = false
    }

    /// What is needed to read one row by itself.
    struct Header: Sendable {
        let names: [String]
        fileprivate let delimiter: UInt8

        /// The row as an object, so that one set of rules finds the shape of every format.
        func value(ofRowAt start: Int, in bytes: UnsafeBufferPointer<UInt8>) throws(RowProblem) -> JSONValue {
            var cursor = (offset: start, line: 1)
            let row = CSVRows.nextRow(bytes, delimiter, &cursor)
            guard let row, !row.isBroken, row.cells.count == names.count else {
                throw .fieldCount(found: row?.cells.count ?? 0, wanted: names.count)
            }
            return .object(JSONObject(zip(names, row.cells.map(JSONValue.string))))
        }
    }

    let header: Header
    private let bytes: UnsafeBufferPointer<UInt8>
    private let firstRow: (offset: Int, line: Int)

    /// Nil when there is not even a header.
    init?(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, delimiter: UInt8?) {
        self.bytes = bytes
        let delimiter = delimiter ?? Self.likelyDelimiter(bytes, from: start)
        var cursor = (offset: start, line: 1)
        guard let row = Self.nextRow(bytes, delimiter, &cursor) else { return nil }
        let names = row.cells.map { cell in
            let trimmed = cell.drop { $0.isWhitespace }
            return String(
                trimmed.prefix(
                    upTo: trimmed.lastIndex { !$0.isWhitespace }.map(trimmed.index(after:)) ?? trimmed.startIndex))
        }
        header = Header(names: names, delimiter: delimiter)
        firstRow = cursor
    }

    func rows() -> [Row] {
        var rows: [Row] = []
        each { rows.append($0) }
        return rows
    }

    /// Where the rows stand. Their cells are read when they are asked for: all of them at once would need many times
    /// the file.
    func places(_ passed: (Int) -> Void) -> [FoundRows.Row] {
        var places: [FoundRows.Row] = []
        each {
            places.append(FoundRows.Row(start: $0.start, end: $0.end, line: $0.line))
            passed($0.end)
        }
        return places
    }

    private func each(_ body: (Row) -> Void) {
        var cursor = firstRow
        while let row = Self.nextRow(bytes, header.delimiter, &cursor) { body(row) }
    }

    /// The one of comma, semicolon, tab and bar that the first line has most of.
    private static func likelyDelimiter(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> UInt8 {
        let line = bytes[start...].prefix { $0 != 0x0A }
        let candidates = [",", ";", "\t", "|"].map(UInt8.init(ascii:))
        let counts = candidates.map { candidate in line.count { $0 == candidate } }
        let most = counts.max() ?? 0
        return candidates[counts.firstIndex(of: most) ?? 0]
    }

    /// Blank lines are skipped.
    private static func nextRow(
        _ bytes: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8, _ cursor: inout (offset: Int, line: Int)
    ) -> Row? {
        while cursor.offset < bytes.count, bytes[cursor.offset] == 0x0A || bytes[cursor.offset] == 0x0D {
            if bytes[cursor.offset] == 0x0A { cursor.line += 1 }
            cursor.offset += 1
        }
        guard cursor.offset < bytes.count else { return nil }
        let start = cursor
        var row = Row(cells: [], start: start.offset, end: start.offset, line: start.line)
        while true {
            guard let cell = nextCell(bytes, delimiter, &cursor) else {
                // The quote never closes: this line is the broken row, the next line is a fresh start.
                cursor = start
                while cursor.offset < bytes.count, bytes[cursor.offset] != 0x0A { cursor.offset += 1 }
                row.isBroken = true
                break
            }
            row.cells.append(cell)
            guard cursor.offset < bytes.count, bytes[cursor.offset] == delimiter else { break }
            cursor.offset += 1
        }
        row.end = cursor.offset
        if cursor.offset < bytes.count, bytes[cursor.offset] == 0x0D { cursor.offset += 1 }
        if cursor.offset < bytes.count, bytes[cursor.offset] == 0x0A {
            cursor.offset += 1
            cursor.line += 1
        }
        return row
    }

    /// Ends before the delimiter or the line break; nil when a quote stays open to the end of the file.
    private static func nextCell(
        _ bytes: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8, _ cursor: inout (offset: Int, line: Int)
    ) -> String? {
        var cell: [UInt8] = []
        if cursor.offset < bytes.count, bytes[cursor.offset] == 0x22 {
            cursor.offset += 1
            while true {
                guard cursor.offset < bytes.count else { return nil }
                let byte = bytes[cursor.offset]
                cursor.offset += 1
                if byte == 0x22 {
                    guard cursor.offset < bytes.count, bytes[cursor.offset] == 0x22 else { break }
                    cursor.offset += 1
                } else if byte == 0x0A {
                    cursor.line += 1
                }
                cell.append(byte)
            }
        }
        while cursor.offset < bytes.count {
            let byte = bytes[cursor.offset]
            if byte == delimiter || byte == 0x0A { break }
            if byte == 0x0D, cursor.offset + 1 == bytes.count || bytes[cursor.offset + 1] == 0x0A { break }
            cell.append(byte)
            cursor.offset += 1
        }
        return String(decoding: cell, as: UTF8.self)
    }
}
