/// Cuts a template into the text between tags and the tokens inside them, by Jinja's rules with `trim_blocks` and
/// `lstrip_blocks` on and `keep_trailing_newline` off, as transformers renders chat templates.
struct TemplateLexer {
    enum Token: Hashable {
        case data(String)
        case blockBegin, blockEnd, variableBegin, variableEnd
        case name(String)
        case string(String)
        case integer(String)
        case float(Double)
        case sign(String)
        case end
    }

    private let source: [UInt8]
    private var place = 0
    private var line = 1
    /// What was read last ended a line, so blanks before the next tag stand at the start of one.
    private var isLineStart = true
    private(set) var tokens: [(token: Token, line: Int)] = []

    static func tokens(of source: String) throws(ChatTemplateError) -> [(token: Token, line: Int)] {
        var lexer = TemplateLexer(source)
        try lexer.run()
        return lexer.tokens
    }

    private init(_ text: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var isAfterReturn = false
        for byte in text.utf8 {
            if byte == 0x0A && isAfterReturn { isAfterReturn = false; continue }
            isAfterReturn = byte == 0x0D
            bytes.append(isAfterReturn ? 0x0A : byte)
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        source = bytes
    }

    private mutating func run() throws(ChatTemplateError) {
        while let tag = nextTag() {
            let text = place..<tag
            let kind = source[tag + 1]
            let begun = tag + 2
            let sign = begun < source.count && (source[begun] == 0x2D || source[begun] == 0x2B) ? source[begun] : nil
            emitData(text, sign: sign, stripsBlanks: kind != UInt8(ascii: "{"))
            advance(to: begun + (sign == nil ? 0 : 1))
            switch kind {
            case UInt8(ascii: "#"): try readComment()
            case UInt8(ascii: "%"):
                if skipRawBegin() { try readRaw() } else { try readTag(isBlock: true) }
            default: try readTag(isBlock: false)
            }
        }
        emitData(place..<source.count, sign: nil, stripsBlanks: false)
        advance(to: source.count)
        tokens.append((.end, line))
    }

    /// The place of the next `{{`, `{%` or `{#`.
    private func nextTag() -> Int? {
        var at = place
        while at + 1 < source.count {
            if source[at] == UInt8(ascii: "{") {
                switch source[at + 1] {
                case UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#"): return at
                default: break
                }
            }
            at += 1
        }
        return nil
    }

    private mutating func emitData(_ range: Range<Int>, sign: UInt8?, stripsBlanks: Bool) {
        var text = range
        if sign == UInt8(ascii: "-") {
            text = text.lowerBound..<PythonString.trimmedEnd(of: source, text)
        } else if stripsBlanks && sign == nil {
            let lineStart = source[text].lastIndex(of: 0x0A).map { $0 + 1 } ?? text.lowerBound
            if lineStart > text.lowerBound || isLineStart,
                PythonString.trimmedEnd(of: source, lineStart..<text.upperBound) == lineStart
            {
                text = text.lowerBound..<lineStart
            }
        }
        if !text.isEmpty { tokens.append((.data(String(decoding: source[text], as: UTF8.self)), line)) }
    }

    /// Moves on, counting lines.
    private mutating func advance(to end: Int) {
        if end > place {
            for byte in source[place..<end] where byte == 0x0A { line += 1 }
            isLineStart = source[end - 1] == 0x0A
        }
        place = end
    }

    private func failure(_ reason: ChatTemplateError.Reason, at line: Int? = nil) -> ChatTemplateError {
        ChatTemplateError(reason: reason, line: line ?? self.line)
    }

    private mutating func readComment() throws(ChatTemplateError) {
        let begun = line
        guard let end = find("#}", from: place) else { throw failure(.unclosed("{#"), at: begun) }
        let sign = end > place ? source[end - 1] : 0
        endTag(at: end, sign: sign, isTrimmed: true)
    }

    /// Steps over `#}` or `%}` at `end`, and over the space that belongs to it.
    private mutating func endTag(at end: Int, sign: UInt8, isTrimmed: Bool) {
        var behind = end + 2
        if sign == UInt8(ascii: "-") {
            behind = PythonString.spaceEnd(in: source, from: behind)
        } else if sign != UInt8(ascii: "+"), isTrimmed, behind < source.count, source[behind] == 0x0A {
            behind += 1
        }
        advance(to: behind)
    }

    private func find(_ text: StaticString, from start: Int) -> Int? {
        var at = start
        while at + 1 < source.count {
            if source[at] == text.utf8Start[0], source[at + 1] == text.utf8Start[1] { return at }
            at += 1
        }
        return nil
    }

    // MARK: Raw

    private mutating func skipRawBegin() -> Bool {
        var at = PythonString.spaceEnd(in: source, from: place)
        guard source[at...].starts(with: "raw".utf8) else { return false }
        at = PythonString.spaceEnd(in: source, from: at + 3)
        if source[at...].starts(with: "-%}".utf8) {
            advance(to: PythonString.spaceEnd(in: source, from: at + 3))
        } else if source[at...].starts(with: "%}".utf8) {
            advance(to: at + 2)
        } else {
            return false
        }
        return true
    }

    private mutating func readRaw() throws(ChatTemplateError) {
        let begun = line
        var from = place
        while let tag = find("{%", from: from) {
            from = tag + 2
            var at = from
            let sign = at < source.count && (source[at] == 0x2D || source[at] == 0x2B) ? source[at] : nil
            if sign != nil { at += 1 }
            at = PythonString.spaceEnd(in: source, from: at)
            guard source[at...].starts(with: "endraw".utf8) else { continue }
            at = PythonString.spaceEnd(in: source, from: at + 6)
            let endSign = at < source.count && (source[at] == 0x2D || source[at] == 0x2B) ? source[at] : 0
            if endSign != 0 { at += 1 }
            guard source[at...].starts(with: "%}".utf8) else { continue }
            emitData(place..<tag, sign: sign, stripsBlanks: true)
            advance(to: at)
            endTag(at: at, sign: endSign, isTrimmed: true)
            return
        }
        throw failure(.unclosed("raw"), at: begun)
    }

    // MARK: Inside tags

    private mutating func readTag(isBlock: Bool) throws(ChatTemplateError) {
        let begun = line
        var brackets: [UInt8] = []
        tokens.append((isBlock ? .blockBegin : .variableBegin, line))
        let close: [UInt8] = Array((isBlock ? "%}" : "}}").utf8)
        while true {
            advance(to: PythonString.spaceEnd(in: source, from: place))
            guard place < source.count else { throw failure(.unclosed(isBlock ? "{%" : "{{"), at: begun) }
            if brackets.isEmpty {
                let sign = source[place]
                let isSigned = sign == UInt8(ascii: "-") || (isBlock && sign == UInt8(ascii: "+"))
                let end = place + (isSigned && source[(place + 1)...].starts(with: close) ? 1 : 0)
                if source[end...].starts(with: close) {
                    tokens.append((isBlock ? .blockEnd : .variableEnd, line))
                    endTag(at: end, sign: end > place ? sign : 0, isTrimmed: isBlock)
                    return
                }
            }
            try readToken(&brackets)
        }
    }

    private mutating func readToken(_ brackets: inout [UInt8]) throws(ChatTemplateError) {
        let byte = source[place]
        let begun = line
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            tokens.append((.string(try readString(quote: byte)), begun))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            tokens.append((try readNumber(), begun))
        case _ where Self.isNameByte(byte):
            let end = source[place...].firstIndex { !Self.isNameByte($0) } ?? source.count
            tokens.append((.name(String(decoding: source[place..<end], as: UTF8.self)), begun))
            advance(to: end)
        default:
            guard let sign = Self.signs.first(where: { source[place...].starts(with: $0.utf8) }) else {
                let scalar = source.withUnsafeBufferPointer { $0.scalar(at: place)?.value ?? 0 }
                throw failure(.unexpected("'\(Unicode.Scalar(scalar) ?? "\u{FFFD}")'", wanted: "an expression"))
            }
            try balance(sign, &brackets)
            tokens.append((.sign(sign), begun))
            advance(to: place + sign.utf8.count)
        }
    }

