internal import Plan

/// How a GGUF file stores the numbers of a tensor: the formats of ggml that hone writes and reads.
///
/// Quantised formats store rows in blocks of 32 numbers with one 16-bit scale each.
package enum GGUFType: UInt32, Sendable, Hashable, CaseIterable {
    case float32 = 0
    case float16 = 1
    case q4_0 = 2
    case q8_0 = 8
    case bfloat16 = 30

    /// As in file names and on the command line.
    package var name: String {
        switch self {
        case .float32: "f32"
        case .float16: "f16"
        case .bfloat16: "bf16"
        case .q8_0: "q8_0"
        case .q4_0: "q4_0"
        }
    }

    package init?(named name: String) {
        guard let type = Self.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
        self = type
    }

    /// What ggml calls a format, also those that hone does not read.
    package static func name(ofNumber number: UInt32) -> String {
        GGUFType(rawValue: number)?.name.uppercased() ?? otherNames[number] ?? "number \(number)"
    }

    private static let otherNames: [UInt32: String] = [
        3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K", 14: "Q6_K",
        15: "Q8_K",
        16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
        24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]

    /// `general.file_type`: the format most weights have.
    var fileType: UInt32 {
        switch self {
        case .float32: 0
        case .float16: 1
        case .q4_0: 2
        case .q8_0: 7
        case .bfloat16: 32
        }
    }

    /// Numbers in a block.
    var blockLength: Int { isQuantized ? 32 : 1 }

    var blockBytes: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q8_0: 34
        case .q4_0: 18
        }
    }

    package var isQuantized: Bool { self == .q8_0 || self == .q4_0 }

    /// Nil when the numbers do not fill whole blocks, or the product is beyond a machine word.
    func byteCount(of count: Int) -> Int? {
        guard count >= 0, count % blockLength == 0 else { return nil }
        let (bytes, overflow) = (count / blockLength).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The same numbers as a plain number format; nil for blocks.
    private var elementType: ElementType? {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .q8_0, .q4_0: nil
        }
    }

    /// Floats in this format, rounded as ggml rounds them. `floats` fills whole blocks.
    package func bytes(of floats: UnsafeBufferPointer<Float>) -> [UInt8] {
        if let bytes = elementType?.bytes(of: floats) { return bytes }
        precondition(floats.count % blockLength == 0, "\(floats.count) numbers do not fill blocks of \(blockLength)")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(floats.count / blockLength * blockBytes)
        for start in stride(from: 0, to: floats.count, by: blockLength) {
            let block = UnsafeBufferPointer(rebasing: floats[start..<(start + blockLength)])
            if self == .q8_0 { Self.appendQ8(block, to: &bytes) } else { Self.appendQ4(block, to: &bytes) }
        }
        return bytes
    }

    /// The numbers the bytes stand for, exactly. `bytes` holds whole blocks, `floats` has room for all of them.
    package func expand(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutablePointer<Float>) {
        if let values = elementType?.floats(in: bytes) {
            for (place, value) in values.enumerated() { floats[place] = value }
            return
        }
        for block in 0..<(bytes.count / blockBytes) {
            let start = block * blockBytes, first = block * blockLength
            let scale = Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: start, as: UInt16.self)))
            if self == .q8_0 {
                for place in 0..<32 {
                    floats[first + place] = Float(Int8(bitPattern: bytes[start + 2 + place])) * scale
                }
            } else {
                for place in 0..<16 {
                    let pair = bytes[start + 2 + place]
                    floats[first + place] = Float(Int(pair & 15) - 8) * scale
                    floats[first + place + 16] = Float(Int(pair >> 4) - 8) * scale
                }
            }
        }
    }

    /// Scale = largest magnitude / 127; codes rounded to nearest, halves away from zero.
    private static func appendQ8(_ block: UnsafeBufferPointer<Float>, to bytes: inout [UInt8]) {
        let largest = block.reduce(0) { max($0, abs($1)) }
        let scale = largest / 127, inverse = scale == 0 ? 0 : 1 / scale
        append(scale, to: &bytes)
        for value in block {
            let code = (value * inverse).rounded(.toNearestOrAwayFromZero)
            bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, code)))))
        }
    }

    /// Scale = the number of largest magnitude / −8, so that it has a code of its own; code j shares a byte with j + 16.
    private static func appendQ4(_ block: UnsafeBufferPointer<Float>, to bytes: inout [UInt8]) {
        var extreme: Float = 0
        for value in block where abs(value) > abs(extreme) { extreme = value }
        let scale = extreme / -8, inverse = scale == 0 ? 0 : 1 / scale
        append(scale, to: &bytes)
        // ggml's product and sum are one fused step: nothing is rounded between them.
        func code(_ value: Float) -> UInt8 { UInt8(max(0, min(15, Double(value) * Double(inverse) + 8.5))) }
        for place in 0..<16 { bytes.append(code(block[place]) | code(block[place + 16]) << 4) }
    }

    private static func append(_ scale: Float, to bytes: inout [UInt8]) {
        let bits = Float16(scale).bitPattern
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }
}
