/// How one number is stored in memory or in a file.
///
/// It lives here because files and buffers, which do not know each other, must agree on it.
package enum ElementType: String, Sendable, Hashable, Codable, CaseIterable {
    case float32, bfloat16, float16, float64
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case bool

    package var bytesPerElement: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .bfloat16, .float16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Bytes of `count` elements, or nil when the number does not fit a machine word (a hostile file may say anything).
    package func byteCount(of count: Int) -> Int? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: bytesPerElement)
        return overflow || count < 0 ? nil : bytes
    }
}
