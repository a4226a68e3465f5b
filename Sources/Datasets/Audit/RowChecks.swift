import JSONText

/// The checks that look at one row at a time.
struct RowChecks: Sendable {
    /// Phrase lists and what a hit means. Lists of the first kind count in every text, the others in answers only.
    private static let lists: [(name: String, check: AuditCheck, isForAllTexts: Bool)] = [
        ("chat_markers", .markersInText, true), ("harmful", .harmfulText, true), ("biased", .biasedText, true),
        ("refusal", .refusal, false), ("speaks_as_ai", .speaksAsAI, false),
        ("placeholder_answer", .placeholderAnswer, false), ("disclaimer", .disclaimerUneven, false),
    ]
    private let matcher: PhraseMatcher
    private let usualShape: RowShape?
    private let syntheticSource: PhraseMatcher

    init(_ rules: AuditRules, usualShape: RowShape?) {
        matcher = PhraseMatcher(Self.lists.map { rules.phrases($0.name) })
        syntheticSource = PhraseMatcher([rules.phrases("synthetic_source")])
        self.usualShape = usualShape
    }

    func look(at example: Example, into book: inout EvidenceBook) {
        lookAtTurns(of: example, &book)
        lookAtTexts(of: example, &book)
        lookAtAnswer(of: example, &book)
        lookAtTools(of: example, &book)
        if let usualShape, example.shape != usualShape {
            book.add(.mixedShapes, example.place, "\(example.shape.rawValue), most rows: \(usualShape.rawValue)")
        }
        if example.shape == .renderedChatML || example.shape == .renderedLlama {
            book.add(.renderedText, example.place, example.request)
        }
        if let source = example.source, syntheticSource.hits(in: source)[0] != nil {
            book.add(.synthetic, example.place, "source: \(source)")
        }
    }

    private func lookAtTurns(of example: Example, _ book: inout EvidenceBook) {
        let messages = example.messages
        guard let last = messages.last else { return }
        if last.role != .assistant {
            book.add(.endsWithoutAnswer, example.place, "\(last.role.rawValue): \(last.content)")
        }
        var repeats = false
        for (one, next) in zip(messages, messages.dropFirst()) {
            if next.role == .system {
                book.add(.systemNotFirst, example.place, next.content)
                break
            }
            if one.role == next.role, one.role != .tool, one.role != .system { repeats = true }
        }
        if repeats { book.add(.rolesRepeat, example.place, messages.map(\.role.rawValue).joined(separator: ", ")) }
        if example.request.utf8.allSatisfy({ $0 <= 0x20 }) {
            book.add(.emptyPrompt, example.place, "answer: \(example.completion)")
        } else if let empty = messages.firstIndex(where: {
            $0.toolCalls.isEmpty && $0.content.utf8.allSatisfy { $0 <= 0x20 }
        }) {
            book.add(
                .emptyTurn, example.place, "message \(empty + 1) of \(messages.count), \(messages[empty].role.rawValue)"
            )
        }
    }

    private func lookAtTexts(of example: Example, _ book: inout EvidenceBook) {
        var texts = example.messages.map { (isAnswer: $0.role == .assistant, text: $0.content) }
        if case .plainText(let text) = example.body { texts = [(true, text)] }
        var damaged: (String, Int)?
        var hits = [(text: String, at: Int)?](repeating: nil, count: Self.lists.count)
        for (isAnswer, text) in texts {
            let found = matcher.hits(in: text)
            for list in found.indices where isAnswer || Self.lists[list].isForAllTexts {
                if let place = found[list], hits[list] == nil { hits[list] = (text, place) }
            }
            if damaged == nil, let place = Self.damage(in: text) { damaged = (text, place) }
        }
        // A rendered text is made of markers on purpose.
        if example.shape == .text { hits[0] = nil }
        for (list, hit) in zip(Self.lists, hits) {
            if let hit { book.add(list.check, example.place, Excerpt.of(hit.text, aroundByte: hit.at)) }
        }
        if let (text, place) = damaged {
            book.add(.damagedCharacters, example.place, Excerpt.of(text, aroundByte: place))
        }
    }

