import CText

/// What Python's `str` does, on UTF-8 and by code point: Swift's own string operations go by character and by canonical
/// equivalence, and would cut and compare differently.
enum PythonString {
    /// `str.isspace`: White_Space and the information separators.
    static func isSpace(_ scalar: UInt32) -> Bool { hone_is_space(scalar) || 0x1C...0x1F ~= scalar }

    /// The end of the run of spaces that starts at `start`.
    static func spaceEnd(in bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var place = start
            while let (scalar, count) = buffer.scalar(at: place), isSpace(scalar) { place += count }
            return place
        }
    }

    /// Where `range` ends once the spaces at its end are left out.
    static func trimmedEnd(of bytes: [UInt8], _ range: Range<Int>) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var place = range.upperBound
            while place > range.lowerBound, let (scalar, count) = buffer.scalar(before: place), isSpace(scalar) {
                place -= count
            }
            return max(place, range.lowerBound)
        }
    }

    static func isEqual(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

    /// By code point, which is by byte in UTF-8.
    static func isLess(_ one: String, _ other: String) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }

    /// `strip`, `lstrip`, `rstrip`; nil strips spaces.
    static func strip(_ text: String, _ characters: String?, start: Bool = true, end: Bool = true) -> String {
        let wanted = characters.map { Set($0.unicodeScalars) }
        func isStripped(_ scalar: Unicode.Scalar) -> Bool { wanted?.contains(scalar) ?? isSpace(scalar.value) }
        var rest = Substring(text).unicodeScalars
        while start, let first = rest.first, isStripped(first) { rest.removeFirst() }
        while end, let last = rest.last, isStripped(last) { rest.removeLast() }
        return String(rest)
    }

    /// The places where `wanted`, not empty, occurs from the left without overlap, at most `limit` of them.
    static func places(of wanted: String, in text: [UInt8], limit: Int = .max) -> [Int] {
        let pattern = Array(wanted.utf8)
        guard let first = pattern.first, text.count >= pattern.count else { return [] }
        var found: [Int] = []
        var place = 0
        while place + pattern.count <= text.count, found.count < limit {
            guard let next = text[place...(text.count - pattern.count)].firstIndex(of: first) else { break }
            if text[next..<next + pattern.count].elementsEqual(pattern) {
                found.append(next)
                place = next + pattern.count
            } else {
                place = next + 1
            }
        }
        return found
    }

    static func contains(_ text: String, _ part: String) -> Bool {
        part.isEmpty || !places(of: part, in: Array(text.utf8), limit: 1).isEmpty
    }

    /// `split(separator, limit)` and `rsplit`.
    static func split(_ text: String, by separator: String, limit: Int, fromEnd: Bool = false) -> [String] {
        let bytes = Array(text.utf8)
        var places = places(of: separator, in: bytes, limit: fromEnd ? .max : limit)
        if fromEnd && places.count > limit { places = lastPlaces(of: Array(separator.utf8), in: bytes, limit: limit) }
        var parts: [String] = []
        var start = 0
        for place in places {
            parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
            start = place + separator.utf8.count
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    private static func lastPlaces(of pattern: [UInt8], in text: [UInt8], limit: Int) -> [Int] {
        var found: [Int] = []
        var end = text.count
        while end >= pattern.count, found.count < limit {
            if text[(end - pattern.count)..<end].elementsEqual(pattern) {
                found.append(end - pattern.count)
                end -= pattern.count
            } else {
                end -= 1
            }
        }
        return found.reversed()
    }

    /// `split(None, limit)`: by runs of spaces, none at the ends.
    static func splitWords(_ text: String, limit: Int) -> [String] {
        var parts: [String] = []
        var rest = Substring(text).unicodeScalars
        while true {
            while let first = rest.first, isSpace(first.value) { rest.removeFirst() }
            guard !rest.isEmpty else { return parts }
            guard parts.count < limit else { return parts + [strip(String(rest), nil, start: false)] }
            let end = rest.firstIndex { isSpace($0.value) } ?? rest.endIndex
            parts.append(String(rest[..<end]))
            rest = rest[end...]
        }
    }

    static func splitLines(_ text: String, keepsEnds: Bool) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var place = 0
        while place < scalars.count {
            let scalar = scalars[place]
            place += 1
            switch scalar.value {
            case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                if keepsEnds { line.append(scalar) }
                if scalar == "\r", place < scalars.count, scalars[place] == "\n" {
                    if keepsEnds { line.append("\n") }
                    place += 1
                }
                lines.append(String(line))
                line = String.UnicodeScalarView()
            default: line.append(scalar)
            }
        }
        return line.isEmpty ? lines : lines + [String(line)]
    }

    /// `replace(old, new, limit)`; an empty `old` stands between all characters.
    static func replace(_ text: String, _ old: String, by new: String, limit: Int) -> String {
        guard !old.isEmpty else {
            var result = ""
            var left = limit
            for scalar in text.unicodeScalars {
                if left > 0 { result += new }
                left -= 1
                result.unicodeScalars.append(scalar)
            }
            return left > 0 ? result + new : result
        }
        return split(text, by: old, limit: limit).joined(separator: new)
    }

    /// First letter upper case, the rest lower.
    static func capitalize(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return "" }
        return first.properties.titlecaseMapping + String(text.unicodeScalars.dropFirst()).lowercased()
    }

    /// Upper case behind everything that is no letter.
    static func title(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for scalar in text.unicodeScalars {
            result += isInWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            isInWord = scalar.properties.isCased
        }
        return result
    }
}
