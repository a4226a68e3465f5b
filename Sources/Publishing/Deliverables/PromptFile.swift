import Datasets
import JSONText

/// A prompt with the best examples of the data, as messages for an API and as a page for people.
struct PromptFile {
    let instruction: String
    /// The instruction stands in the data as a system message; else it was made from the task's summary.
    let isFromData: Bool
    let choice: ExampleChoice

    init(task: String?, choice: ExampleChoice, all: [Example]) {
        self.choice = choice
        var counts: [String: Int] = [:]
        for example in all { if let text = example.systemPrompt { counts[text, default: 0] += 1 } }
        let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        isFromData = common != nil
        instruction = common ?? task ?? ""
    }

    func files(_ templates: ReportTemplates) throws(ReportError) -> [ReportInput.Deliverable] {
        [
            .init(file: "prompt.md", text: try templates.render(page, with: "prompt.md")),
            .init(file: "prompt.json", text: messages.text(.pretty) + "\n"),
        ]
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
