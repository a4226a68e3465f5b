import JSONText

/// Turns the members of one row into an `Example`, whatever their spelling.
struct RowConverter {
    let format: RowShape?
    let fields: RowFields
    private let part: Split.Part?

    /// The system prompt of the row before. Most files repeat one; sharing it saves a copy per row.
    private var lastSystem = ""

    /// `format` nil looks at the keys of every row. `part` is what the file's name says.
    init(format: RowShape?, fields: RowFields, part: Split.Part?) {
        self.format = format
        self.fields = fields
        self.part = part
    }

    mutating func example(from value: JSONValue, at place: RowPlace) throws(RowProblem) -> Example {
        guard case .object(var object) = value else { throw .notAnObject(value.kind) }
        if object["row_idx"] != nil, let row = object["row"]?.objectValue { object = row }
        guard let shape = format ?? RowShape(of: object) else {
            if object["chosen"] != nil, object["rejected"] != nil { throw .preferencePair }
            throw .unknownShape(keys: object.keys)
        }
        var reading = RowReading(object: object, shape: RowReading.renderedShape(of: object, shape, format) ?? shape)
        var body = try reading.body()
        if case .chat(let messages) = body { body = .chat(try checked(messages)) }
        if case .plainText(let text) = body, text.allSatisfy(\.isWhitespace) { throw .emptyAnswer }
        var example = Example(place: place, shape: reading.shape, body: body)
        example.tools = try reading.tools()
        example.assignedPart = part
        example.hasDuplicateKeys = !object.duplicateKeys.isEmpty
        example.hasUnboundedNumber = JSONValue.object(object).holdsUnboundedNumber
        readLabels(of: &example, from: &reading)
        return example
    }

    private mutating func readLabels(of example: inout Example, from reading: inout RowReading) {
        guard reading.hasOtherMembers else { return }
        example.group = reading.take(firstOf: fields[.group])?.flatText
        example.source = reading.take(firstOf: fields[.source])?.flatText
        example.isReal = reading.take(firstOf: fields[.real])?.isYes ?? false
        if let name = reading.peek(firstOf: fields[.split])?.stringValue, let part = Split.Part(name: name) {
            _ = reading.take(firstOf: fields[.split])
            example.assignedPart = part
        }
        guard reading.hasOtherMembers else { return }
        example.reviewer = reading.peek(firstOf: fields[.reviewer])?.named
        example.licence = reading.peek(firstOf: fields[.licence])?.named
        example.metadata = reading.otherMembers
    }

    private mutating func checked(_ messages: [ChatMessage]) throws(RowProblem) -> [ChatMessage] {
        guard !messages.isEmpty else { throw .noMessages }
        let answers = messages.filter(\.isTrained)
        guard !answers.isEmpty else { throw .noAnswer }
        guard answers.contains(where: { !$0.content.allSatisfy(\.isWhitespace) || !$0.toolCalls.isEmpty }) else {
            throw .emptyAnswer
        }
        guard let first = messages.first, first.role == .system, first.fields == nil else { return messages }
        guard first.content == lastSystem else {
            lastSystem = first.content
            return messages
        }
        var messages = messages
        messages[0].content = lastSystem
        return messages
    }
}

extension RowShape {
    /// The shape a row's keys show; nil when no combination is known.
    init?(of object: JSONObject) {
        if object["messages"] != nil {
            self = .messages
        } else if let turns = RowReading.conversationKeys.lazy.compactMap({ object[$0] }).first {
            let first = turns[0] ?? turns.nestedJSON?[0]
            self = first?["role"] != nil ? .hybrid : .shareGPT
        } else if object["contents"] != nil {
            self = .gemini
        } else if object["chosen"] != nil, object["rejected"] != nil {
            return nil
        } else if object["instruction"] != nil, RowReading.answerKeys.contains(where: { object[$0] != nil }) {
            self = .alpaca
        } else if let prompt = RowReading.promptKeys.lazy.compactMap({ object[$0] }).first,
            RowReading.answerKeys.contains(where: { object[$0] != nil })
        {
            self = prompt.arrayValue != nil ? .promptCompletionMessages : .promptCompletion
        } else if RowReading.textKeys.contains(where: { object[$0] != nil }) {
            self = RowReading.labelKeys.contains { object[$0] != nil } ? .textLabel : .text
        } else {
            return nil
        }
    }
}

extension Split.Part {
    /// `train`, `valid`, `dev`, … as people and hubs write them.
    init?(name: String) {
        switch name.lowercased() {
        case "train", "training": self = .train
        case "validation", "valid", "val", "dev", "development": self = .validation
        case "test", "testing", "heldout", "holdout": self = .test
        default: return nil
        }
    }
}

extension JSONValue {
    /// A string or number as text: ids are written both ways.
    fileprivate var flatText: String? { stringValue ?? numberValue?.text }

    /// Who or what a member names; nil where it says nobody.
    fileprivate var named: String? {
        guard let text = flatText ?? boolValue.map({ $0 ? "yes" : "" }) else { return nil }
        return ["", "no", "none", "null", "unknown", "n/a", "false"].contains(text.lowercased()) ? nil : text
    }

    fileprivate var isYes: Bool {
        if let value = boolValue { return value }
        return ["true", "yes", "1"].contains((flatText ?? "").lowercased())
    }

    /// The value of a string that itself holds JSON, as in CSV cells and OpenAI's tool arguments.
    var nestedJSON: JSONValue? {
        guard let text = stringValue, let first = text.utf8.first(where: { $0 > 0x20 }),
            first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
        else { return nil }
        return try? JSONValue.parse(text)
    }
}
