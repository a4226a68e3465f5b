import FileStore
package import JSONText

/// Conversations to input ids and loss masks: one tokenizer and one template, always used together.
package struct ChatEncoder: Sendable {
    package let tokenizer: Tokenizer
    /// nil for a model that has none; then only plain texts can be encoded.
    package let template: ChatTemplate?
    /// Rendered instead of `template` when tools are given, where the model brings one.
    package let toolTemplate: ChatTemplate?
    /// For templates that mark no answers: the same text with the answers marked.
    package let trainingTemplate: TrainingTemplate?, toolTrainingTemplate: TrainingTemplate?
    /// Ids after which a generated answer is complete.
    package let stopIDs: [Int32]
    /// SHA-256 of tokenizer and template: data encoded under equal fingerprints is interchangeable.
    package let fingerprint: String

    /// Where it was read from.
    private let folder: String

    package init(
        tokenizer: Tokenizer, template: ChatTemplate?, toolTemplate: ChatTemplate? = nil, stopIDs: [Int32] = [],
        folder: String = ""
    ) {
        self.folder = folder
        self.tokenizer = tokenizer
        self.template = template
        self.toolTemplate = toolTemplate
        trainingTemplate = template.flatMap(TrainingTemplate.init(for:))
        toolTrainingTemplate = toolTemplate.flatMap(TrainingTemplate.init(for:))
        var builder = FingerprintBuilder()
        builder.add(tokenizer.fingerprint.hex)
        for template in [template, toolTemplate].compactMap(\.self) {
            builder.add("\0" + template.source)
            for (name, text) in template.specialTokens.sorted(by: { $0.key < $1.key }) { builder.add("\0\(name)\0\(text)") }
        }
        fingerprint = builder.fingerprint.hex
        var ids = stopIDs + (tokenizer.specialTokens.endOfSequence.map { [$0.id] } ?? [])
        if let template { ids += Self.endOfTurn(tokenizer, template) }
        var seen: Set<Int32> = []
        self.stopIDs = ids.filter { seen.insert($0).inserted }
    }

    /// The special tokens that the template puts behind what an assistant says.
    private static func endOfTurn(_ tokenizer: Tokenizer, _ template: ChatTemplate) -> [Int32] {
        let question: JSONValue = ["role": "user", "content": "a"]
        let answer: JSONValue = ["role": "assistant", "content": "b"]
        guard let whole = try? template.render(messages: [question, answer]).text,
            let answerEnd = whole.utf8.lastIndex(of: UInt8(ascii: "b"))
        else { return [] }
        let behind = String(Substring(whole.utf8[whole.utf8.index(after: answerEnd)...]))
        return tokenizer.encode(behind).prefix { tokenizer.isSpecial($0) }.prefix(1).map { $0 }
    }

    /// The whole conversation. Targets are what an assistant writes in it: the template's `{% generation %}` parts, or,
    /// where it marks none, those of the training template made for it.
    package func encode(messages: [JSONValue], tools: [JSONValue]? = nil) throws(ChatEncodingError) -> EncodedChat {
        let template = try template(for: tools)
        let rendered = try render(messages, tools)
        let spans: [Range<Int>]
        if template.marksGeneration {
            if let line = rendered.lostGenerationLine { throw .lostGeneration(line: line) }
            spans = rendered.generationSpans
        } else {
            spans = try answerSpans(in: rendered, messages, tools)
        }
        let encoded = tokenizer.encodeWithOffsets(rendered.text)
        return EncodedChat(
            ids: encoded.ids, isTarget: Self.targets(encoded.ranges, spans), text: rendered.text, ranges: encoded.ranges)
    }

    /// The whole conversation without its targets.
    package func conversationIDs(
        messages: [JSONValue], tools: [JSONValue]? = nil
    ) throws(ChatEncodingError) -> [Int32] {
        tokenizer.encode(try render(messages, tools).text)
    }

    /// The conversation up to the point where the assistant is to speak.
    package func promptIDs(messages: [JSONValue], tools: [JSONValue]? = nil) throws(ChatEncodingError) -> [Int32] {
        tokenizer.encode(try promptText(messages: messages, tools: tools))
    }

    /// The same as the template writes it.
    package func promptText(messages: [JSONValue], tools: [JSONValue]? = nil) throws(ChatEncodingError) -> String {
        try render(messages, tools, addGenerationPrompt: true).text
    }

    private func template(for tools: [JSONValue]?) throws(ChatEncodingError) -> ChatTemplate {
        guard let template else { throw .noTemplate(folder: folder) }
        return tools == nil ? template : toolTemplate ?? template
    }

    private func render(
        _ messages: [JSONValue], _ tools: [JSONValue]?, addGenerationPrompt: Bool = false
    ) throws(ChatEncodingError) -> RenderedChat {
        let template = try template(for: tools)
        do throws(ChatTemplateError) {
            return try template.render(
                messages: messages, tools: tools, addGenerationPrompt: addGenerationPrompt)
        } catch {
            throw .template(error)
        }
    }

    /// A token counts as soon as it shares a byte with a span: one that straddles the start was made by the model.
    private static func targets(_ ranges: [Range<Int>], _ spans: [Range<Int>]) -> [Bool] {
        let spans = spans.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        var first = 0
        return ranges.map { range in
            while first < spans.count, spans[first].upperBound <= range.lowerBound { first += 1 }
            return spans[first...].prefix { $0.lowerBound < range.upperBound }.contains { $0.overlaps(range) }
        }
    }

    /// The parts the training template marks, provided that it writes exactly what the template writes.
    private func answerSpans(
        in rendered: RenderedChat, _ messages: [JSONValue], _ tools: [JSONValue]?
    ) throws(ChatEncodingError) -> [Range<Int>] {
        guard let training = tools != nil && toolTemplate != nil ? toolTrainingTemplate : trainingTemplate else {
            throw .noTrainingTemplate
        }
        let marked: RenderedChat
        do throws(ChatTemplateError) {
            marked = try training.template.render(messages: messages, tools: tools)
        } catch {
            if case .raised(let text) = error.reason, text.hasPrefix(TrainingTemplate.refusal),
                let number = Int(text.dropFirst(TrainingTemplate.refusal.count))
            {
                throw .answerNotFound(turn: number - 1)
            }
            throw .template(error)
        }
        guard marked.text.utf8.elementsEqual(rendered.text.utf8) else { throw .trainingTemplateDiffers }
        return marked.generationSpans
    }
}

