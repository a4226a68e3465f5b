import ArgumentParser
import Datasets
import FileStore
import Glibc
import JSONText
import Plan
import Publishing
import Tokenization
import Workflows

struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Show data as the model will see it: token ids and which of them are learned.",
        discussion: """
            With data, every row becomes one JSON object with its text, input ids and loss mask; --show prints masks for \
            people instead. With --texts, plain texts are taken to ids and back. With --template and --conversations, only \
            the template is rendered: no model is needed.
            """)

    @Argument(help: "Data files or folders; `-` reads standard input.")
    var data: [String] = []

    @Option(
        help: ArgumentHelp(
            "A model folder in Hugging Face layout, or `\(ModelLocation.practiceName)` for the embedded practice model.",
            valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("Print the text and mask of the first rows, for people.", valueName: "rows"))
    var show: Int?

    @Flag(help: "With --show: one line per token, with its number.")
    var tokens = false

    @Option(help: ArgumentHelp("With --show: write a page, token by token.", valueName: "file.html"))
    var html: String?

    @Option(help: ArgumentHelp("Cut rows at this many tokens, as training would.", valueName: "tokens"))
    var maxLength: Int?

    @Option(help: ArgumentHelp("Encode and decode plain texts: lines of {\"text\": …}.", valueName: "file.jsonl"))
    var texts: String?

    @Option(help: ArgumentHelp("A chat template to render.", valueName: "file.jinja"))
    var template: String?

    @Option(
        help: ArgumentHelp(
            "What to render: lines of {\"messages\": […], \"kwargs\": {…}}.", valueName: "file.jsonl"))
    var conversations: String?

    @Flag(
        help: "Examine the model's chat template: what it renders, what it lets the model learn, where answers start.")
    var doctor = false

    @Flag(
        help: """
            Print the model's chat template with what an assistant writes marked, for training with other tools. A \
            template that marks it already is printed as it is.
            """)
    var trainingTemplate = false

    @Option(help: ArgumentHelp("Measure how fast the tokenizer loads and encodes a text.", valueName: "file.txt"))
    var speed: String?

    @Option(help: "With --speed: threads to use.")
    var threads = 1

    @Flag(help: "Print JSON; all but --show and --doctor always does.")
    var json = false

    @OptionGroup var rules: InstallationOptions

    func validate() throws {
        guard (template == nil) == (conversations == nil) else {
            throw ValidationError("--template and --conversations go together")
        }
        let jobs = [!data.isEmpty, texts != nil, template != nil, doctor, trainingTemplate, speed != nil].count { $0 }
        guard jobs == 1 else {
            throw ValidationError(
                "name one thing to do: data, --texts, --template with --conversations, --doctor, --training-template or --speed"
            )
        }
        guard template != nil || model != nil else {
            throw ValidationError("--model says whose tokenizer and template to use")
        }
        guard show ?? 1 > 0, maxLength ?? 1 > 0 else {
            throw ValidationError("--show and --max-length must be at least 1")
        }
        guard show == nil || !json else { throw ValidationError("--show is for people; leave out --json") }
        guard show != nil || !tokens && html == nil else {
            throw ValidationError("--tokens and --html belong to --show")
        }
        if let html, data.contains(html) { throw ValidationError("\(html) is the input: hone never writes over it") }
        guard !data.isEmpty || show == nil && maxLength == nil else {
            throw ValidationError("--show and --max-length are for data")
        }
    }

    func run() throws {
        if let template, let conversations {
            try renderConversations(template: template, conversations: conversations)
        } else if doctor {
            try examine(ChatEncoder(folder: try modelFolder()))
        } else if trainingTemplate {
            let encoder = try ChatEncoder(folder: try modelFolder())
            Terminal.data((encoder.trainingTemplate?.template ?? encoder.template)?.source ?? "")
        } else if let speed {
            let measured = try TokenizerSpeed(folder: try modelFolder(), text: speed, threads: max(1, threads))
            Terminal.data(measured.json.text(.pythonStyle))
        } else if let texts {
            try encodeTexts(texts, Tokenizer(folder: try modelFolder()))
        } else {
            try encodeData(ChatEncoder(folder: try modelFolder(), needsTemplate: false))
        }
    }

    private func modelFolder() throws -> String {
        try ModelLocation(ModelReference(model ?? ModelLocation.practiceName), in: try rules.installation()).path
    }

    /// Exit code 3 says that a check failed.
    private func examine(_ encoder: ChatEncoder) throws {
        let examination = TemplateExamination(findings: TemplateDoctor(encoder: encoder).examine())
        Terminal.data(json ? examination.json.text(.pretty) : examination.text)
        if !examination.isHealthy { throw Outcome(exitCode: .gateSaysNo) }
    }

    // MARK: Data

    private func encodeData(_ encoder: ChatEncoder) throws {
        let dataset = try DatasetReader(threads: sysconf(Int32(_SC_NPROCESSORS_ONLN))).read(paths: data)
        if let show {
            let shown = dataset.examples.prefix(show)
            if let html {
                try writePage(of: Array(shown), in: dataset, encoder, to: html)
            } else {
                for example in shown { self.show(example, in: dataset, encoder) }
            }
        } else {
            try printRows(of: dataset, encoder)
        }
        for reason in dataset.dropReasons { Terminal.say("left out: \(reason.count) rows (\(reason.problem.id))") }
    }

    private func show(_ example: Example, in dataset: Dataset, _ encoder: ChatEncoder) {
        let row = EncodedRow(example, encoder, maxLength: maxLength)
        Terminal.data(
            "\(dataset.describe(example.place)): \(row.ids.count) tokens, \(row.isTarget.count { $0 }) of them targets"
                + (row.dropped.map { ", dropped: \($0)" } ?? ""))
        guard tokens else {
            Terminal.data(row.chat.shown(width: min(max(Terminal.width, 40), 120)) + "\n")
            return
        }
        let pieces = row.chat.pieces
        for (place, id) in row.ids.enumerated() {
            let columns = [String(place), String(id)].map { String(repeating: " ", count: max(0, 6 - $0.count)) + $0 }
            let mark = row.isTarget[place] ? "▮" : "·"
            Terminal.data("\(columns[0]) \(columns[1])  \(mark)  \(pieces[place].debugDescription)")
        }
        Terminal.data("")
    }

    /// The page shows what lies behind the maximum length too, struck through.
    private func writePage(of examples: [Example], in dataset: Dataset, _ encoder: ChatEncoder, to path: String) throws
    {
        let store = FileStore()
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        let rows = examples.map { example -> EncodedPage.Row in
            let whole = EncodedRow(example, encoder, maxLength: nil)
            let cut = EncodedRow(example, encoder, maxLength: maxLength)
            let pieces = whole.chat.pieces
            let tokens = whole.ids.indices.map { place in
                EncodedPage.Token(
                    id: whole.ids[place], text: pieces[place], isTarget: whole.isTarget[place],
                    isCut: place >= cut.ids.count)
            }
            return EncodedPage.Row(
                place: dataset.describe(example.place), tokens: tokens, dropped: cut.dropped)
        }
        let title = data.map { FileStore.lastName(of: $0) }.joined(separator: ", ")
        let page = try EncodedPage(rows, title: title, model: model ?? ModelLocation.practiceName, templates)
        try store.write(page.text, to: path)
        Terminal.say("\(path): \(rows.count) rows, token by token")
    }

    /// Every row that was read, in the order of the file; those that cannot be used say why.
    private func printRows(of dataset: Dataset, _ encoder: ChatEncoder) throws {
        var dropped = dataset.dropped[...]
        func printDropped(before place: RowPlace?) {
            while let row = dropped.first, place.map({ (row.place.file, row.place.line) < ($0.file, $0.line) }) ?? true
            {
                dropped.removeFirst()
                Terminal.data(EncodedRow.json(line: row.place.line, dropped: row.problem.id).text(.pythonStyle))
            }
        }
        for example in dataset.examples {
            printDropped(before: example.place)
            Terminal.data(EncodedRow(example, encoder, maxLength: maxLength).json.text(.pythonStyle))
        }
        printDropped(before: nil)
    }

    // MARK: Texts and templates

    private func encodeTexts(_ path: String, _ tokenizer: Tokenizer) throws {
        for (row, place) in try JSONLines(path: path).rows {
            guard let text = row["text"]?.stringValue else { throw EncodeInputError.missing("text", place) }
            let ids = tokenizer.encode(text)
            let line: JSONValue = [
                "text": .string(text), "ids": .array(ids.map { JSONValue($0) }),
                "ids_special": .array(tokenizer.encode(text, addSpecialTokens: true).map { JSONValue($0) }),
                "decoded": .string(tokenizer.decode(ids)),
            ]
            Terminal.data(line.text(.pythonStyle))
        }
    }

    private func renderConversations(template path: String, conversations: String) throws {
        let template = try ChatTemplate(source: try FileStore().readText(path))
        for (row, place) in try JSONLines(path: conversations).rows {
            guard let messages = row["messages"]?.arrayValue else { throw EncodeInputError.missing("messages", place) }
            Terminal.data(render(messages, row["kwargs"]?.objectValue ?? [:], template).text(.pythonStyle))
        }
    }

    private func render(_ messages: [JSONValue], _ kwargs: JSONObject, _ template: ChatTemplate) -> JSONValue {
        var variables = kwargs
        variables["tools"] = nil
        variables["add_generation_prompt"] = nil
        do throws(ChatTemplateError) {
            let rendered = try template.render(
                messages: messages, tools: kwargs["tools"]?.arrayValue,
                addGenerationPrompt: kwargs["add_generation_prompt"]?.boolValue ?? false, variables: variables)
            let spans: [JSONValue] = rendered.spansInCodePoints.map {
                [JSONValue($0.lowerBound), JSONValue($0.upperBound)]
            }
            return ["text": .string(rendered.text), "spans": template.marksGeneration ? .array(spans) : .null]
        } catch {
            return ["error": .string(error.reason.description), "line": JSONValue(error.line)]
        }
    }
}

