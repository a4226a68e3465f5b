/// Texts boiled down to what two people would call the same text, and stable hashes of them.
enum TextKey {
    /// Lower case, runs of space as one blank, no punctuation or space at the edges.
    static func normalised(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { bytes in
            bytes.allSatisfy { $0 < 0x80 }
                ? normalised(ascii: bytes) : normalised(unicode: String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func normalised(ascii bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(bytes.count)
        var spaceIsDue = false
        for byte in bytes {
            switch byte {
            case 0x20, 0x09...0x0D: spaceIsDue = !key.isEmpty
            default:
                if spaceIsDue { key.append(0x20) }
                spaceIsDue = false
                key.append(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte)
            }
        }
        return trimmed(key)
    }

    private static func normalised(unicode text: String) -> [UInt8] {
        var key: [UInt8] = []
        var spaceIsDue = false
        for scalar in text.lowercased().unicodeScalars {
            if scalar.properties.isWhitespace {
                spaceIsDue = !key.isEmpty
            } else {
                if spaceIsDue { key.append(0x20) }
                spaceIsDue = false
                key.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return trimmed(key)
    }

    /// Signs that carry meaning at the edges of a text (`$5`, `#4`, `-3`, `50%`, `C++`) stay.
    private static func trimmed(_ key: [UInt8]) -> [UInt8] {
        let edge = Set(".,;:!?\"'`()[]{} ".utf8)
        guard let first = key.firstIndex(where: { !edge.contains($0) }),
            let last = key.lastIndex(where: { !edge.contains($0) })
        else { return key }
        return first == 0 && last == key.count - 1 ? key : Array(key[first...last])
    }

    /// A hash that is the same in every process, eight bytes at a time. Equal hashes are confirmed by comparing the texts.
    static func hash(_ bytes: some Collection<UInt8>, seed: UInt64 = 0) -> UInt64 {
        bytes.withContiguousStorageIfAvailable { hash(UnsafeRawBufferPointer($0), seed: seed) }
            ?? Array(bytes).withUnsafeBytes { hash($0, seed: seed) }
    }

    /// A number that looks random and is the same in every process.
    static func mixed(_ number: UInt64) -> UInt64 { mix(number ^ 0x9E37_79B9_7F4A_7C15, 0xE703_7ED1_A0B4_28DB) }

    static func hash(_ text: String, seed: UInt64 = 0) -> UInt64 { hash(text.utf8, seed: seed) }

    private static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = mix(seed ^ 0x9E37_79B9_7F4A_7C15, UInt64(bytes.count) ^ 0xA076_1D64_78BD_642F)
        var place = 0
        while place + 8 <= bytes.count {
            state = mix(
                state ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian, 0xE703_7ED1_A0B4_28DB)
            place += 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.count {
            tail |= UInt64(bytes[place]) << shift
            shift += 8
            place += 1
        }
        return mix(state ^ tail, 0x8EBC_6AF0_9C88_C6E3)
    }

    private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}
