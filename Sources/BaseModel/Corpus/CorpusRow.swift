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

    /// UTF-8 bytes of all contents plus what the chat template adds: a row's cost, near enough, before tokens exist.
    var size: Int { messages.reduce(0) { $0 + $1.content.utf8.count + 24 } }
}

/// What a row teaches; its raw value is the `skill` key of the JSON line.
enum Skill: String, CaseIterable, Sendable {
    case knowledge, copying, arithmetic, pattern, passage, classification, taskTalk = "task_talk", everyday
}
