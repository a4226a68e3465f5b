/// A program other than hone that loads a shipped file and answers with the likeliest token each time.
package protocol ServingProgram: Sendable {
    /// As people call it: `llama.cpp`, `Ollama`.
    var name: String { get }
    /// What exactly is asked: `llama-cpp-python 0.3.36`.
    var version: String { get }

    /// One answer per question, in their order.
    ///
    /// - Parameters:
    ///   - file: What it loads.
    ///   - limit: Tokens of an answer at most.
    ///   - threads: Of the processor.
    func answer(
        _ questions: [ServedQuestion], with file: String, limit: Int, threads: Int
    ) throws(ServingError) -> [ServedAnswer]
}

/// A held-out row's question, and the evaluated model's own answer to it.
package struct ServedQuestion: Sendable, Hashable {
    package let ids: [Int32]
    /// What the ids were cut from.
    package let text: String
    /// What the evaluated model answers, and whether it came to its end.
    package let wanted: [Int32]
    package let ends: Bool

    package init(ids: [Int32], text: String, wanted: [Int32], ends: Bool) {
        (self.ids, self.text, self.wanted, self.ends) = (ids, text, wanted, ends)
    }

    /// Tokens the evaluated model chose, the end included.
    var choices: Int { wanted.count + (ends ? 1 : 0) }
}

package struct ServedAnswer: Sendable, Hashable {
    package enum Output: Sendable, Hashable {
        case ids([Int32])
        /// Of a program that says no ids.
        case text(String)
    }

    package let output: Output
    /// It came to its end by itself.
    package let ends: Bool
    /// Tokens of the wanted answer that it would choose as well, led along that answer, the end included; nil for a
    /// program that cannot be led.
    package let agreed: Int?
    /// Whether it cuts the question into the same tokens; nil where it does not say.
    package let cutsEqually: Bool?

    package init(output: Output, ends: Bool, agreed: Int? = nil, cutsEqually: Bool? = nil) {
        (self.output, self.ends, self.agreed, self.cutsEqually) = (output, ends, agreed, cutsEqually)
    }
}

/// Why a program gave no answers.
package enum ServingError: Error, Sendable, Hashable {
    /// Named by the user, and not what it should be.
    case notFound(program: String, path: String)
    /// It could not be started, or did not load the file, or left; in its own words.
    case refused(program: String, said: String)
}
