import FileStore
import Testing

@testable import Publishing

@Suite("Modelfiles for Ollama")
struct OllamaModelfileTests {
    private static let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    @Test("template, end tokens, system message and limits are there, with every line break where it belongs")
    func text() throws {
        var turns = OllamaModelfile.Turns(
            opening: "", openingWithSystem: "", user: ("<|user|>\n\n\n", "<|end|>\n"),
            assistant: ("<|assistant|>\n", "<|end|>\n"),
            answerStart: "<|assistant|>\n")
        turns.system = ("<|system|>\n", "<|end|>\n")
        let file = OllamaModelfile(
            model: "../gguf/x-f16.gguf", turns: turns, stops: ["<|end|>"], system: "Say \"yes\".", contextLength: 2048,
            longestAnswer: 40)
        let text = try file.text(ReportTemplates(folder: Self.home + "/templates/report", FileStore()))
        #expect(text.contains("FROM ../gguf/x-f16.gguf\n"))
        #expect(text.contains("PARAMETER stop \"<|end|>\"\n"))
        #expect(text.contains("SYSTEM \"\"\"Say \"yes\".\"\"\"\n"))
        #expect(text.contains("PARAMETER num_ctx 2048\n") && text.contains("PARAMETER num_predict 40\n"))
        let template = """
            TEMPLATE \"\"\"{{ if .System }}<|system|>
            {{ .System }}<|end|>
            {{ else }}{{ end }}{{ range $i, $m := .Messages }}{{ if eq $m.Role "user" }}<|user|>


            {{ $m.Content }}<|end|>
            {{ else if eq $m.Role "assistant" }}<|assistant|>
            {{ $m.Content }}<|end|>
            {{ end }}{{ end }}<|assistant|>
            \"\"\"
            """
        #expect(text.contains(template))
    }

    @Test("text that looks like Go's own marks stays text")
    func marks() {
        let turns = OllamaModelfile.Turns(
            opening: "{{x}}", openingWithSystem: "", user: ("", ""), assistant: ("", ""), answerStart: "")
        #expect(turns.template.hasPrefix(#"{{ "{{" }}x}}"#))
    }
}
