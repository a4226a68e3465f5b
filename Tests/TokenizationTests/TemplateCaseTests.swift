import FileStore
import JSONText
import Testing

@testable import Tokenization

/// Small templates, one feature each, against transformers' renderer (Tests/Oracles/template-cases).
@Suite("The template language does what Jinja does")
struct TemplateCaseTests {
    static let rows: [JSONValue] = {
        let path = TokenizerVectorTests.oracles + "/../template-cases/cases.jsonl"
        let lines = (try? FileStore().readText(path).split(separator: "\n")) ?? []
        return lines.compactMap { try? JSONValue.parse(String($0)) }
    }()

    /// Where hone still differs from Jinja: the words of an error, two letters of Unicode's special casing, the rest of a
    /// split by white space, `loop.depth`. No chat template in the oracles uses any of them.
    static let knownDifferences: Set<String> = [
        "{{ 1 in s }}", "{{ l[missing] }}", "{{ u|lower }}", "{{ u|capitalize }}", "{{ l|items|list }}",
        "{{ ls|map('nofilter')|list }}", "{{ l|select('>', 1)|list }}", "{{ sp.split(none, 1) }}", "{{ ','.join([1]) }}",
        "{{ range(200000)|length }}", "{% break %}", "{% raw %}",
        "{% for i in l %}{% for j in l %}{{ loop.index }}{{ loop.depth }}{% endfor %}{{ loop.index }}{{ loop.depth0 }} {% endfor %}",
    ]

    @Test("Every case renders the same text, or fails")
    func cases() throws {
        #expect(Self.rows.count > 500)
        let variables = try #require(Self.rows.last?["variables"]?.objectValue)
        for row in Self.rows.dropLast() {
            let source = try #require(row["template"]?.stringValue)
            guard Self.knownDifferences.contains(source) else {
                compare(row, source, variables)
                continue
            }
            withKnownIssue { compare(row, source, variables) }
        }
    }

    private func compare(_ row: JSONValue, _ source: String, _ variables: JSONObject) {
        let comment = Comment(rawValue: source)
        do {
            let text = try render(source, variables)
            #expect(Array(text.utf8) == Array((row["text"]?.stringValue ?? "an error").utf8), comment)
        } catch {
            // What hone refuses to follow is an error here too, and never another text.
            if case .unsupported = error.reason { return }
            #expect(kind(error) == row["error"]?.stringValue?.prefix { $0 != ":" }, comment)
        }
    }

    @Test("Few of the cases are beyond hone")
    func supported() throws {
        let variables = try #require(Self.rows.last?["variables"]?.objectValue)
        var unsupported: [String] = []
        for row in Self.rows.dropLast() {
            let source = row["template"]?.stringValue ?? ""
            do { _ = try render(source, variables) } catch {
                if case .unsupported(let what) = error.reason { unsupported.append("\(source): \(what)") }
            }
        }
        #expect(unsupported.count <= 12, Comment(rawValue: unsupported.joined(separator: "\n")))
    }

    /// Messages stay as they are written: `render` would prepare them.
    private func render(_ source: String, _ variables: JSONObject) throws(ChatTemplateError) -> String {
        let syntax = try TemplateParser.parse(source)
        let values = Dictionary(variables.map { ($0.key, TemplateValue($0.value)) }, uniquingKeysWith: { $1 })
        return try TemplateEvaluator(variables: values, clock: { 0 }).render(syntax).text
    }

    private func kind(_ error: ChatTemplateError) -> Substring { error.reason.description.prefix { $0 != ":" } }
}
