package import Plan

extension ElementType {
    /// The name in a safetensors header.
    var safetensorsName: String {
        switch self {
        case .float32: "F32"
        case .bfloat16: "BF16"
        case .float16: "F16"
        case .float64: "F64"
        case .int8: "I8"
        case .int16: "I16"
        case .int32: "I32"
        case .int64: "I64"
        case .uint8: "U8"
        case .uint16: "U16"
        case .uint32: "U32"
        case .uint64: "U64"
        case .bool: "BOOL"
        }
    }

    /// Nil for the 8-bit and smaller float formats, which hone does not read.
    init?(safetensors name: String) {
        guard let type = ElementType.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
        self = type
    }

    /// The name in `config.json`: `torch.float32` without `torch.`.
    var torchName: String { rawValue }

    /// Bytes in this format as floats, exact; nil unless this is float32, bfloat16 or float16.
    package func floats(in bytes: UnsafeRawBufferPointer) -> [Float]? {
        let count = bytes.count / bytesPerElement
        switch self {
        case .float32:
            return [Float](unsafeUninitializedCapacity: count) { floats, initialized in
                UnsafeMutableRawBufferPointer(floats).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 4)]))
                initialized = count
            }
        case .bfloat16:
            return (0..<count).map { index in
                Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) << 16)
            }
        case .float16:
            return (0..<count).map { index in
                Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
            }
        default:
            return nil
        }
    }

    /// Floats in this format, rounded to nearest, ties to even; nil unless this is float32, bfloat16 or float16.
    package func bytes(of floats: UnsafeBufferPointer<Float>) -> [UInt8]? {
        switch self {
        case .float32:
            return Array(UnsafeRawBufferPointer(floats))
        case .bfloat16:
            return Self.bytes(floats, Self.bfloat16Bits)
        case .float16:
            return Self.bytes(floats) { Float16($0).bitPattern }
        default:
            return nil
        }
    }

    private static func bytes(_ floats: UnsafeBufferPointer<Float>, _ convert: (Float) -> UInt16) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: floats.count * 2) { bytes, initialized in
            for (index, value) in floats.enumerated() {
                let bits = convert(value)
                bytes[2 * index] = UInt8(truncatingIfNeeded: bits)
                bytes[2 * index + 1] = UInt8(truncatingIfNeeded: bits >> 8)
            }
            initialized = floats.count * 2
        }
    }

    private static func bfloat16Bits(_ value: Float) -> UInt16 {
        if value.isNaN { return 0x7FC0 }
        let bits = value.bitPattern
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
}
