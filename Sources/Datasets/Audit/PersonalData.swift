/// Personal data and secrets in a text, found by their form and proved by their checksums where they have one.
///
/// One pass over the bytes: a table says which bytes can begin or give away something, everything else is skipped.
package enum PersonalData {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case email, phone, card, iban, ssn, ip
        case accessKey = "access_key"
        case privateKey = "private_key"
        case token
        case urlPassword = "url_password"

        package var isSecret: Bool {
            switch self {
            case .accessKey, .privateKey, .token, .urlPassword: true
            case .email, .phone, .card, .iban, .ssn, .ip: false
            }
        }
    }

    package struct Hit: Sendable, Hashable {
        package var kind: Kind
        /// UTF-8 offsets.
        package var range: Range<Int>
    }

    /// Hits in order, none inside another.
    package static func hits(in text: String) -> [Hit] {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = PersonalDataScanner(bytes)
            return scanner.hits()
        }
    }
}

private struct PersonalDataScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    private var found: [PersonalData.Hit] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Bytes at which something may begin, or that betray it.
    private static let triggers: [Bool] = {
        var triggers = [Bool](repeating: false, count: 256)
        for byte in "@0123456789+(:-ABCDEFGHIJKLMNOPQRSTUVWXYZgsxe".utf8 { triggers[Int(byte)] = true }
        return triggers
    }()

    mutating func hits() -> [PersonalData.Hit] {
        Self.triggers.withUnsafeBufferPointer { triggers in
            while place < bytes.count {
                guard triggers[Int(bytes[place])] else {
                    place += 1
                    continue
                }
                if let hit = hitHere() {
                    // An address may begin before something already found inside it; a password before the @ of its
                    // host is no address.
                    while let last = found.last, last.range.upperBound > hit.range.lowerBound, !last.kind.isSecret {
                        found.removeLast()
                    }
                    if found.last.map({ $0.range.upperBound <= hit.range.lowerBound }) ?? true { found.append(hit) }
                    place = max(place + 1, hit.range.upperBound)
                } else {
                    place = max(place + 1, skip)
                    skip = 0
                }
            }
        }
        return found
    }

    /// Set by a recogniser that has read ahead and found nothing: where to go on.
    private var skip = 0

    private mutating func hitHere() -> PersonalData.Hit? {
        switch bytes[place] {
        case UInt8(ascii: "@"): email()
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "("): number()
        case UInt8(ascii: ":"): urlPassword()
        case UInt8(ascii: "-"): privateKey()
        default: isWordStart ? secret() ?? iban() : nil
        }
    }

    private func byte(at place: Int) -> UInt8 { place >= 0 && place < bytes.count ? bytes[place] : 0x20 }

    private var isWordStart: Bool { !Self.isAlphanumeric(byte(at: place - 1)) }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    private func run(from start: Int, _ belongs: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, belongs(bytes[end]) { end += 1 }
        return end
    }

    private func starts(_ text: StaticString, at place: Int) -> Bool {
        guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[place + offset] != text.utf8Start[offset] { return false }
        return true
    }
}

// MARK: - Addresses

