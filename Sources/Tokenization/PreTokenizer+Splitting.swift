import CText

extension PreTokenizer {
    /// Calls `body` for each part that is to be cut by `lastPieces` and encoded, in order.
    func split(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, depth: Int = 0, _ body: (Range<Int>) -> Void
    ) {
        guard !range.isEmpty else { return }
        guard depth < splits.count - (lastIsScanned ? 1 : 0) else { return body(range) }
        splits[depth].cut(text, range) { piece in split(text, piece, depth: depth + 1, body) }
    }

    /// The scanner that cuts each part into pieces; the fast loop of the encoder runs it.
    var lastPieces: hone_pieces {
        if case .pieces(let pieces)? = splits.last { return hone_pieces(rawValue: pieces) }
        return HONE_PIECES_WHOLE
    }

    private var lastIsScanned: Bool {
        if case .pieces? = splits.last { return true }
        return false
    }
}

extension PreTokenizer.Split {
    /// Calls `body` for the pieces of `range`, in order.
    fileprivate func cut(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        switch self {
        case .pieces(let pieces):
            var start = range.lowerBound
            while start < range.upperBound {
                let end = hone_piece_end(hone_pieces(rawValue: pieces), text.baseAddress, start, range.upperBound)
                body(start..<end)
                start = end
            }
        case .numbers(.contiguous):
            var start = range.lowerBound
            while start < range.upperBound {
                let end = hone_number_edge(text.baseAddress, start, range.upperBound)
                body(start..<end)
                start = end
            }
        case .numbers(let behavior):
            behavior.apply(to: characters(text, range) { hone_is_number($0) }, in: range, body)
        case .punctuation(let behavior):
            let matches = characters(text, range) { scalar in
                switch scalar {
                case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
                default: hone_is_punctuation(scalar)
                }
            }
            behavior.apply(to: matches, in: range, body)
        case .spaces:
            let matches = characters(text, range) { hone_is_space($0) }
            PreTokenizer.Behavior.removed.apply(to: matches, in: range, body)
        case .literal(let wanted, let behavior):
            var matches: [Range<Int>] = []
            var place = range.lowerBound
            while place + wanted.count <= range.upperBound {
                if text[place] == wanted[0], text[place..<place + wanted.count].elementsEqual(wanted) {
                    matches.append(place..<place + wanted.count)
                    place += wanted.count
                } else {
                    place += 1
                }
            }
            behavior.apply(to: matches, in: range, body)
        }
    }

    private func characters(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, where matches: (UInt32) -> Bool
    ) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var place = range.lowerBound
        while place < range.upperBound, let (scalar, bytes) = text.scalar(at: place) {
            if matches(scalar) { found.append(place..<place + bytes) }
            place += bytes
        }
        return found
    }
}

extension PreTokenizer.Behavior {
    /// Turns matches, in order, into the pieces of `range`.
    fileprivate func apply(to matches: [Range<Int>], in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var parts: [(range: Range<Int>, isMatch: Bool)] = []
        var covered = range.lowerBound
        for match in matches {
            if covered < match.lowerBound { parts.append((covered..<match.lowerBound, false)) }
            parts.append((match, true))
            covered = match.upperBound
        }
        if covered < range.upperBound { parts.append((covered..<range.upperBound, false)) }
        switch self {
        case .isolated: for part in parts { body(part.range) }
        case .removed: for part in parts where !part.isMatch { body(part.range) }
        case .kept: for part in parts where part.isMatch { body(part.range) }
        case .contiguous: merge(parts, body) { previous, next in previous.isMatch == next.isMatch }
        // A second match in a row starts a piece of its own.
        case .mergedWithPrevious: merge(parts, body) { previous, next in next.isMatch && !previous.isMatch }
        case .mergedWithNext: merge(parts, body) { previous, next in previous.isMatch && !next.isMatch }
        }
    }

    private typealias Part = (range: Range<Int>, isMatch: Bool)

    private func merge(_ parts: [Part], _ body: (Range<Int>) -> Void, belongTogether: (Part, Part) -> Bool) {
        var start: Int?
        for (place, part) in parts.enumerated() {
            if place > 0, let begun = start, !belongTogether(parts[place - 1], part) {
                body(begun..<part.range.lowerBound)
                start = nil
            }
            start = start ?? part.range.lowerBound
        }
        if let start, let last = parts.last { body(start..<last.range.upperBound) }
    }
}
