import ArgumentParser
import Evaluation
import FileStore
import JSONText
import RuleEngine
import Search
import Workflows

struct AskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Search the index of a retrieval, and make the prompt for a model of what is found.",
        discussion: """
            Prints the best passages with the document each comes from. With --prompt it prints chat messages that hold the \
            passages and the question, for any chat API. `hone export RUN --documents DIR` makes the index.
            """)

    @Argument(help: "The question.")
    var question: String

    @Option(help: ArgumentHelp("The index to search.", valueName: "index.sqlite"))
    var index: String

    @Option(help: ArgumentHelp("How many passages.", valueName: "number"))
    var count = 5

    @Flag(help: "Print the prompt as JSON messages instead of the passages.")
    var prompt = false

    @Flag(help: "Print one JSON object with the passages and their scores.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard count > 0 else { throw ValidationError("--count must be at least 1") }
        guard !question.allSatisfy(\.isWhitespace) else { throw ValidationError("the question is empty") }
    }

    func run() throws {
        guard FileStore().isFile(index) else { throw AskError.noIndex(path: index) }
        let hits: [PassageStore.Hit]
        do { hits = try PassageStore(path: index).search(question, count: count) } catch {
            throw AskError.notAnIndex(path: index)
        }
        if prompt { return Terminal.data(try messages(hits).text(.pretty)) }
        if json {
            let passages: [JSONValue] = hits.map { hit in
                [
                    "source": JSONValue(hit.entry.source), "heading": JSONValue(hit.entry.heading),
                    "text": JSONValue(hit.entry.text), "score": JSONValue(hit.score),
                ]
            }
            return Terminal.data(
                JSONValue.object(["question": JSONValue(question), "passages": .array(passages)]).text(.pretty))
        }
        let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour)
        for (place, hit) in hits.enumerated() {
            let heading = hit.entry.heading.isEmpty ? "" : ", " + hit.entry.heading
            Terminal.data(page.bold("\(place + 1)  \(hit.entry.source)\(heading)"))
            Terminal.data(page.wrap(hit.entry.text, indent: 3).joined(separator: "\n"))
        }
        if hits.isEmpty { Terminal.say("no passage shares a word with the question") }
    }

    /// In the words the retrieval was measured with.
    private func messages(_ hits: [PassageStore.Hit]) throws -> JSONValue {
        guard let settings = ArmSuite.Settings(try rules.load()) else { throw ArmMeasuringError.noPrompts }
        let text = settings.wording.passages
            .replacing("{passages}", with: hits.map(\.entry.text).joined(separator: "\n"))
            .replacing("{request}", with: question)
        return ["messages": [["role": "user", "content": JSONValue(text)]]]
    }
}

enum AskError: Explained {
    case noIndex(path: String)
    case notAnIndex(path: String)

    var explanation: Explanation {
        switch self {
        case .noIndex(let path):
            Explanation("there is no index at \(path)", hint: "`hone export RUN --documents DIR` makes one")
        case .notAnIndex(let path):
            Explanation("\(path) is not an index of passages", hint: "`hone export RUN --documents DIR` makes one")
        }
    }
}