extension PersonalDataScanner {
    /// `name@host.tld`; the example domains of RFC 2606 are nobody's.
    private func email() -> PersonalData.Hit? {
        var start = place
        while start > 0, Self.isAlphanumeric(bytes[start - 1]) || "._%+-".utf8.contains(bytes[start - 1]) { start -= 1 }
        while start < place, !Self.isAlphanumeric(bytes[start]) { start += 1 }
        var end = run(from: place + 1) { Self.isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        while end > place, !Self.isAlphanumeric(byte(at: end - 1)) { end -= 1 }
        guard start < place, end > place + 3,
            let dot = bytes[(place + 1)..<end].lastIndex(of: UInt8(ascii: ".")), dot > place + 1, end - dot >= 3,
            bytes[(dot + 1)..<end].allSatisfy(Self.isLetter)
        else { return nil }
        let host = String(decoding: bytes[(place + 1)..<end], as: UTF8.self).lowercased()
        for reserved in ["example.com", "example.org", "example.net"]
        where host == reserved || host.hasSuffix("." + reserved) {
            return nil
        }
        return PersonalData.Hit(kind: .email, range: start..<end)
    }

    /// `://user:password@host`.
    private func urlPassword() -> PersonalData.Hit? {
        guard starts("://", at: place), Self.isLetter(byte(at: place - 1)) else { return nil }
        let end = run(from: place + 3) {
            $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") && $0 != 0x22 && $0 < 0x7F
        }
        guard byte(at: end) == UInt8(ascii: "@"),
            let colon = bytes[(place + 3)..<end].firstIndex(of: UInt8(ascii: ":")),
            colon > place + 3, colon + 1 < end
        else { return nil }
        return PersonalData.Hit(kind: .urlPassword, range: (colon + 1)..<end)
    }
}

// MARK: - Numbers

extension PersonalDataScanner {
    /// A run of digits with the separators people write between them.
    private mutating func number() -> PersonalData.Hit? {
        let before = byte(at: place - 1)
        var last = place
        var digitCount = 0
        var end = place
        while end < bytes.count {
            if Self.isDigit(bytes[end]) {
                digitCount += 1
                last = end + 1
            } else if !Self.separators[Int(bytes[end])] {
                break
            }
            end += 1
        }
        guard last > place else { return nil }
        skip = last
        guard digitCount >= Self.fewestDigits else { return nil }
        // Parts of words, versions and long codes are no numbers.
        guard !Self.isAlphanumeric(before), before != UInt8(ascii: "_"), before != UInt8(ascii: "."),
            !Self.isAlphanumeric(byte(at: last)),
            byte(at: last) != UInt8(ascii: "_")
        else { return nil }
        let text = Array(bytes[place..<last])
        let digits = text.filter(Self.isDigit).map { Int($0 - UInt8(ascii: "0")) }
        func hit(_ kind: PersonalData.Kind) -> PersonalData.Hit { PersonalData.Hit(kind: kind, range: place..<last) }
        if isSSN(text, digits) { return hit(.ssn) }
        if isCard(text, digits) { return hit(.card) }
        if isPublicIP(text) { return hit(.ip) }
        if isPhone(text, digits) { return hit(.phone) }
        return nil
    }

    /// The shortest of all: an address such as 81.2.3.4.
    private static let fewestDigits = 5

    private static let separators: [Bool] = {
        var separators = [Bool](repeating: false, count: 256)
        for byte in " -.()+".utf8 { separators[Int(byte)] = true }
        return separators
    }()

    private func isSSN(_ text: [UInt8], _ digits: [Int]) -> Bool {
        guard text.count == 11, digits.count == 9, text[3] == UInt8(ascii: "-"), text[6] == UInt8(ascii: "-") else {
            return false
        }
        let area = digits[0] * 100 + digits[1] * 10 + digits[2]
        let isAssignable =
            area > 0 && area != 666 && area < 900 && digits[3] + digits[4] > 0 && digits[5...].contains { $0 > 0 }
        return isAssignable && !Self.publishedSSNs.contains(digits)
    }

    /// Printed on a card in a shop's wallets and in an advertisement, so nobody's.
    private static let publishedSSNs: Set<[Int]> = [[0, 7, 8, 0, 5, 1, 1, 2, 0], [2, 1, 9, 0, 9, 9, 9, 9, 9]]

    /// An issuer's prefix, its length, and the Luhn checksum.
    private func isCard(_ text: [UInt8], _ digits: [Int]) -> Bool {
        guard (13...19).contains(digits.count),
            text.allSatisfy({ Self.isDigit($0) || $0 == 0x20 || $0 == UInt8(ascii: "-") })
        else { return false }
        let two = digits[0] * 10 + digits[1]
        let four = two * 100 + digits[2] * 10 + digits[3]
        let isIssued =
            switch digits.count {
            case 13, 19: digits[0] == 4
            case 14: two == 36 || two == 38 || (3000...3059).contains(four)
            case 15: two == 34 || two == 37
            case 16:
                digits[0] == 4 || (51...55).contains(two) || (2221...2720).contains(four) || four == 6011 || two == 65
                    || two == 35
            default: false
            }
        guard isIssued else { return false }
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = place % 2 == 1 ? digit * 2 : digit
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }

