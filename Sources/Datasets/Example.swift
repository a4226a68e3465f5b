package import JSONText

/// One row of training or test data, whatever the file's spelling was.
///
/// Small on purpose: a dataset is many of them, and most say nothing about origin, tools or groups.
package struct Example: Sendable, Hashable {
    package var place: RowPlace
    /// Of the row's bytes in its file: rows that are equal byte for byte have equal hashes. 0 where there are no bytes.
    package var rowHash: UInt64 = 0
    package var body: Body
    private var details: Shared<Details>?
    package var shape: RowShape
    /// Marked `real` by its owner: seen in production rather than written for training.
    package var isReal: Bool
    /// The part its owner put it into, by file name or by a `split` field.
    package var assignedPart: Split.Part?
    /// The row or one of its messages wrote a key twice.
    package var hasDuplicateKeys = false
    /// The row holds a number that no double is near, such as `1e400`.
    package var hasUnboundedNumber = false

    package init(
        place: RowPlace, shape: RowShape, body: Body, tools: [JSONValue] = [], group: String? = nil,
        isReal: Bool = false,
        source: String? = nil, assignedPart: Split.Part? = nil, metadata: JSONObject? = nil
    ) {
        self.place = place
        self.shape = shape
        self.body = body
        self.isReal = isReal
        self.assignedPart = assignedPart
        let details = Details(tools: tools, group: group, source: source, metadata: metadata)
        if details != Details() { self.details = Shared(details) }
    }

    /// What few rows have.
    private struct Details: Sendable, Hashable {
        var tools: [JSONValue] = []
        var group: String?
        var source: String?
        var reviewer: String?
        var licence: String?
        var metadata: JSONObject?
    }

    private mutating func set<Value: Equatable>(_ detail: WritableKeyPath<Details, Value>, to value: Value) {
        var changed = details?.value ?? Details()
        guard changed[keyPath: detail] != value else { return }
        changed[keyPath: detail] = value
        details = changed == Details() ? nil : Shared(changed)
    }

    /// Tools the conversation may call; the templates' `tools`.
    package var tools: [JSONValue] {
        get { details?.value.tools ?? [] }
        set { set(\.tools, to: newValue) }
    }

    /// Rows of one group never part when splits are drawn: paraphrases, one customer, one document.
    package var group: String? {
        get { details?.value.group }
        set { set(\.group, to: newValue) }
    }

    /// Where the row came from, in its owner's words (`expert`, `synthetic`, a file name).
    package var source: String? {
        get { details?.value.source }
        set { set(\.source, to: newValue) }
    }

    /// Who checked the row, where a member says so. It stays in `metadata` too.
    package var reviewer: String? {
        get { details?.value.reviewer }
        set { set(\.reviewer, to: newValue) }
    }

    /// Under what licence the row is, where a member says so. It stays in `metadata` too.
    package var licence: String? {
        get { details?.value.licence }
        set { set(\.licence, to: newValue) }
    }

    /// Members no reader of hone understands: reviewer, licence, date.
    package var metadata: JSONObject? {
        get { details?.value.metadata }
        set { set(\.metadata, to: newValue) }
    }

    package enum Body: Sendable, Hashable {
        case chat([ChatMessage])
        /// Text without roles: every token is a target.
        case plainText(String)
    }
}

extension Example {
    package var line: Int { place.line }

    /// The whole conversation; empty for plain text.
    package var messages: [ChatMessage] {
        guard case .chat(let messages) = body else { return [] }
        return messages
    }

    /// Everything before the last answer; what a model is given when the row is a test.
    package var prompt: [ChatMessage] {
        guard let answer = messages.lastIndex(where: { $0.role == .assistant }) else { return messages }
        return Array(messages[..<answer])
    }

    /// The last answer, or the whole text of a row without roles. Tool calls are written as JSON.
    package var completion: String {
        guard case .chat(let messages) = body else {
            guard case .plainText(let text) = body else { return "" }
            return text
        }
        guard let answer = messages.last(where: { $0.role == .assistant }) else { return "" }
        guard answer.content.isEmpty, !answer.toolCalls.isEmpty else { return answer.content }
        return JSONValue.array(answer.toolCalls).text(.pythonStyle)
    }

    package var systemPrompt: String? { messages.first { $0.role == .system || $0.role == .developer }?.content }

    /// The last thing the user said before the last answer; what changes from row to row.
    package var request: String { prompt.last { $0.role == .user }?.content ?? "" }

    package var isMultiTurn: Bool { messages.count { $0.role == .user } > 1 }
}

/// Where a row stands, for messages and ledgers.
package struct RowPlace: Sendable, Hashable, Comparable {
    /// Counted from 0, in the file as it is on disk (after decompression).
    package var byteOffset: Int
    private var fileNumber: Int32
    private var lineNumber: UInt32

    package init(file: Int, line: Int, byteOffset: Int) {
        fileNumber = Int32(clamping: file)
        lineNumber = UInt32(clamping: line)
        self.byteOffset = byteOffset
    }

    /// Index into `Dataset.files`.
    package var file: Int {
        get { Int(fileNumber) }
        set { fileNumber = Int32(clamping: newValue) }
    }

    /// Counted from 1: the line the row starts on.
    package var line: Int {
        get { Int(lineNumber) }
        set { lineNumber = UInt32(clamping: newValue) }
    }

    package static func < (one: RowPlace, other: RowPlace) -> Bool {
        (one.file, one.byteOffset, one.line) < (other.file, other.byteOffset, other.line)
    }
}
