import JSONText

/// Checks that a chat template does what training and answering need, on conversations of its own.
package struct TemplateDoctor: Sendable {
    package enum Check: String, Sendable, Hashable, CaseIterable {
        case renders
        case systemRole = "system_role"
        case marksAnswers = "marks_answers"
        case endOfTurnIsTrained = "end_of_turn_is_trained"
        case singleBeginOfSequence = "single_begin_of_sequence"
        case prefixIsKept = "prefix_is_kept"
        case promptIsPrefix = "prompt_is_prefix"
    }

    package struct Finding: Sendable, Hashable {
        package let check: Check
        package let isPassed: Bool
        /// What was found, where the check failed or there is more to say.
        package let detail: String
    }

    private let encoder: ChatEncoder
    private let turns: [JSONValue] = [
        ["role": "user", "content": "First question?"], ["role": "assistant", "content": "First answer."],
        ["role": "user", "content": "Second question?"], ["role": "assistant", "content": "Second answer."],
    ]

    package init(encoder: ChatEncoder) { self.encoder = encoder }

    /// One finding for each check, in their order; without a rendering there is nothing else to say.
    package func examine() -> [Finding] {
        let whole: EncodedChat, half: EncodedChat, prompt: [Int32]
        do throws(ChatEncodingError) {
            whole = try encoder.encode(messages: turns)
            half = try encoder.encode(messages: Array(turns.prefix(2)))
            prompt = try encoder.promptIDs(messages: Array(turns.prefix(1)))
        } catch {
            return [Finding(check: .renders, isPassed: false, detail: "\(error)")]
        }
        return [
            Finding(check: .renders, isPassed: true, detail: ""), systemRole, marks(whole), endOfTurn(half), begin(whole),
            prefix(half, whole), promptPrefix(prompt, half),
        ]
    }

    private var systemRole: Finding {
        let system: JSONValue = ["role": "system", "content": "Be brief."]
        do throws(ChatEncodingError) {
            let text = try encoder.encode(messages: [system] + turns).text
            return Finding(
                check: .systemRole, isPassed: text.contains("Be brief."),
                detail: text.contains("Be brief.") ? "" : "a system message is left out without a word")
        } catch {
            return Finding(check: .systemRole, isPassed: false, detail: "\(error)")
        }
    }

    private func marks(_ chat: EncodedChat) -> Finding {
        let learnt = String(decoding: zip(chat.ranges, chat.isTarget).filter(\.1).flatMap { range, _ in
            Array(chat.text.utf8)[range]
        }, as: UTF8.self)
        let isPassed = learnt.contains("First answer.") && learnt.contains("Second answer.") && !learnt.contains("question")
        let made = encoder.trainingTemplate == nil ? "" : "by a training template: the model's own marks none"
        return Finding(
            check: .marksAnswers, isPassed: isPassed, detail: isPassed ? made : "learnt: \(learnt.debugDescription)")
    }

    private func endOfTurn(_ chat: EncodedChat) -> Finding {
        let learnt = Set(zip(chat.ids, chat.isTarget).filter(\.1).map(\.0))
        let isPassed = !learnt.isDisjoint(with: encoder.stopIDs)
        let names = encoder.stopIDs.map { encoder.tokenizer.decode([$0]) }.joined(separator: " ")
        return Finding(
            check: .endOfTurnIsTrained, isPassed: isPassed,
            detail: isPassed ? "" : "no token that ends an answer is learnt (\(names)): the model would not stop")
    }

    private func begin(_ chat: EncodedChat) -> Finding {
        guard let begin = encoder.tokenizer.specialTokens.beginOfSequence?.id else {
            return Finding(check: .singleBeginOfSequence, isPassed: true, detail: "the tokenizer has none")
        }
        let count = chat.ids.count { $0 == begin }
        return Finding(
            check: .singleBeginOfSequence, isPassed: count <= 1,
            detail: count <= 1 ? "" : "a conversation begins \(count) times")
    }

    private func prefix(_ half: EncodedChat, _ whole: EncodedChat) -> Finding {
        let isPassed = whole.text.utf8.starts(with: half.text.utf8)
        return Finding(
            check: .prefixIsKept, isPassed: isPassed,
            detail: isPassed ? "" : "what came before is written differently once the conversation goes on")
    }

    private func promptPrefix(_ prompt: [Int32], _ chat: EncodedChat) -> Finding {
        guard chat.ids.starts(with: prompt) else {
            return Finding(
                check: .promptIsPrefix, isPassed: false,
                detail: "answering starts from other tokens than those before a trained answer")
        }
        let first = chat.isTarget.firstIndex(of: true) ?? 0
        let isPassed = first <= prompt.count
        return Finding(
            check: .promptIsPrefix, isPassed: isPassed,
            detail: isPassed ? "" : "\(first - prompt.count) tokens of an answer are neither given nor learnt")
    }
}
