import Datasets
import Evaluation
import JSONText

/// A prompt with the best examples of the data, as messages for an API and as a page for people.
struct PromptFile {
    let instruction: String
    /// The instruction stands in the data as a system message; else it was made from the task's summary.
    let isFromData: Bool
    let choice: ExampleChoice
    /// Rows the prompt does not show.
    private let rest: [Example]
    /// What every answer fits, where answers are JSON.
    private let schema: JSONSchema?
    private let longestAnswer: Int

    init(task: String?, choice: ExampleChoice, all: [Example]) {
        self.choice = choice
        var counts: [String: Int] = [:]
        for example in all { if let text = example.systemPrompt { counts[text, default: 0] += 1 } }
        let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        isFromData = common != nil
        instruction = common ?? task ?? ""
        let shown = Set(choice.chosen.map(\.line))
        rest = all.filter {
            !shown.contains($0.line) && !$0.request.isEmpty && !$0.completion.isEmpty && !$0.isMultiTurn
        }
        schema = JSONSchema.inferred(from: all.map(\.completion).filter { !$0.isEmpty })
        longestAnswer = all.map(\.completion.utf8.count).max() ?? 0
    }

    func files(_ templates: ReportTemplates) throws(ReportError) -> [ReportInput.Deliverable] {
        [
            .init(file: "prompt.md", text: try templates.render(page, with: "prompt.md")),
            .init(file: "prompt.json", text: messages.text(.pretty) + "\n"),
            .init(file: "prompt-request.json", text: request.text(.pretty) + "\n"),
        ] + (rest.isEmpty ? [] : [.init(file: "prompt-tests.jsonl", text: tests)])
    }

    /// The body of a request to `/v1/chat/completions`: the likeliest answer, cut only far beyond the longest known one, and
    /// held to the shape all answers share.
    private var request: JSONValue {
        var body: JSONObject = ["model": "{{model}}", "messages": messages["messages"] ?? .array([])]
        body["temperature"] = 0
        // A token is a byte at worst; JSON and most languages take a third of that.
        body["max_tokens"] = JSONValue(max(64, longestAnswer))
        if let schema {
            body["response_format"] = [
                "type": "json_schema",
                "json_schema": [
                    "name": "answer", "strict": JSONValue(schema.requiresEveryKey), "schema": schema.json,
                ],
            ]
        }
        return .object(body)
    }

    private var tests: String {
        rest.map { example in
            let row: JSONValue = [
                "line": JSONValue(example.line), "request": JSONValue(example.request),
                "expected": JSONValue(example.completion),
            ]
            return row.text() + "\n"
        }.joined()
    }

    private var messages: JSONValue {
        var list: [JSONValue] = []
        if !instruction.isEmpty { list.append(["role": "system", "content": JSONValue(instruction)]) }
        for example in choice.chosen {
            list.append(["role": "user", "content": JSONValue(example.request)])
            list.append(["role": "assistant", "content": JSONValue(example.completion)])
        }
        list.append(["role": "user", "content": "{{request}}"])
        return ["messages": JSONValue(list)]
    }

    private var page: Page {
        Page(
            instruction: MarkdownText.fenced(instruction), isFromData: isFromData,
            examples: choice.chosen.map { example in
                Page.Shown(
                    line: String(example.line), request: MarkdownText.fenced(example.request),
                    answer: MarkdownText.fenced(example.completion))
            },
            candidates: Figure.count(choice.candidates), count: String(choice.chosen.count))
    }

    struct Page {
        let instruction: String
        let isFromData: Bool
        let examples: [Shown]
        let candidates: String
        let count: String

        struct Shown {
            let line: String
            let request: String
            let answer: String
        }
    }
}
