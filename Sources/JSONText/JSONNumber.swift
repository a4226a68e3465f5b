/// A number as it was written.
///
/// Kept as text because JSON numbers have no size: `1e30` in a config and a 20-digit id in a data row must survive a
/// round trip. Two numbers are equal when they are written alike; `1` and `1.0` differ, as they do for a model.
package struct JSONNumber: Sendable, Hashable {
    package let text: String

    /// The caller has checked that `text` follows the number grammar.
    init(checked text: String) { self.text = text }

    package init(_ value: some BinaryInteger) { text = String(value) }

    /// The shortest text that reads back as `value`; nil for infinities and NaN, which JSON cannot spell.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    /// Nil unless `text` is exactly one number of RFC 8259.
    package init?(text: String) {
        guard case .number(let number)? = try? JSONValue.parse(text), number.text == text else { return nil }
        self = number
    }

    /// True when neither a fraction nor an exponent is written.
    package var isInteger: Bool { !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") } }

    /// The value as a whole number, also from `1e3` and `2.0`; nil with a fraction or beyond 64 bits.
    package var intValue: Int? {
        if let value = Int(text) { return value }
        guard !isInteger, let value = doubleValue else { return nil }
        return Int(exactly: value)
    }

    /// The nearest double; nil where only an infinity is near.
    package var doubleValue: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}

extension JSONValue {
    /// Whether a number stands anywhere in it that no double is near.
    package var holdsUnboundedNumber: Bool {
        switch self {
        case .number(let number): (!number.isInteger || number.text.utf8.count > 300) && number.doubleValue == nil
        case .array(let values): values.contains(where: \.holdsUnboundedNumber)
        case .object(let object): object.members.contains(where: \.value.holdsUnboundedNumber)
        case .null, .bool, .string: false
        }
    }
}
