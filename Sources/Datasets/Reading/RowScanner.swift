import Glibc

/// Finds where rows begin and end without parsing them, so that parsing can go on in parallel and one broken row stays one
/// broken row.
struct RowScanner {
    typealias Row = FoundRows.Row

    private let bytes: UnsafeBufferPointer<UInt8>
    private let first: Int
    /// Told, row by row, up to which byte the scan has come.
    private let passed: (Int) -> Void

    /// Rows are looked for from byte `first`, which is on line 1.
    init(_ bytes: UnsafeBufferPointer<UInt8>, from first: Int, passed: @escaping (Int) -> Void = { _ in }) {
        self.bytes = bytes
        self.first = first
        self.passed = passed
    }

    /// One row per line; blank lines are counted and skipped.
    func lines() -> (rows: [Row], blank: Int, carriageReturns: Int) {
        var rows: [Row] = []
        var blank = 0
        var carriageReturns = 0
        var line = 0
        var start = first
        while start < bytes.count {
            line += 1
            let end = endOfLine(from: start)
            if end > start, bytes[end - 1] == 0x0D { carriageReturns += 1 }
            if isSpace(start..<end) {
                blank += 1
            } else {
                rows.append(Row(start: start, end: end, line: line))
            }
            start = end + 1
            passed(end)
        }
        return (rows, blank, carriageReturns)
    }

    /// Values that follow one another, whatever the lines are.
    func values() -> [Row] {
        var rows: [Row] = []
        var cursor = Cursor(offset: first, line: 1)
        while skipSpace(&cursor), cursor.offset < bytes.count {
            let start = cursor
            skipValue(&cursor, inArray: false)
            rows.append(Row(start: start.offset, end: cursor.offset, line: start.line))
            passed(cursor.offset)
        }
        return rows
    }

    /// The elements of the array whose `[` is at `offset`.
    func elements(ofArrayAt offset: Int) -> (rows: [Row], notes: [SourceFile.Note]) {
        var cursor = Cursor(offset: first, line: 1)
        advance(&cursor, to: offset + 1)
        var rows: [Row] = []
        var notes: [SourceFile.Note] = []
        var afterComma = false
        while true {
            _ = skipSpace(&cursor)
            guard cursor.offset < bytes.count else {
                notes.append(.arrayNotClosed)
                return (rows, notes)
            }
            switch bytes[cursor.offset] {
            case UInt8(ascii: "]"):
                if afterComma { notes.append(.trailingComma) }
                return (rows, notes)
            case UInt8(ascii: ","):
                cursor.offset += 1
                afterComma = true
            default:
                let start = cursor
                skipValue(&cursor, inArray: true)
                rows.append(Row(start: start.offset, end: cursor.offset, line: start.line))
                afterComma = false
                passed(cursor.offset)
            }
        }
    }

    /// The offset of the `[` that is the value of `key` directly inside the object at `offset`.
    func array(under key: String, ofObjectAt offset: Int) -> Int? {
        var cursor = Cursor(offset: offset + 1, line: 1)
        while skipSpace(&cursor), cursor.offset < bytes.count, bytes[cursor.offset] == UInt8(ascii: "\"") {
            let start = cursor.offset
            skipString(&cursor)
            let name = bytes[(start + 1)..<max(start + 1, cursor.offset - 1)]
            _ = skipSpace(&cursor)
            guard cursor.offset < bytes.count, bytes[cursor.offset] == UInt8(ascii: ":") else { return nil }
            cursor.offset += 1
            _ = skipSpace(&cursor)
            guard cursor.offset < bytes.count else { return nil }
            if name.elementsEqual(key.utf8) { return bytes[cursor.offset] == UInt8(ascii: "[") ? cursor.offset : nil }
            skipValue(&cursor, inArray: true)
            _ = skipSpace(&cursor)
            guard cursor.offset < bytes.count, bytes[cursor.offset] == UInt8(ascii: ",") else { return nil }
            cursor.offset += 1
        }
        return nil
    }
}

extension RowScanner {
    private struct Cursor {
        var offset: Int
        var line: Int
    }

    private func endOfLine(from start: Int) -> Int {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, 0x0A, bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private func isSpace(_ range: Range<Int>) -> Bool {
        bytes[range].allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
    }

    private func advance(_ cursor: inout Cursor, to offset: Int) {
        cursor.line += bytes[cursor.offset..<min(offset, bytes.count)].count { $0 == 0x0A }
        cursor.offset = offset
    }

    private func skipSpace(_ cursor: inout Cursor) -> Bool {
        while cursor.offset < bytes.count {
            switch bytes[cursor.offset] {
            case 0x0A:
                cursor.line += 1
                cursor.offset += 1
            case 0x20, 0x0D, 0x09: cursor.offset += 1
            default: return true
            }
        }
        return false
    }

    /// To the byte after a value, at least one byte on. Brackets are counted outside strings only.
    private func skipValue(_ cursor: inout Cursor, inArray: Bool) {
        let start = cursor.offset
        var depth = 0
        while cursor.offset < bytes.count {
            switch bytes[cursor.offset] {
            case UInt8(ascii: "\""):
                skipString(&cursor)
                if depth == 0 { return }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                // Text before an object is a broken row of its own; the object may be sound.
                if depth == 0, !inArray, cursor.offset > start, !isBreak(bytes[cursor.offset - 1]) { return }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0, inArray, cursor.offset > start { return }
                depth -= 1
                if depth <= 0 {
                    cursor.offset += 1
                    return
                }
            case UInt8(ascii: ",") where depth == 0 && inArray && cursor.offset > start: return
            case 0x0A:
                if depth == 0 { return }
                cursor.line += 1
            default: break
            }
            cursor.offset += 1
        }
    }

    private func isBreak(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: "\""): true
        default: false
        }
    }

    /// To the byte after the closing quote. A raw line break ends a string: JSON allows none, and a forgotten quote must
    /// not swallow the rest of the file.
    private func skipString(_ cursor: inout Cursor) {
        cursor.offset += 1
        while cursor.offset < bytes.count {
            switch bytes[cursor.offset] {
            case UInt8(ascii: "\""):
                cursor.offset += 1
                return
            case UInt8(ascii: "\\"): cursor.offset += 2
            case 0x0A: return
            default: cursor.offset += 1
            }
        }
        cursor.offset = bytes.count
    }
}
