/// What an answer may look like, byte by byte: a list of labels, or JSON of a certain shape.
package indirect enum AnswerGrammar: Sendable, Hashable {
    case literal([UInt8])
    case sequence([AnswerGrammar])
    case choice([AnswerGrammar])
    /// Any number of times, also none.
    case repeated(AnswerGrammar)
    /// A JSON string with its quotes.
    case string
    /// A JSON number; without a fraction or exponent where it is whole.
    case number(isWhole: Bool)

    package static func text(_ text: String) -> AnswerGrammar { .literal(Array(text.utf8)) }
    package static func labels(_ labels: some Sequence<String>) -> AnswerGrammar { .choice(labels.map(text)) }
    package static func optional(_ part: AnswerGrammar) -> AnswerGrammar { .choice([part, .sequence([])]) }
}

/// How far a text has come in a grammar: every way in which it could go on.
struct GrammarState {
    private var ways: [Way]

    init(_ grammar: AnswerGrammar) {
        ways = []
        Self.open(Frame(grammar, nil), into: &ways)
    }

    /// The text so far is a whole answer.
    var isComplete: Bool { ways.contains { $0.isAtEnd } }

    /// Nil where the grammar allows none of the bytes in this place.
    func adding(_ bytes: some Sequence<UInt8>) -> GrammarState? {
        var state = self
        for byte in bytes {
            var next: [Way] = []
            for way in state.ways { way.add(byte, into: &next) }
            if next.isEmpty { return nil }
            state.ways = next
        }
        return state
    }

    /// What is still to come after the part at hand.
    fileprivate final class Frame: Sendable {
        let part: AnswerGrammar
        let rest: Frame?

        init(_ part: AnswerGrammar, _ rest: Frame?) {
            self.part = part
            self.rest = rest
        }
    }

    fileprivate enum Place {
        case end
        case literal([UInt8], next: Int)
        case string(StringPlace)
        case number(isWhole: Bool, NumberPlace)
    }

    fileprivate enum StringPlace { case quote, inside, escaped, hex(Int), continuation(Int) }

    fileprivate enum NumberPlace { case start, minus, zero, digits, point, fraction, exponent, exponentSign, exponentDigits }

    fileprivate struct Way {
        let place: Place
        let rest: Frame?

        var isAtEnd: Bool {
            if case .end = place { true } else { false }
        }
    }

    /// Takes apart what is on top until every way begins with something that eats a byte.
    fileprivate static func open(_ frame: Frame?, into ways: inout [Way]) {
        guard let frame else { return ways.append(Way(place: .end, rest: nil)) }
        switch frame.part {
        case .literal(let bytes):
            if bytes.isEmpty { return open(frame.rest, into: &ways) }
            ways.append(Way(place: .literal(bytes, next: 0), rest: frame.rest))
        case .sequence(let parts):
            open(parts.reversed().reduce(frame.rest) { Frame($1, $0) }, into: &ways)
        case .choice(let parts): for part in parts { open(Frame(part, frame.rest), into: &ways) }
        case .repeated(let part):
            open(frame.rest, into: &ways)
            open(Frame(part, frame), into: &ways)
        case .string: ways.append(Way(place: .string(.quote), rest: frame.rest))
        case .number(let isWhole): ways.append(Way(place: .number(isWhole: isWhole, .start), rest: frame.rest))
        }
    }
}

extension GrammarState.Way {
    fileprivate func add(_ byte: UInt8, into ways: inout [GrammarState.Way]) {
        switch place {
        case .end: return
        case .literal(let bytes, let next):
            guard bytes[next] == byte else { return }
            if next + 1 < bytes.count {
                ways.append(.init(place: .literal(bytes, next: next + 1), rest: rest))
            } else {
                GrammarState.open(rest, into: &ways)
            }
        case .string(let place):
            switch Self.after(byte, place) {
            case .closed: GrammarState.open(rest, into: &ways)
            case .goesOn(let next): ways.append(.init(place: .string(next), rest: rest))
            case .forbidden: return
            }
        case .number(let isWhole, let place):
            if let next = Self.after(byte, place, isWhole: isWhole) {
                ways.append(.init(place: .number(isWhole: isWhole, next), rest: rest))
            }
            // A number ends where something else begins.
            if place.mayEnd {
                var following: [GrammarState.Way] = []
                GrammarState.open(rest, into: &following)
                for way in following { way.add(byte, into: &ways) }
            }
        }
    }

    private enum Step {
        case goesOn(GrammarState.StringPlace)
        case closed, forbidden
    }

    private static func after(_ byte: UInt8, _ place: GrammarState.StringPlace) -> Step {
        switch place {
        case .quote: byte == UInt8(ascii: "\"") ? .goesOn(.inside) : .forbidden
        case .inside:
            switch byte {
            case UInt8(ascii: "\""): .closed
            case UInt8(ascii: "\\"): .goesOn(.escaped)
            case 0x20..<0x80: .goesOn(.inside)
            case 0xC2...0xDF: .goesOn(.continuation(1))
            case 0xE0...0xEF: .goesOn(.continuation(2))
            case 0xF0...0xF4: .goesOn(.continuation(3))
            default: .forbidden
            }
        case .escaped:
            switch byte {
            case UInt8(ascii: "u"): .goesOn(.hex(4))
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                .goesOn(.inside)
            default: .forbidden
            }
        case .hex(let left):
            isHexDigit(byte) ? .goesOn(left == 1 ? .inside : .hex(left - 1)) : .forbidden
        case .continuation(let left):
            byte & 0xC0 == 0x80 ? .goesOn(left == 1 ? .inside : .continuation(left - 1)) : .forbidden
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func after(
        _ byte: UInt8, _ place: GrammarState.NumberPlace, isWhole: Bool
    ) -> GrammarState.NumberPlace? {
        let isDigit = (0x30...0x39).contains(byte)
        switch (place, byte) {
        case (.start, UInt8(ascii: "-")): return .minus
        case (.start, 0x30), (.minus, 0x30): return .zero
        case (.start, _) where isDigit, (.minus, _) where isDigit, (.digits, _) where isDigit: return .digits
        case (.zero, UInt8(ascii: ".")), (.digits, UInt8(ascii: ".")): return isWhole ? nil : .point
        case (.point, _) where isDigit, (.fraction, _) where isDigit: return .fraction
        case (.zero, UInt8(ascii: "e")), (.zero, UInt8(ascii: "E")), (.digits, UInt8(ascii: "e")),
            (.digits, UInt8(ascii: "E")), (.fraction, UInt8(ascii: "e")), (.fraction, UInt8(ascii: "E")):
            return isWhole ? nil : .exponent
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): return .exponentSign
        case (.exponent, _) where isDigit, (.exponentSign, _) where isDigit, (.exponentDigits, _) where isDigit:
            return .exponentDigits
        default: return nil
        }
    }
}

extension GrammarState.NumberPlace {
    fileprivate var mayEnd: Bool {
        switch self {
        case .zero, .digits, .fraction, .exponentDigits: true
        case .start, .minus, .point, .exponent, .exponentSign: false
        }
    }
}
