/// Numbers an answer brings in that its request did not hold: prices, dates, amounts.
enum NumberFacts {
    /// `12.50`, `1,000`, `2026-11-18` and `14:00` are one number each.
    static func numbers(in text: String) -> Set<String> {
        var numbers: Set<String> = [], number: [UInt8] = [], joint: UInt8?
        func close() {
            if !number.isEmpty { numbers.insert(String(decoding: number, as: UTF8.self)) }
            (number, joint) = ([], nil)
        }
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39:
                if let sign = joint { number.append(sign) }
                joint = nil
                number.append(byte)
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "/"):
                // A sign belongs to the number only when a digit follows it at once.
                if number.isEmpty || joint != nil { close() } else { joint = byte }
            default: close()
            }
        }
        close()
        return numbers
    }

    static func needed(request: String, expected: String) -> Set<String> {
        numbers(in: expected).subtracting(numbers(in: request))
    }

    /// Nil where the expected answer needs no number.
    static func score(_ item: ItemResult) -> Double? {
        let asked = numbers(in: item.prompt), needed = numbers(in: item.expected).subtracting(asked)
        guard !needed.isEmpty else { return nil }
        return numbers(in: item.output).subtracting(asked) == needed ? 1 : 0
    }
}