/// One row of data as the model sees it, or why it does not.
private struct EncodedRow {
    let line: Int
    var chat = EncodedChat(ids: [], isTarget: [], text: "")
    var ids: [Int32] { chat.ids }
    var isTarget: [Bool] { chat.isTarget }
    var dropped: String?

    init(_ example: Example, _ encoder: ChatEncoder, maxLength: Int?) {
        line = example.line
        do {
            let encoded = try DatasetEncoder(encoder: encoder, maxLength: .max).encode(example, index: 0)
            switch example.body {
            case .plainText(let text):
                let offsets = encoder.tokenizer.encodeWithOffsets(text, addSpecialTokens: true)
                chat = EncodedChat(
                    ids: encoded.inputIDs, isTarget: encoded.isTarget, text: text, ranges: offsets.ranges)
            case .chat(let messages):
                chat = try encoder.encode(
                    messages: messages.map(\.json), tools: example.tools.isEmpty ? nil : example.tools)
                chat.isTarget = encoded.isTarget
            }
        } catch {
            dropped = "\(error)"
            return
        }
        if let maxLength, chat.ids.count > maxLength {
            chat.ids.removeLast(chat.ids.count - maxLength)
            chat.isTarget.removeLast(chat.isTarget.count - maxLength)
        }
        if !chat.isTarget.dropFirst().contains(true) { dropped = "no_target" }
    }

