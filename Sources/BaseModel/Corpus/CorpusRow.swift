import JSONText

/// One training conversation and the skill it teaches.
struct CorpusRow: Sendable {
    enum Role: String, Sendable {
        case system, user, assistant
    }

    struct Message: Sendable {
        var role: Role
        var content: String
    }

    var skill: Skill
    var messages: [Message]

    init(_ skill: Skill, user: String, assistant: String) {
        self.skill = skill
        messages = [Message(role: .user, content: user), Message(role: .assistant, content: assistant)]
    }

    init(_ skill: Skill, _ messages: [Message]) {
        self.skill = skill
        self.messages = messages
    }

    /// The row as one line of a data file, with further keys in front.
    func jsonLine(_ keys: [(String, JSONValue)] = []) -> String {
        let messages = messages.map { message in
            JSONValue(JSONObject([("role", .string(message.role.rawValue)), ("content", .string(message.content))]))
        }
        return JSONValue(JSONObject(keys + [("skill", .string(skill.rawValue)), ("messages", .array(messages))])).text()
            + "\n"
    }

    /// What is known before the last answer: equal prompts are the same question.
    var prompt: [String] { messages.dropLast().map(\.content) }

    /// UTF-8 bytes of all contents plus what the chat template adds: a row's cost, near enough, before tokens exist.
    var size: Int { messages.reduce(0) { $0 + $1.content.utf8.count + 24 } }
}

/// What a row teaches; its raw value is the `skill` key of the JSON line.
enum Skill: String, CaseIterable, Sendable {
    case knowledge, copying, repetition, arithmetic, pattern, passage, classification
    case taskTalk = "task_talk"
    case everyday, conversation
}
