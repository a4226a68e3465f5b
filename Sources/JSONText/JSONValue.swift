/// A JSON text in memory: what the file said, nothing added and nothing rounded.
///
/// Numbers keep their source text and objects keep their order, so that reading and writing a file changes only its spaces.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    package init(_ value: Bool) { self = .bool(value) }
    package init(_ value: String) { self = .string(value) }
    package init(_ value: some BinaryInteger) { self = .number(JSONNumber(value)) }
    package init(_ value: [JSONValue]) { self = .array(value) }
    package init(_ value: JSONObject) { self = .object(value) }

    /// The shortest text that reads back as `value`. JSON has no spelling for infinities and NaN: they become null.
    package init(_ value: Double) {
        self = JSONNumber(value).map(JSONValue.number) ?? .null
    }

    /// Nil is written as null.
    package init<Wrapped>(_ value: Wrapped?, _ convert: (Wrapped) -> JSONValue) {
        self = value.map(convert) ?? .null
    }
}

extension JSONValue {
    package var isNull: Bool { self == .null }

    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var numberValue: JSONNumber? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    /// The number as a whole number; nil for anything else, also for a number with a fraction or too large for 64 bits.
    package var intValue: Int? { numberValue?.intValue }

    /// The nearest double; nil for anything but a number, and for a number that no finite double is near.
    package var doubleValue: Double? { numberValue?.doubleValue }

    package var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var arrayValue: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    package var objectValue: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The member of that name; nil when this is no object or has no such member.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The element at that place; nil when this is no array or has no such place.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// `null`, `true or false`, `number`, `string`, `array` or `object`: for messages about a value of the wrong kind.
    package var kind: Kind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case null
        case bool = "true or false"
        case number, string, array, object
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self.init(value) }
    package init(floatLiteral value: Double) { self.init(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}
