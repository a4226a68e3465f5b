extension JSONValue {
    package enum Style: Sendable, Hashable {
        /// No spaces.
        case compact
        /// One member per line, indented by two spaces.
        case pretty
        /// `json.dumps` with `ensure_ascii=False`: `, ` and `: ` on one line; what most chat templates expect.
        case pythonStyle
        /// Compact with members sorted by key, so that equal values have equal bytes.
        case canonical
    }

    /// Characters beyond ASCII are written as themselves; numbers as they were read.
    package func text(_ style: Style = .compact) -> String {
        String(decoding: utf8(style), as: UTF8.self)
    }

    package func utf8(_ style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(self, indent: 0)
        return writer.bytes
    }
}

private struct JSONWriter {
    let style: JSONValue.Style
    var bytes: [UInt8] = []

    init(style: JSONValue.Style) { self.style = style }

    mutating func write(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            write(elements, between: ("[", "]"), indent: indent) { writer, element in
                writer.write(element, indent: indent + 1)
            }
        case .object(let object):
            let members = style == .canonical ? object.members.sorted { $0.key < $1.key } : object.members
            write(members, between: ("{", "}"), indent: indent) { writer, member in
                writer.write(member.key)
                writer.bytes.append(contentsOf: writer.colon.utf8)
                writer.write(member.value, indent: indent + 1)
            }
        }
    }

    private var colon: String { style == .pretty || style == .pythonStyle ? ": " : ":" }

    private mutating func write<Element>(
        _ elements: [Element], between brackets: (Unicode.Scalar, Unicode.Scalar), indent: Int,
        _ writeElement: (inout JSONWriter, Element) -> Void
    ) {
        bytes.append(UInt8(ascii: brackets.0))
        for (place, element) in elements.enumerated() {
            if place > 0 { bytes.append(contentsOf: (style == .pythonStyle ? ", " : ",").utf8) }
            breakLine(indent: indent + 1)
            writeElement(&self, element)
        }
        if !elements.isEmpty { breakLine(indent: indent) }
        bytes.append(UInt8(ascii: brackets.1))
    }

    private mutating func breakLine(indent: Int) {
        guard style == .pretty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * indent))
    }

    private mutating func write(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22: bytes.append(contentsOf: #"\""#.utf8)
            case 0x5C: bytes.append(contentsOf: #"\\"#.utf8)
            case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
            case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case ..<0x20:
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: (#"\u00"# + (digits.utf8.count == 1 ? "0" : "") + digits).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
