package import JSONText

/// One row of training or test data, whatever the file's spelling was.
package struct Example: Sendable, Hashable {
    package var place: RowPlace
    package var shape: RowShape
    package var body: Body
    /// Tools the conversation may call; the templates' `tools`.
    package var tools: [JSONValue]
    /// Rows of one group never part when splits are drawn: paraphrases, one customer, one document.
    package var group: String?
    /// Marked `real` by its owner: seen in production rather than written for training.
    package var isReal: Bool
    /// Where the row came from, in its owner's words (`expert`, `synthetic`, a file name).
    package var source: String?
    /// Who checked the row, and under what licence it is, where a member says so. Both stay in `metadata` too.
    package var reviewer: String?
    package var licence: String?
    /// The part its owner put it into, by file name or by a `split` field.
    package var assignedPart: Split.Part?
    /// Of the row's bytes in its file: rows that are equal byte for byte have equal hashes. 0 where there are no bytes.
    package var rowHash: UInt64 = 0
    /// The row or one of its messages wrote a key twice.
    package var hasDuplicateKeys = false
    /// Members no reader of hone understands: reviewer, licence, date.
    package var metadata: JSONObject?

    package init(
        place: RowPlace, shape: RowShape, body: Body, tools: [JSONValue] = [], group: String? = nil,
        isReal: Bool = false,
        source: String? = nil, assignedPart: Split.Part? = nil, metadata: JSONObject? = nil
    ) {
        self.place = place
        self.shape = shape
        self.body = body
        self.tools = tools
        self.group = group
        self.isReal = isReal
        self.source = source
        self.assignedPart = assignedPart
        self.metadata = metadata
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
    /// Index into `Dataset.files`.
    package var file: Int
    /// Counted from 1: the line the row starts on.
    package var line: Int
    /// Counted from 0, in the file as it is on disk (after decompression).
    package var byteOffset: Int

    package init(file: Int, line: Int, byteOffset: Int) {
        self.file = file
        self.line = line
        self.byteOffset = byteOffset
    }

    package static func < (one: RowPlace, other: RowPlace) -> Bool {
        (one.file, one.byteOffset, one.line) < (other.file, other.byteOffset, other.line)
    }
}
