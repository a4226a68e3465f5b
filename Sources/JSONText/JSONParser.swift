/// Reads one JSON text of RFC 8259, and nothing that only looks like one.
///
/// It works on raw memory because data sets of hundreds of megabytes go through it; every read is checked against `end`.
struct JSONParser {
    private let start: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private var here: UnsafePointer<UInt8>
    private var depth = 0
    private let depthLimit: Int

    init(start: UnsafePointer<UInt8>, count: Int, depthLimit: Int) {
        self.start = start
        end = start + count
        here = start
        self.depthLimit = depthLimit
    }

    mutating func parseText() throws(JSONSyntaxError) -> JSONValue {
        if count(from: here) >= 3, here[0] == 0xEF, here[1] == 0xBB, here[2] == 0xBF { throw failure(.byteOrderMark) }
        skipSpace()
        guard here < end else { throw failure(.empty) }
        let value = try parseValue()
        skipSpace()
        guard here == end else { throw failure(.textAfterValue) }
        return value
    }

    /// Reads a value that other text may follow, and says where it ended; nil when only space is left.
    mutating func parseNext() throws(JSONSyntaxError) -> (value: JSONValue, end: Int)? {
        skipSpace()
        guard here < end else { return nil }
        let value = try parseValue()
        return (value, here - start)
    }

    mutating func skip(to offset: Int) { here = start + offset }

    private func count(from place: UnsafePointer<UInt8>) -> Int { end - place }

    private mutating func skipSpace() {
        while here < end {
            switch here.pointee {
            case 0x20, 0x0A, 0x0D, 0x09: here += 1
            default: return
            }
        }
    }

