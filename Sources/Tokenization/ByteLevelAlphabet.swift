/// The printable stand-ins of byte-level vocabularies: each byte has one character (GPT-2, `bytes_to_unicode`).
///
/// Bytes 21-7E, A1-AC and AE-FF stand for themselves, the other 68 for U+0100 and up in order of the byte.
enum ByteLevelAlphabet {
    static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0...255).map { (byte: UInt32) in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(UInt8(byte))
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    private static let bytes: [UInt32: UInt8] = Dictionary(
        uniqueKeysWithValues: characters.enumerated().map { ($0.element.value, UInt8($0.offset)) })

    /// The bytes a token stands for; nil when one of its characters is no stand-in.
    static func bytes(of token: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(token.count)
        var place = 0
        while let (scalar, count) = token.scalar(at: place) {
            if 0x21...0x7E ~= scalar {
                result.append(UInt8(scalar))
            } else if let byte = bytes[scalar] {
                result.append(byte)
            } else {
                return nil
            }
            place += count
        }
        return result
    }

    static func token(for bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(characters[Int(byte)]) }
        return String(text)
    }
}