/// Input ids, one flag per id whether it is a target token, and the text they came from.
package struct EncodedChat: Sendable, Hashable {
    package var ids: [Int32]
    package var isTarget: [Bool]
    package var text: String
    /// The UTF-8 bytes of `text` each id stands for.
    package var ranges: [Range<Int>]

    package init(ids: [Int32], isTarget: [Bool], text: String, ranges: [Range<Int>] = []) {
        self.ids = ids
        self.isTarget = isTarget
        self.text = text
        self.ranges = ranges
    }
}

/// Why a conversation cannot be encoded, or an encoder not be made.
package enum ChatEncodingError: Error, Sendable, Hashable {
    case tokenizer(TokenizerError)
    case template(ChatTemplateError)
    /// Neither `chat_template.jinja` nor a `chat_template` in `tokenizer_config.json`.
    case noTemplate(folder: String)
    /// The template marks what an assistant writes, but inside a macro or a captured block, so its place is not known.
    case lostGeneration(line: Int)
    /// The template marks nothing, and where that answer stands in what it writes could not be found.
    case answerNotFound(turn: Int)
    /// The template marks nothing, and none that does could be made from it.
    case noTrainingTemplate
    /// The template made from it writes this conversation differently.
    case trainingTemplateDiffers
}

extension ChatEncodingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tokenizer(let error): "\(error)"
        case .template(let error): "\(error)"
        case .noTemplate(let folder): "no chat template in \(folder)"
        case .lostGeneration(let line): "the generation block in line \(line) of the template is inside a macro"
        case .answerNotFound(let turn): "where message \(turn + 1) stands in what the template writes could not be found"
        case .noTrainingTemplate: "the template marks no answers, and none that does could be made from it"
        case .trainingTemplateDiffers: "the template made to mark answers writes this conversation differently"
        }
    }
}
