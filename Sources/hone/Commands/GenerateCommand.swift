import ArgumentParser
import FileStore
import Glibc
import JSONText
import Tokenization
import Transformer
import Workflows

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Let a model, with or without an adapter, answer prompts.",
        discussion: """
            Each line of the file holds `messages` (a conversation, put through the chat template) or `prompt` (text that \
            is continued as it stands). Answers come in the same order, one JSON object per line. Greedy unless \
            --temperature is given.
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: "A JSONL file of prompts; `-` reads standard input.")
    var prompts: String

    @Option(help: ArgumentHelp("The longest answer, in tokens.", valueName: "tokens"))
    var maxNewTokens = 128

    @Option(help: "Draw tokens instead of taking the likeliest: 1 as the model says, less is tamer.")
    var temperature: Double?

    @Option(
        help: ArgumentHelp(
            "With --temperature: draw from the likeliest tokens that make up this share.", valueName: "share"))
    var topP = 1.0

    @Option(help: "With --temperature: equal seeds give equal answers.")
    var seed = 17

    @Flag(help: "Print JSON; answers always are.")
    var json = false

    @OptionGroup var rules: InstallationOptions

    func validate() throws {
        guard maxNewTokens > 0 else { throw ValidationError("--max-new-tokens must be at least 1") }
        guard temperature ?? 1 > 0 else {
            throw ValidationError("--temperature must be more than 0; leave it out for greedy")
        }
        guard topP > 0, topP <= 1 else { throw ValidationError("--top-p must be more than 0 and at most 1") }
    }

    func run() throws {
        let opened = try model.open(rules.installation())
        let rows = try PromptRow.read(path: prompts, opened.encoder)
        let weights = try opened.weights(longestRow: rows.map(\.ids.count).max() ?? 0)
        let sampling =
            temperature.map { Generator.Sampling.sampled(temperature: $0, topP: topP, seed: seed) } ?? .greedy
        let texts = try Generator(model: weights).generate(
            prompts: rows.map(\.ids), limit: maxNewTokens, stopIDs: try opened.stopIDs(), sampling: sampling)
        for text in texts {
            let line: JSONValue = [
                "output": JSONValue(opened.encoder.tokenizer.decode(text.ids, skipSpecialTokens: true)),
                "ids": .array(text.ids.map { JSONValue($0) }), "finish": JSONValue(text.finish.rawValue),
            ]
            Terminal.data(line.text(.pythonStyle))
        }
    }
}

/// One line of a prompts file.
struct PromptRow {
    let ids: [Int32]

    static func read(path: String, _ encoder: ChatEncoder) throws -> [PromptRow] {
        let text = path == "-" ? standardInput() : try FileStore().readText(path)
        var rows: [PromptRow] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.allSatisfy(\.isWhitespace) {
            let place = PromptError.Place(path: path, line: index + 1)
            let row: JSONValue
            do { row = try JSONValue.parse(String(line)) } catch { throw PromptError.notJSON(error, place) }
            if let messages = row["messages"]?.arrayValue {
                rows.append(PromptRow(ids: try encoder.promptIDs(messages: messages, tools: row["tools"]?.arrayValue)))
            } else if let prompt = row["prompt"]?.stringValue {
                rows.append(PromptRow(ids: encoder.tokenizer.encode(prompt, addSpecialTokens: true)))
            } else {
                throw PromptError.noPrompt(keys: row.objectValue?.keys ?? [], place)
            }
            guard rows.last?.ids.isEmpty == false else { throw PromptError.empty(place) }
        }
        guard !rows.isEmpty else { throw PromptError.noRows(path: path) }
        return rows
    }

    private static func standardInput() -> String {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
    }
}

/// What is wrong with a prompts file.
enum PromptError: Error {
    struct Place {
        let path: String
        let line: Int
    }

    case notJSON(JSONSyntaxError, Place)
    case noPrompt(keys: [String], Place)
    case empty(Place)
    case noRows(path: String)
}
