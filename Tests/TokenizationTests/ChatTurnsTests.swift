import FileStore
import JSONText
import Testing

@testable import Tokenization

@Suite("Chat templates taken apart into turns")
struct ChatTurnsTests {
    private static let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    @Test("the practice model's template is made of turns")
    func chatML() throws {
        let source = try FileStore().readText(Self.home + "/models/base/chat_template.jinja")
        let turns = try #require(ChatTurns(try ChatTemplate(source: source)))
        #expect(turns.opening == "")
        #expect(turns.user == .init(before: "<|im_start|>user\n", after: "<|im_end|>\n"))
        #expect(turns.assistant == .init(before: "<|im_start|>assistant\n", after: "<|im_end|>\n"))
        #expect(turns.answerStart == "<|im_start|>assistant\n")
        #expect(turns.system == .turn(.init(before: "<|im_start|>system\n", after: "<|im_end|>\n")))
    }

    @Test("a begin token and a system message of the template's own stand before the first turn")
    func ownSystem() throws {
        let source = """
            {{ bos_token }}{% if messages[0]['role'] != 'system' %}[S]Be kind.[/S]{% endif %}\
            {% for m in messages %}{% if m['role'] == 'system' %}[S]{{ m['content'] }}[/S]\
            {% elif m['role'] == 'user' %}[U]{{ m['content'] | trim }}[/U]{% else %}[A]{{ m['content'] }}[/A]{% endif %}\
            {% endfor %}{% if add_generation_prompt %}[A]{% endif %}
            """
        let turns = try #require(ChatTurns(try ChatTemplate(source: source, specialTokens: ["bos_token": "<s>"])))
        #expect(turns.opening == "<s>[S]Be kind.[/S]")
        #expect(turns.system == .turn(.init(before: "<s>[S]", after: "[/S]")))
    }

    @Test("a system message may be written into the first user turn")
    func inside() throws {
        let source = """
            {% set offset = 1 if messages[0]['role'] == 'system' else 0 %}{% for m in messages[offset:] %}\
            {% if m['role'] == 'user' %}<u>{% if loop.first and offset %}{{ messages[0]['content'] }}\n\n{% endif %}\
            {{ m['content'] }}</u>{% else %}<a>{{ m['content'] }}</a>{% endif %}{% endfor %}\
            {% if add_generation_prompt %}<a>{% endif %}
            """
        let turns = try #require(ChatTurns(try ChatTemplate(source: source)))
        #expect(turns.system == .insideUser(between: "\n\n"))
        #expect(turns.opening == "" && turns.openingWithSystem == "")
    }

    @Test("a template that writes a turn differently once others follow is not taken apart")
    func dependent() throws {
        let source = """
            {% for m in messages %}[{{ m['role'] }}{{ messages | length }}]{{ m['content'] }}{% endfor %}\
            {% if add_generation_prompt %}[assistant]{% endif %}
            """
        #expect(ChatTurns(try ChatTemplate(source: source)) == nil)
    }

    @Test("without the marks of what an assistant writes a template renders the same")
    func serving() throws {
        let source = try FileStore().readText(Self.home + "/models/base/chat_template.jinja")
        let template = try ChatTemplate(source: source), served = try ChatTemplate(source: template.servingSource)
        #expect(!template.servingSource.contains("generation -%}"))
        for count in 1...3 {
            let messages: [JSONValue] = (0..<count).map {
                ["role": $0 % 2 == 0 ? "user" : "assistant", "content": JSONValue("turn \($0)\n")]
            }
            for answering in [true, false] {
                let expected = try template.render(messages: messages, addGenerationPrompt: answering).text
                let found = try served.render(messages: messages, addGenerationPrompt: answering).text
                #expect(found == expected)
            }
        }
    }
}