    /// The first sign of UTF-8 that was read as Latin-1 or Windows-1252 (`Ã©`, `â€™`), or of lost characters (`�`).
    private static func damage(in text: String) -> Int? {
        var text = text
        return text.withUTF8 { bytes in
            guard !bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            for place in bytes.indices.dropLast(2) {
                switch bytes[place] {
                // Ã or Â and a character of the block above ASCII, as in Ã© and Â£.
                case 0xC3
                where place + 3 < bytes.count && (bytes[place + 1] == 0x83 || bytes[place + 1] == 0x82)
                    && bytes[place + 2] == 0xC2 && bytes[place + 3] < 0xC0:
                    return place
                // â€, the beginning of curly quotes and dashes.
                case 0xC3
                where place + 4 < bytes.count && bytes[place + 1] == 0xA2 && bytes[place + 2] == 0xE2
                    && bytes[place + 3] == 0x82 && bytes[place + 4] == 0xAC:
                    return place
                case 0xEF where bytes[place + 1] == 0xBF && bytes[place + 2] == 0xBD: return place
                default: continue
                }
            }
            return nil
        }
    }

    private func lookAtAnswer(of example: Example, _ book: inout EvidenceBook) {
        guard case .chat = example.body else { return }
        let answer = example.completion
        let fences = Self.fences(in: answer)
        if fences % 2 == 1 { book.add(.cutAnswer, example.place, "an open code block: …\(answer.suffix(80))") }
        let request = example.request
        if answer.utf8.count >= 8,
            answer.utf8.count == request.utf8.count || abs(answer.utf8.count - request.utf8.count) < 4,
            TextKey.normalised(answer) == TextKey.normalised(request)
        {
            book.add(.answerRepeatsRequest, example.place, answer)
        }
    }

    private static func fences(in text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var count = 0
            var place = 0
            while place + 2 < bytes.count {
                if bytes[place] == 0x60, bytes[place + 1] == 0x60, bytes[place + 2] == 0x60 {
                    count += 1
                    place += 3
                } else {
                    place += 1
                }
            }
            return count
        }
    }

    private func lookAtTools(of example: Example, _ book: inout EvidenceBook) {
        var undeclared: String?
        var invalid: String?
        for call in example.messages.lazy.flatMap(\.toolCalls) {
            let function = call["function"] ?? call
            let name = function["name"]?.stringValue ?? ""
            let declared = example.tools.first { ($0["function"] ?? $0)["name"]?.stringValue == name }
            if declared == nil { undeclared = undeclared ?? name }
            let arguments = function["arguments"]
            guard let values = arguments?.objectValue ?? arguments?.nestedJSON?.objectValue else {
                if arguments?.stringValue != "" {
                    invalid = invalid ?? "\(name): \(arguments?.text() ?? "no arguments")"
                }
                continue
            }
            let parameters = (declared?["function"] ?? declared)?["parameters"]
            for key in parameters?["required"]?.arrayValue ?? [] {
                if let key = key.stringValue, values[key] == nil { invalid = invalid ?? "\(name): no \(key)" }
            }
            if let known = parameters?["properties"]?.objectValue,
                parameters?["additionalProperties"]?.boolValue != true
            {
                for key in values.keys where known[key] == nil { invalid = invalid ?? "\(name): unknown \(key)" }
            }
        }
        if let undeclared { book.add(.toolNotDeclared, example.place, undeclared) }
        if let invalid { book.add(.toolArgumentsInvalid, example.place, invalid) }
    }
}

extension Excerpt {
    /// Around a byte offset, which is what scanners know.
    static func of(_ text: String, aroundByte place: Int) -> String {
        let index =
            text.utf8.index(text.utf8.startIndex, offsetBy: place, limitedBy: text.utf8.endIndex) ?? text.endIndex
        return of(text, around: text.unicodeScalars.distance(from: text.startIndex, to: index))
    }
}
