import JSONText

/// A chat template taken apart into what it writes around each turn, for programs with a template language of their own.
///
/// The template is asked with words that stand nowhere else; what it writes around them is what it writes around any text.
/// The parts are then put together again for several conversations and compared with what the template itself writes.
package struct ChatTurns: Sendable, Hashable {
    package struct Turn: Sendable, Hashable {
        package var before: String
        package var after: String
    }

    /// How a system message is written.
    package enum System: Sendable, Hashable {
        /// A turn of its own, before all others.
        case turn(Turn)
        /// Into the first user turn, with this text between the two.
        case insideUser(between: String)
    }

    /// Before everything else where no system message is given: a begin token, or a system message of the template's own.
    package var opening: String
    /// Before everything else where one is given.
    package var openingWithSystem: String
    package var system: System?
    package var user: Turn
    package var assistant: Turn
    /// Where the assistant is to speak.
    package var answerStart: String

    /// Nil for a template that is not made of turns, or writes a turn differently depending on others.
    package init?(_ template: ChatTemplate) {
        func write(_ turns: [(String, String)], answering: Bool = false) -> String? {
            let messages: [JSONValue] = turns.map { ["role": JSONValue($0.0), "content": JSONValue($0.1)] }
            return try? template.render(messages: messages, addGenerationPrompt: answering).text
        }
        let (s, u, a, v) = ("Zwsystemzw", "Zwuserzw", "Zwanswerzw", "Zwsecondzw")
        guard let single = write([("user", u)]), let asking = write([("user", u)], answering: true),
            let answered = write([("user", u), ("assistant", a)]),
            let second = write([("user", u), ("assistant", a), ("user", v)]), asking.utf8.starts(with: single.utf8),
            let (first, afterUser) = Self.around(u, in: single),
            let (upToAnswer, afterAnswer) = Self.around(a, in: answered),
            upToAnswer.hasPrefix(single), let (upToSecond, afterSecond) = Self.around(v, in: second),
            upToSecond.hasPrefix(answered), afterSecond == afterUser
        else { return nil }
        answerStart = String(asking.dropFirst(single.count))
        assistant = Turn(before: String(upToAnswer.dropFirst(single.count)), after: afterAnswer)
        user = Turn(before: String(upToSecond.dropFirst(answered.count)), after: afterUser)
        guard first.hasSuffix(user.before) else { return nil }
        opening = String(first.dropLast(user.before.count))
        openingWithSystem = opening
        if let withSystem = write([("system", s), ("user", u)]), let (head, rest) = Self.around(s, in: withSystem),
            let (between, _) = Self.around(u, in: rest)
        {
            if between.hasSuffix(user.before), !user.before.isEmpty {
                system = .turn(Turn(before: head, after: String(between.dropLast(user.before.count))))
                openingWithSystem = ""
            } else if head.hasSuffix(user.before) {
                system = .insideUser(between: between)
                openingWithSystem = String(head.dropLast(user.before.count))
            }
        }
        for conversation in Self.trials {
            guard conversation[0].0 != "system" || system != nil else { continue }
            guard write(conversation, answering: true) == text(of: conversation) else { return nil }
        }
    }

    private static let trials = [
        [("user", "Hello there")], [("system", "Be brief."), ("user", "Hi")],
        [("user", "One"), ("assistant", "Two"), ("user", "Three")],
        [
            ("system", "Sort."), ("user", "b a"), ("assistant", "a b"), ("user", "d c"), ("assistant", "c d"),
            ("user", "f e"),
        ],
    ]

    /// The conversation as the parts write it, up to where the assistant is to speak.
    func text(of conversation: [(role: String, content: String)]) -> String {
        let given = conversation.first.flatMap { $0.role == "system" ? $0.content : nil }
        var text = given == nil ? opening : openingWithSystem
        if let given, case .turn(let turn) = system { text += turn.before + given + turn.after }
        var isFirst = true
        for (role, content) in conversation where role != "system" {
            if role == "user" {
                text += user.before
                if isFirst, let given, case .insideUser(let between) = system { text += given + between }
                text += content + user.after
                isFirst = false
            } else {
                text += assistant.before + content + assistant.after
            }
        }
        return text + answerStart
    }

    private static func around(_ word: String, in text: String) -> (before: String, after: String)? {
        guard let range = text.firstRange(of: word) else { return nil }
        let after = text[range.upperBound...]
        return after.contains(word) ? nil : (String(text[..<range.lowerBound]), String(after))
    }
}