    var json: JSONValue {
        [
            "line": JSONValue(line), "text": .string(chat.text), "input_ids": .array(ids.map { JSONValue($0) }),
            "loss_mask": .array(isTarget.map { JSONValue($0 ? 1 : 0) }), "dropped": JSONValue(dropped) { .string($0) },
        ]
    }

    /// A row that was not even read.
    static func json(line: Int, dropped: String) -> JSONValue {
        ["line": JSONValue(line), "text": nil, "input_ids": [], "loss_mask": [], "dropped": .string(dropped)]
    }
}

/// The objects of a JSONL file with their places.
private struct JSONLines {
    let rows: [(value: JSONValue, place: EncodeInputError.Place)]

    init(path: String) throws {
        rows = try FileStore().readText(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.utf8.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }
            .map { index, line in
                let place = EncodeInputError.Place(path: path, line: index + 1)
                do throws(JSONSyntaxError) {
                    return (try JSONValue.parse(String(line)), place)
                } catch {
                    throw EncodeInputError.notJSON(error, place)
                }
            }
    }
}

/// What is wrong with a file given to `--texts` or `--conversations`.
enum EncodeInputError: Error {
    case notJSON(JSONSyntaxError, Place)
    case missing(String, Place)

    struct Place {
        var path: String
        var line: Int
    }
}
