/// A value of a GGUF file's metadata.
package enum GGUFValue: Sendable, Hashable {
    case uint32(UInt32)
    case float32(Float)
    case bool(Bool)
    case text(String)
    case texts([String])
    case int32s([Int32])
    case float32s([Float])
    case bools([Bool])
    /// A number of a width that hone reads and does not write.
    case integer(Int)
    case float64(Double)
    /// A list of something else, by the number of its elements.
    case otherList(count: Int)

    package var intValue: Int? {
        switch self {
        case .uint32(let value): Int(value)
        case .integer(let value): value
        default: nil
        }
    }

    package var doubleValue: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        default: intValue.map(Double.init)
        }
    }

    package var textValue: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var textList: [String]? {
        guard case .texts(let values) = self else { return nil }
        return values
    }

    package var integerList: [Int]? {
        guard case .int32s(let values) = self else { return nil }
        return values.map(Int.init)
    }

    package var numberList: [Float]? {
        guard case .float32s(let values) = self else { return nil }
        return values
    }

    package var boolList: [Bool]? {
        guard case .bools(let values) = self else { return nil }
        return values
    }

    /// The number of the type in a file.
    enum Kind: UInt32 {
        case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, text, array, uint64, int64, float64

        /// Nil for texts and arrays, whose length is in the file.
        var byteCount: Int? {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64: 8
            case .text, .array: nil
            }
        }
    }
}