    private mutating func parseValue() throws(JSONSyntaxError) -> JSONValue {
        guard here < end else { throw failure(.unexpectedEnd(in: .literal)) }
        switch here.pointee {
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try parseNumber())
        case UInt8(ascii: "t") where takes("true"): return .bool(true)
        case UInt8(ascii: "f") where takes("false"): return .bool(false)
        case UInt8(ascii: "n") where takes("null"): return .null
        default: throw unexpectedValue()
        }
    }

    private mutating func parseArray() throws(JSONSyntaxError) -> JSONValue {
        try enter()
        here += 1
        skipSpace()
        var elements: [JSONValue] = []
        if here < end, here.pointee == UInt8(ascii: "]") {
            here += 1
            depth -= 1
            return .array(elements)
        }
        while true {
            elements.append(try parseValue())
            skipSpace()
            guard here < end else { throw failure(.unexpectedEnd(in: .array)) }
            switch here.pointee {
            case UInt8(ascii: ","):
                here += 1
                skipSpace()
                guard here < end else { throw failure(.unexpectedEnd(in: .array)) }
                if here.pointee == UInt8(ascii: "]") { throw failure(.trailingComma) }
            case UInt8(ascii: "]"):
                here += 1
                depth -= 1
                return .array(elements)
            default: throw failure(.unexpected(scalarHere(), wanted: .commaOrBracket))
            }
        }
    }

    private mutating func parseObject() throws(JSONSyntaxError) -> JSONValue {
        try enter()
        here += 1
        skipSpace()
        var object = JSONObject()
        if here < end, here.pointee == UInt8(ascii: "}") {
            here += 1
            depth -= 1
            return .object(object)
        }
        while true {
            guard here < end else { throw failure(.unexpectedEnd(in: .object)) }
            guard here.pointee == UInt8(ascii: "\"") else { throw unexpectedKey() }
            let key = try parseString()
            skipSpace()
            guard here < end else { throw failure(.unexpectedEnd(in: .object)) }
            guard here.pointee == UInt8(ascii: ":") else {
                throw failure(.unexpected(scalarHere(), wanted: .colon))
            }
            here += 1
            skipSpace()
            guard here < end else { throw failure(.unexpectedEnd(in: .object)) }
            object.append(key: key, value: try parseValue())
            skipSpace()
            guard here < end else { throw failure(.unexpectedEnd(in: .object)) }
            switch here.pointee {
            case UInt8(ascii: ","):
                here += 1
                skipSpace()
                if here < end, here.pointee == UInt8(ascii: "}") { throw failure(.trailingComma) }
            case UInt8(ascii: "}"):
                here += 1
                depth -= 1
                return .object(object)
            default: throw failure(.unexpected(scalarHere(), wanted: .commaOrBrace))
            }
        }
    }

    private mutating func enter() throws(JSONSyntaxError) {
        depth += 1
        guard depth <= depthLimit else { throw failure(.tooDeep(limit: depthLimit)) }
    }

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONNumber {
        let first = here
        if here.pointee == UInt8(ascii: "-") { here += 1 }
        guard here < end else { throw failure(.unexpectedEnd(in: .number)) }
        if here.pointee == UInt8(ascii: "0") {
            here += 1
            if here < end, isDigit(here.pointee) {
                here -= 1
                throw failure(.leadingZero)
            }
        } else {
            try parseDigits(after: first)
        }
        if here < end, here.pointee == UInt8(ascii: ".") {
            here += 1
            try parseDigits(after: nil)
        }
        if here < end, here.pointee | 0x20 == UInt8(ascii: "e") {
            here += 1
            if here < end, here.pointee == UInt8(ascii: "+") || here.pointee == UInt8(ascii: "-") { here += 1 }
            try parseDigits(after: nil)
        }
        return JSONNumber(
            checked: String(decoding: UnsafeBufferPointer(start: first, count: here - first), as: UTF8.self))
    }

    /// At least one digit. After a bare minus sign the letters of `-Infinity` get their own message.
    private mutating func parseDigits(after sign: UnsafePointer<UInt8>?) throws(JSONSyntaxError) {
        guard here < end else { throw failure(.unexpectedEnd(in: .number)) }
        guard isDigit(here.pointee) else {
            if let sign, let word = foreignWord() {
                here = sign
                throw failure(.foreignLiteral("-" + word))
            }
            throw failure(.unexpected(scalarHere(), wanted: .digit))
        }
        while here < end, isDigit(here.pointee) { here += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func takes(_ word: StaticString) -> Bool {
        guard count(from: here) >= word.utf8CodeUnitCount else { return false }
        for place in 0..<word.utf8CodeUnitCount where here[place] != word.utf8Start[place] { return false }
        here += word.utf8CodeUnitCount
        return true
    }
}

// MARK: - Strings

extension JSONParser {
    /// Where the plain part of a string ends: at a quote, a backslash, a control character, or the end of the text.
    ///
    /// Eight bytes at a time: a byte below 0x20, equal to `"` or equal to `\` sets its top bit in one of three sums. A
    /// byte beyond such a byte may be marked wrongly, never one before it, so the lowest mark is always right.
    private func plainEnd(from place: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var place = place
        while count(from: place) >= 8 {
            let word = UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let marks =
                (((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash))
                & tops
            if marks != 0 { return place + marks.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < end, place.pointee != 0x22, place.pointee != 0x5C, place.pointee >= 0x20 { place += 1 }
        return place
    }

    fileprivate mutating func parseString() throws(JSONSyntaxError) -> String {
        here += 1
        let first = here
        here = plainEnd(from: here)
        guard here < end else { throw failure(.unexpectedEnd(in: .string)) }
        if here.pointee == UInt8(ascii: "\"") {
            let bytes = UnsafeBufferPointer(start: first, count: here - first)
            guard let text = String(validating: bytes, as: UTF8.self) else { throw notUTF8(in: bytes) }
            here += 1
            return text
        }
        return try parseEscapedString(from: first)
    }

    /// `here` is at the first byte that is not plain.
    private mutating func parseEscapedString(from first: UnsafePointer<UInt8>) throws(JSONSyntaxError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((here - first) + 64)
        var plain = first
        while true {
            bytes.append(contentsOf: UnsafeBufferPointer(start: plain, count: here - plain))
            guard here < end else { throw failure(.unexpectedEnd(in: .string)) }
            switch here.pointee {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw notUTF8(in: UnsafeBufferPointer(start: first, count: here - first))
                }
                here += 1
                return text
            case UInt8(ascii: "\\"): try parseEscape(into: &bytes)
            default: throw failure(.controlCharacter(here.pointee))
            }
            plain = here
            here = plainEnd(from: here)
        }
    }

    private mutating func parseEscape(into bytes: inout [UInt8]) throws(JSONSyntaxError) {
        guard count(from: here) >= 2 else {
            here = end
            throw failure(.unexpectedEnd(in: .string))
        }
        switch here[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(here[1])
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            bytes.append(contentsOf: String(try parseUnicodeEscape()).utf8)
            return
        default:
            here += 1
            throw failure(.unknownEscape(scalarHere()))
        }
        here += 2
    }

    private mutating func parseUnicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = here
        let unit = try parseCodeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, count(from: here) >= 2, here[0] == UInt8(ascii: "\\"), here[1] == UInt8(ascii: "u") else {
            here = first
            throw failure(.loneSurrogate)
        }
        let second = try parseCodeUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
        else {
            here = first
            throw failure(.loneSurrogate)
        }
        return scalar
    }

    /// The four digits after `\u`.
    private mutating func parseCodeUnit() throws(JSONSyntaxError) -> UInt32 {
        guard count(from: here) >= 6 else { throw failure(.badUnicodeEscape) }
        var unit: UInt32 = 0
        for place in 2..<6 {
            switch here[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(here[place] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(here[place] - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(here[place] - UInt8(ascii: "A") + 10)
            default: throw failure(.badUnicodeEscape)
            }
        }
        here += 6
        return unit
    }
}

// MARK: - Failures

extension JSONParser {
    private func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        let before = UnsafeBufferPointer(start: start, count: here - start)
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let line = 1 + before.count { $0 == 0x0A }
        let column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
        return JSONSyntaxError(reason: reason, line: line, column: column, byteOffset: here - start)
    }

    /// Moves to the first byte that is no UTF-8.
    private mutating func notUTF8(in bytes: UnsafeBufferPointer<UInt8>) -> JSONSyntaxError {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var good = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { good += UTF8.width(scalar) }
        here = (bytes.baseAddress ?? here) + good
        return failure(.notUTF8)
    }

    private func scalarHere() -> Unicode.Scalar {
        var decoder = UTF8()
        var iterator = UnsafeBufferPointer(start: here, count: min(4, count(from: here))).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return "\u{FFFD}" }
        return scalar
    }

    private func foreignWord() -> String? {
        var last = here
        while last < end, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(last.pointee | 0x20) { last += 1 }
        let word = String(decoding: UnsafeBufferPointer(start: here, count: last - here), as: UTF8.self)
        let known: Set = ["None", "True", "False", "NaN", "nan", "Infinity", "inf", "undefined"]
        return known.contains(word) ? word : nil
    }

    private func unexpectedValue() -> JSONSyntaxError {
        if here.pointee == UInt8(ascii: "'") { return failure(.singleQuotes) }
        if let word = foreignWord() { return failure(.foreignLiteral(word)) }
        return failure(.unexpected(scalarHere(), wanted: .value))
    }

    private func unexpectedKey() -> JSONSyntaxError {
        here.pointee == UInt8(ascii: "'")
            ? failure(.singleQuotes) : failure(.unexpected(scalarHere(), wanted: .key))
    }
}
