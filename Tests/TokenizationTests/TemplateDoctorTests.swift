import FileStore
import Foundation
import JSONText
import Testing

@testable import Tokenization

@Suite("The template doctor")
struct TemplateDoctorTests {
    private func findings(_ template: String) throws -> [String: Bool] {
        let bytes = try FileStore().read(TokenizerComponentTests.folder + "/llama3.json")
        let json = try #require(try JSONValue.parse(utf8: bytes)["tokenizer"]).utf8()
        let encoder = ChatEncoder(
            tokenizer: try Tokenizer(json: json, file: "llama3"), template: try ChatTemplate(source: template))
        return Dictionary(
            uniqueKeysWithValues: TemplateDoctor(encoder: encoder).examine().map { ($0.check.rawValue, $0.isPassed) })
    }

    private func failed(_ template: String) throws -> [String] {
        try findings(template).filter { !$0.value }.keys.sorted()
    }

    @Test("a sound template passes every check")
    func sound() throws {
        #expect(try findings(ChatTemplate.chatML).count == TemplateDoctor.Check.allCases.count)
        #expect(try failed(ChatTemplate.chatML).isEmpty)
    }

    @Test("each mistake is found")
    func mistakes() throws {
        #expect(try failed("{{ raise_exception('no') }}") == ["renders"])
        let untrained = ChatTemplate.chatML.replacingOccurrences(
            of: "{{- message['content'] + '<|im_end|>' -}}\n        {%- endgeneration -%}",
            with: "{{- message['content'] -}}\n        {%- endgeneration -%}{{- '<|im_end|>' -}}")
        #expect(try failed(untrained) == ["end_of_turn_is_trained"])
        let deaf = ChatTemplate.chatML.replacingOccurrences(
            of: "{%- for message in messages -%}", with: "{%- for message in messages if message.role != 'system' -%}")
        #expect(try failed(deaf) == ["system_role"])
        let other = ChatTemplate.chatML.replacingOccurrences(
            of: "{{- '<|im_start|>assistant\\n' -}}", with: "{{- '<|im_start|>assistant: ' -}}")
        #expect(try failed(other) == ["prompt_is_prefix"])
        let forgetful = ChatTemplate.chatML.replacingOccurrences(
            of: "{%- for message in messages -%}", with: "{{- messages | length -}}{%- for message in messages -%}")
        #expect(try failed(forgetful).contains("prefix_is_kept"))
    }
}
