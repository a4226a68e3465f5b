import CText

/// A change of text before it is cut into pieces.
enum Normalizer: Hashable {
    /// Puts the bytes before every text that is not empty.
    case prepend([UInt8])
    /// Replaces one byte sequence by another.
    case replace([UInt8], with: [UInt8])
    /// Canonical composition, Unicode 16.0.
    case composed
    case sequence([Normalizer])

    init(_ node: TokenizerNode) throws(TokenizerError) {
        switch try node.type() {
        case "Sequence":
            var steps: [Normalizer] = []
            for step in try node.required("normalizers").elements() { steps.append(try Normalizer(step)) }
            self = .sequence(steps)
        case "Prepend":
            self = .prepend(Array(try node.required("prepend").string().utf8))
        case "Replace":
            let pattern = try node.required("pattern")
            guard let wanted = pattern["String"] else { throw pattern.unsupported() }
            let content = Array(try wanted.string().utf8)
            guard !content.isEmpty else { throw wanted.unsupported() }
            self = .replace(content, with: Array(try node.required("content").string().utf8))
        case "NFC":
            self = .composed
        default:
            throw node.unsupported("type")
        }
    }

    func apply(to text: inout WorkingText) {
        guard !text.bytes.isEmpty else { return }
        switch self {
        case .sequence(let steps):
            for step in steps { step.apply(to: &text) }
        case .prepend(let prefix):
            text.rewrite { old, new in
                new.put(prefix, for: 0..<(old.scalar(at: 0)?.bytes ?? 1))
                new.keep(0..<old.count)
            }
        case .replace(let wanted, let replacement):
            guard text.bytes.contains(wanted[0]) else { return }
            text.rewrite { old, new in
                var kept = 0
                var place = 0
                while place + wanted.count <= old.count {
                    guard old[place] == wanted[0], old[place..<place + wanted.count].elementsEqual(wanted) else {
                        place += 1
                        continue
                    }
                    new.keep(kept..<place)
                    new.put(replacement, for: place..<place + wanted.count)
                    place += wanted.count
                    kept = place
                }
                new.keep(kept..<old.count)
            }
        case .composed:
            let isSettled = text.bytes.withUnsafeBufferPointer {
                hone_unsettled_block($0.baseAddress, 0, $0.count) == $0.count
            }
            if !isSettled { text.rewrite(Self.compose) }
        }
    }

    private static func compose(_ old: UnsafeBufferPointer<UInt8>, _ new: inout WorkingText.Rewriter) {
        var place = 0
        while place < old.count {
            let block = hone_unsettled_block(old.baseAddress, place, old.count)
            new.keep(place..<block)
            guard block < old.count else { return }
            let end = hone_block_end(old.baseAddress, block, old.count)
            var text = ""
            for scalar in composed(old, block..<end) {
                text.unicodeScalars.append(Unicode.Scalar(scalar) ?? "\u{FFFD}")
            }
            new.put(text.utf8, for: block..<end)
            place = end
        }
    }

    /// Decomposes, sorts by combining class and composes (Unicode 16.0, section 3.11).
    private static func composed(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [UInt32] {
        var scalars: [(value: UInt32, combining: UInt8)] = []
        var place = range.lowerBound
        while place < range.upperBound, let (scalar, bytes) = text.scalar(at: place) {
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4) { parts in
                let count = hone_decompose(scalar, parts.baseAddress)
                for part in parts[..<count] { scalars.append((part, hone_combining_class(part))) }
            }
            place += bytes
        }
        var start = 0
        while start < scalars.count {
            guard scalars[start].combining > 0 else {
                start += 1
                continue
            }
            let end = scalars[start...].firstIndex { $0.combining == 0 } ?? scalars.count
            // Swift's sort is stable in practice but does not promise it, so the place breaks ties.
            let sorted = scalars[start..<end].enumerated().sorted {
                ($0.element.combining, $0.offset) < ($1.element.combining, $1.offset)
            }
            scalars.replaceSubrange(start..<end, with: sorted.map(\.element))
            start = end
        }
        var result: [UInt32] = []
        var starter: Int?
        var lastCombining: UInt8 = 0
        for (scalar, combining) in scalars {
            if let starter, lastCombining < combining || starter == result.count - 1 {
                let composite = hone_compose(result[starter], scalar)
                if composite != 0 {
                    result[starter] = composite
                    continue
                }
            }
            if combining == 0 { starter = result.count }
            lastCombining = combining
            result.append(scalar)
        }
        return result
    }
}