    /// Four numbers below 256 that reach somebody: no loopback, private or documentation network, no version number.
    private func isPublicIP(_ text: [UInt8]) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(Self.isDigit) }) else {
            return false
        }
        let numbers = parts.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 4, numbers.allSatisfy({ $0 < 256 }), numbers[0] > 9 else { return false }
        switch (numbers[0], numbers[1]) {
        case (10, _), (127, _), (192, 168), (169, 254), (172, 16...31), (192, 0), (198, 51), (203, 0): return false
        case (224..., _): return false
        default: return true
        }
    }

    /// An international number, or a North American one with its separators. Bare digits are never a phone number.
    private func isPhone(_ text: [UInt8], _ digits: [Int]) -> Bool {
        if text[0] == UInt8(ascii: "+") {
            let separators = text.dropFirst().filter { !Self.isDigit($0) }
            return (8...15).contains(digits.count) && digits[0] > 0 && !separators.contains(UInt8(ascii: "+"))
                && (separators.count >= 1 || digits.count >= 10)
        }
        let local = digits.count == 11 && digits[0] == 1 ? Array(digits.dropFirst()) : digits
        guard local.count == 10, local[0] >= 2, local[3] >= 2 else { return false }
        let shape = String(decoding: text.map { Self.isDigit($0) ? UInt8(ascii: "0") : $0 }, as: UTF8.self)
        return [
            "000-000-0000", "(000) 000-0000", "(000)000-0000", "000.000.0000", "0-000-000-0000", "000 000 0000",
            "0 (000) 000-0000",
        ].contains(shape)
    }

    /// A country code, two check digits and the account, proved by the remainder 1 modulo 97.
    private func iban() -> PersonalData.Hit? {
        guard Self.isLetter(byte(at: place + 1)), bytes[place] < 0x5B, byte(at: place + 1) < 0x5B,
            Self.isDigit(byte(at: place + 2)),
            Self.isDigit(byte(at: place + 3))
        else { return nil }
        var compact: [UInt8] = []
        var end = place
        while end < bytes.count, compact.count < 34 {
            if bytes[end] == 0x20, compact.count % 4 == 0, Self.isAlphanumeric(byte(at: end + 1)) {
                end += 1
            } else if Self.isDigit(bytes[end]) || bytes[end] &- UInt8(ascii: "A") < 26 {
                compact.append(bytes[end])
                end += 1
            } else {
                break
            }
        }
        guard compact.count >= 15, !Self.isAlphanumeric(byte(at: end)) else { return nil }
        var remainder = 0
        for byte in compact[4...] + compact[..<4] {
            let value = Self.isDigit(byte) ? Int(byte - UInt8(ascii: "0")) : Int(byte - UInt8(ascii: "A")) + 10
            remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
        }
        return remainder == 1 ? PersonalData.Hit(kind: .iban, range: place..<end) : nil
    }
}

// MARK: - Secrets

extension PersonalDataScanner {
    private func privateKey() -> PersonalData.Hit? {
        guard starts("-----BEGIN ", at: place) else { return nil }
        let end = run(from: place + 11) { $0 != UInt8(ascii: "-") && $0 >= 0x20 }
        guard starts("-----", at: end), end - place > 20,
            String(decoding: bytes[place..<end], as: UTF8.self).hasSuffix("PRIVATE KEY")
        else {
            return nil
        }
        return PersonalData.Hit(kind: .privateKey, range: place..<(end + 5))
    }

    /// Keys that say what they are by their first letters.
    private func secret() -> PersonalData.Hit? {
        func isKey(_ byte: UInt8) -> Bool {
            Self.isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        let forms: [(prefix: StaticString, least: Int, kind: PersonalData.Kind)] = [
            ("AKIA", 20, .accessKey), ("ASIA", 20, .accessKey), ("AIza", 39, .accessKey), ("ghp_", 40, .accessKey),
            ("gho_", 40, .accessKey),
            ("ghs_", 40, .accessKey), ("github_pat_", 60, .accessKey), ("glpat-", 26, .accessKey),
            ("sk-", 32, .accessKey),
            ("sk_live_", 32, .accessKey), ("xoxb-", 30, .token), ("xoxp-", 30, .token), ("xoxa-", 30, .token),
        ]
        for form in forms where starts(form.prefix, at: place) {
            let end = run(from: place, isKey)
            let body = bytes[place..<end]
            guard end - place >= form.least, body.contains(where: Self.isDigit) else { continue }
            return PersonalData.Hit(kind: form.kind, range: place..<end)
        }
        // A JSON web token: three parts, the first two begin like an encoded object.
        if starts("eyJ", at: place) {
            let first = run(from: place, isKey)
            guard starts(".eyJ", at: first) else { return nil }
            let second = run(from: first + 1, isKey)
            guard byte(at: second) == UInt8(ascii: "."), second - place > 30 else { return nil }
            let end = run(from: second + 1, isKey)
            return end > second + 10 ? PersonalData.Hit(kind: .token, range: place..<end) : nil
        }
        return nil
    }
}
