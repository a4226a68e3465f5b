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
            --prompt asks one question: as the user's turn of a chat where the model has a chat template, else (or with \
            --raw) as a text to continue. --chat takes a conversation. Each line of a --prompts file holds `messages` (put \
            through the chat template) or `prompt` (text that is continued as it stands); answers come in the same order, \
            one JSON object per line. Greedy unless --temperature is given.
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: "One question, or with --raw the beginning of a text.")
    var prompt: String?

    @Flag(help: "With --prompt: continue the text as it stands, without the chat template.")
    var raw = false

    @Option(help: ArgumentHelp("A conversation: a JSON list of messages, or an object with `messages`.", valueName: "file.json"))
    var chat: String?

    @Option(help: ArgumentHelp("A JSONL file of prompts; `-` reads standard input.", valueName: "file.jsonl"))
    var prompts: String?

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

    @Flag(help: "Print JSON with the token ids; answers to a --prompts file always are.")
    var json = false

    @OptionGroup var rules: InstallationOptions

    func validate() throws {
        guard [prompt, chat, prompts].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("give one of --prompt TEXT, --chat FILE or --prompts FILE")
        }
        guard !raw || prompt != nil else { throw ValidationError("--raw belongs to --prompt") }
        guard maxNewTokens > 0 else { throw ValidationError("--max-new-tokens must be at least 1") }
        guard temperature ?? 1 > 0 else {
            throw ValidationError("--temperature must be more than 0; leave it out for greedy")
        }
        guard topP > 0, topP <= 1 else { throw ValidationError("--top-p must be more than 0 and at most 1") }
    }

    func run() throws {
        let opened = try model.open(rules.installation())
        let rows = try promptRows(opened.encoder)
        let weights = try opened.weights(longestRow: rows.map(\.ids.count).max() ?? 0)
        let sampling =
            temperature.map { Generator.Sampling.sampled(temperature: $0, topP: topP, seed: seed) } ?? .greedy
        let texts = try Generator(model: weights).generate(
            prompts: rows.map(\.ids), limit: maxNewTokens, stopIDs: try opened.stopIDs(), sampling: sampling)
        for text in texts {
            let output = opened.encoder.tokenizer.decode(text.ids, skipSpecialTokens: true)
            guard json || prompts != nil else {
                Terminal.data(output)
                if text.finish == .length { Terminal.say("cut after \(maxNewTokens) tokens (--max-new-tokens)") }
                continue
            }
            let line: JSONValue = [
                "output": JSONValue(output), "ids": .array(text.ids.map { JSONValue($0) }),
                "finish": JSONValue(text.finish.rawValue),
            ]
            Terminal.data(line.text(.pythonStyle))
        }
    }

    private func promptRows(_ encoder: ChatEncoder) throws -> [PromptRow] {
        if let prompt {
            let place = PromptError.Place(path: "--prompt", line: 1)
            guard !raw, encoder.template != nil else { return [try PromptRow(text: prompt, encoder, place)] }
            return [try PromptRow(messages: [["role": "user", "content": JSONValue(prompt)]], tools: nil, encoder, place)]
        }
        if let chat {
            let place = PromptError.Place(path: chat, line: 1), json: JSONValue
            do { json = try JSONValue.parse(try FileStore().readText(chat)) } catch let error as JSONSyntaxError {
                throw PromptError.notJSON(error, .init(path: chat, line: error.line))
            }
            guard let messages = json.arrayValue ?? json["messages"]?.arrayValue else {
                throw PromptError.noPrompt(keys: json.objectValue?.keys ?? [], place)
            }
            return [try PromptRow(messages: messages, tools: json["tools"]?.arrayValue, encoder, place)]
        }
        return try PromptRow.read(path: prompts ?? "-", encoder)
    }
}

/// One line of a prompts file.
struct PromptRow {
    let ids: [Int32]

    init(text: String, _ encoder: ChatEncoder, _ place: PromptError.Place) throws {
        ids = encoder.tokenizer.encode(text, addSpecialTokens: true)
        guard !ids.isEmpty else { throw PromptError.empty(place) }
    }

    init(messages: [JSONValue], tools: [JSONValue]?, _ encoder: ChatEncoder, _ place: PromptError.Place) throws {
        ids = try encoder.promptIDs(messages: messages, tools: tools)
        guard !ids.isEmpty else { throw PromptError.empty(place) }
    }

    static func read(path: String, _ encoder: ChatEncoder) throws -> [PromptRow] {
        let text = path == "-" ? standardInput() : try FileStore().readText(path)
        var rows: [PromptRow] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.allSatisfy(\.isWhitespace) {
            let place = PromptError.Place(path: path, line: index + 1)
            let row: JSONValue
            do { row = try JSONValue.parse(String(line)) } catch { throw PromptError.notJSON(error, place) }
            if let messages = row["messages"]?.arrayValue {
                rows.append(try PromptRow(messages: messages, tools: row["tools"]?.arrayValue, encoder, place))
            } else if let prompt = row["prompt"]?.stringValue {
                rows.append(try PromptRow(text: prompt, encoder, place))
            } else {
                throw PromptError.noPrompt(keys: row.objectValue?.keys ?? [], place)
            }
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
