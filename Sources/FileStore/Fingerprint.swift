internal import Crypto

/// The SHA-256 of some content in lower-case hexadecimal: equal content, equal fingerprint.
package struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
    package let hex: String

    package init(hex: String) { self.hex = hex }
    package init(of bytes: some Sequence<UInt8>) {
        var builder = FingerprintBuilder()
        Array(bytes).withUnsafeBytes { builder.add($0) }
        self = builder.fingerprint
    }
    package init(of text: String) { self.init(of: text.utf8) }

    package var description: String { hex }
    /// Enough to recognise it by in a table.
    package var short: String { String(hex.prefix(12)) }
}

/// A fingerprint of content that arrives in pieces.
package struct FingerprintBuilder: Sendable {
    private var digest = SHA256()

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) { digest.update(bufferPointer: bytes) }
    package mutating func add(_ text: String) { digest.update(data: Array(text.utf8)) }

    /// Of everything added so far; more may be added afterwards.
    package var fingerprint: Fingerprint {
        let digits = Array("0123456789abcdef")
        return Fingerprint(hex: String(digest.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
    }
}