    private static let signs = [
        "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":",
        "|", ",", ";",
    ]

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    private func balance(_ sign: String, _ brackets: inout [UInt8]) throws(ChatTemplateError) {
        switch sign {
        case "(": brackets.append(UInt8(ascii: ")"))
        case "[": brackets.append(UInt8(ascii: "]"))
        case "{": brackets.append(UInt8(ascii: "}"))
        case ")", "]", "}":
            guard brackets.popLast() == sign.utf8.first else {
                throw failure(.unexpected("'\(sign)'", wanted: "its opening bracket"))
            }
        default: break
        }
    }

    private mutating func readNumber() throws(ChatTemplateError) -> Token {
        var end = place
        var isFloat = false
        func digits(from start: Int) -> Int {
            var at = start
            while at < source.count,
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= source[at]
                    || (source[at] == UInt8(ascii: "_") && at > start && at + 1 < source.count
                        && UInt8(ascii: "0")...UInt8(ascii: "9") ~= source[at + 1])
            {
                at += 1
            }
            return at
        }
        end = digits(from: place)
        if end < source.count, source[end] == UInt8(ascii: "."), digits(from: end + 1) > end + 1 {
            isFloat = true
            end = digits(from: end + 1)
        }
        if end < source.count, source[end] | 0x20 == UInt8(ascii: "e") {
            let signed = end + 1 < source.count && (source[end + 1] == 0x2B || source[end + 1] == 0x2D) ? end + 2 : end + 1
            if digits(from: signed) > signed {
                isFloat = true
                end = digits(from: signed)
            }
        }
        let text = String(decoding: source[place..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if !isFloat && (end < source.count && Self.isNameByte(source[end]) || (text.hasPrefix("0") && text != "0")) {
            throw failure(.unsupported("the number \(text)…"))
        }
        advance(to: end)
        guard isFloat else { return .integer(text) }
        guard let value = Double(text) else { throw failure(.unexpected(text, wanted: "a number")) }
        return .float(value)
    }
}

// MARK: - Strings

extension TemplateLexer {
    /// Reads a quoted string with Python's escapes.
    private mutating func readString(quote: UInt8) throws(ChatTemplateError) -> String {
        let begun = line
        var bytes: [UInt8] = []
        var at = place + 1
        while at < source.count {
            let byte = source[at]
            if byte == quote {
                advance(to: at + 1)
                return String(decoding: bytes, as: UTF8.self)
            }
            guard byte == UInt8(ascii: "\\"), at + 1 < source.count else {
                bytes.append(byte)
                at += 1
                continue
            }
            at = try readEscape(at: at + 1, into: &bytes)
        }
        throw failure(.unclosed(quote == UInt8(ascii: "'") ? "'" : "\""), at: begun)
    }

    /// `at` is behind the backslash; returns the place behind the escape.
    private func readEscape(at: Int, into bytes: inout [UInt8]) throws(ChatTemplateError) -> Int {
        switch source[at] {
        case 0x0A: break
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(source[at])
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "a"): bytes.append(0x07)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "v"): bytes.append(0x0B)
        case UInt8(ascii: "x"): return try readScalar(at: at + 1, digits: 2...2, radix: 16, into: &bytes)
        case UInt8(ascii: "u"): return try readScalar(at: at + 1, digits: 4...4, radix: 16, into: &bytes)
        case UInt8(ascii: "U"): return try readScalar(at: at + 1, digits: 8...8, radix: 16, into: &bytes)
        case UInt8(ascii: "N"): throw failure(.unsupported(#"the escape \N"#))
        case UInt8(ascii: "0")...UInt8(ascii: "7"): return try readScalar(at: at, digits: 1...3, radix: 8, into: &bytes)
        default: bytes += [UInt8(ascii: "\\"), source[at]]
        }
        return at + 1
    }

    private func readScalar(
        at start: Int, digits: ClosedRange<Int>, radix: UInt32, into bytes: inout [UInt8]
    ) throws(ChatTemplateError) -> Int {
        var value: UInt32 = 0
        var count = 0
        while count < digits.upperBound, start + count < source.count,
            let digit = Character(Unicode.Scalar(source[start + count])).hexDigitValue, digit < radix
        {
            value = value << (radix == 8 ? 3 : 4) | UInt32(digit)
            count += 1
        }
        guard count >= digits.lowerBound, let scalar = Unicode.Scalar(value) else {
            throw failure(.unexpected("a broken escape", wanted: "a character"))
        }
        bytes += String(Character(scalar)).utf8
        return start + count
    }
}
