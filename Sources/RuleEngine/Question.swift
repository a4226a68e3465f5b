package import YAMLText

/// How a person is asked for one fact.
package struct Question: Sendable {
    package let fact: String
    package let ask: String
    /// Why the answer matters, shown beside the question.
    package let why: String
    /// A worked example of an answer.
    package let example: String?
    /// What each choice means, in the order of the fact's closed list.
    package let choices: [(value: String, meaning: String)]
    package let sources: [Citation]
    package let place: YAMLPlace

    static func read(_ node: YAMLNode) throws(YAMLError) -> Question {
        let map = try node.map()
        var choices: [(value: String, meaning: String)] = []
        for (key, node) in try map.optional("choices")?.map().entries ?? [] {
            choices.append((key.text, try node.string()))
        }
        let question = Question(
            fact: try map.required("fact").string(),
            ask: try map.required("ask").string(),
            why: try map.required("why").string(),
            example: try map.optional("example")?.string(),
            choices: choices,
            sources: try Citation.readList(map.optional("sources")),
            place: map.place)
        try map.finish()
        return question
    }
}
