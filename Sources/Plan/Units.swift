/// A number of bytes. GiB are 2^30 and GB 10^9 bytes; the two differ by 7 % and are never mixed.
package struct ByteCount: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
    package var bytes: Int

    package init(_ bytes: Int) { self.bytes = bytes }
    package init(integerLiteral value: Int) { bytes = value }
    package init(mebibytes: Double) { bytes = Int(mebibytes * 1_048_576) }
    package init(gibibytes: Double) { bytes = Int(gibibytes * 1_073_741_824) }

    package var mebibytes: Double { Double(bytes) / 1_048_576 }
    package var gibibytes: Double { Double(bytes) / 1_073_741_824 }

    package static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }
    package static func + (a: ByteCount, b: ByteCount) -> ByteCount { ByteCount(a.bytes + b.bytes) }
    package static func - (a: ByteCount, b: ByteCount) -> ByteCount { ByteCount(a.bytes - b.bytes) }
    package static func += (a: inout ByteCount, b: ByteCount) { a.bytes += b.bytes }

    package init(from decoder: any Decoder) throws { bytes = try decoder.singleValueContainer().decode(Int.self) }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}

/// A number of tokens.
package struct TokenCount: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
    package var tokens: Int

    package init(_ tokens: Int) { self.tokens = tokens }
    package init(integerLiteral value: Int) { tokens = value }

    package static func < (a: TokenCount, b: TokenCount) -> Bool { a.tokens < b.tokens }
    package static func + (a: TokenCount, b: TokenCount) -> TokenCount { TokenCount(a.tokens + b.tokens) }
    package static func += (a: inout TokenCount, b: TokenCount) { a.tokens += b.tokens }

    package init(from decoder: any Decoder) throws { tokens = try decoder.singleValueContainer().decode(Int.self) }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(tokens)
    }
}

/// How many optimizer steps have been taken; the first finished step is number 1.
package struct GlobalStep: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
    package var number: Int

    package init(_ number: Int) { self.number = number }
    package init(integerLiteral value: Int) { number = value }

    package static func < (a: GlobalStep, b: GlobalStep) -> Bool { a.number < b.number }
    package var next: GlobalStep { GlobalStep(number + 1) }

    package init(from decoder: any Decoder) throws { number = try decoder.singleValueContainer().decode(Int.self) }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}
