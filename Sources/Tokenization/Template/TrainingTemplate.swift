import JSONText

/// A template that writes what another one writes, and marks what an assistant says in it (`{% generation %}`).
///
/// The template at hand stays as it is, inside a macro; around it the conversation is written once, and for every answer
/// the place is looked for where it stands. From the end of the prompt to the end of the answer, where the template writes
/// a conversation's beginning the same way however it goes on. Otherwise the conversation is written again with a mark in
/// place of the answer's text: what stands before the mark is what stands before the answer, and what follows the next
/// end of turn is what follows the answer. The end of turn belongs to the answer, its header does not. Where neither way
/// finds the answer the template refuses the conversation.
package struct TrainingTemplate: Sendable {
    package let template: ChatTemplate

    /// Nil for a template that marks answers itself.
    package init?(for original: ChatTemplate) {
        guard !original.marksGeneration else { return nil }
        let around = AnswerSurroundings(original)
        var body = original.source
        // The last line feed of a template is not written; inside a macro it would be.
        if body.hasSuffix("\r\n") || body.hasSuffix("\n") { body.removeLast() }
        let source = Self.source
            .replacing("§header§", with: Self.literal(around.header))
            .replacing("§end§", with: Self.literal(around.end))
            .replacing("§original§", with: body)
        guard var template = try? ChatTemplate(source: source, specialTokens: original.specialTokens) else {
            return nil
        }
        template.clock = original.clock
        template.passesPerMessage = 3
        self.template = template
    }

    /// What a refused conversation is told, before the number of the message.
    static let refusal = "no end of turn was found for message "

    private static func literal(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("'", with: "\\'").replacing("\n", with: "\\n")
            .replacing("\r", with: "\\r")
        return "'\(escaped)'"
    }

    /// `hone` is a namespace of its own, so that no name of the original is touched.
    private static let source = #"""
        {%- macro hone_original(messages, add_generation_prompt) %}
        §original§{%+ endmacro -%}
        {%- set hone = namespace(text=hone_original(messages, add_generation_prompt), done=0) -%}
        {%- for message in messages -%}
            {%- if message['role'] == 'assistant' -%}
                {%- set hone.begin = -1 -%}
                {%- if not loop.first -%}
                    {%- set hone.prompt = hone_original(messages[:loop.index0], true) -%}
                    {%- if hone.text.startswith(hone.prompt) -%}
                        {%- if loop.last and not add_generation_prompt -%}
                            {%- set hone.answered = hone.text -%}
                        {%- else -%}
                            {%- set hone.answered = hone_original(messages[:loop.index], false) -%}
                        {%- endif -%}
                        {%- if hone.text.startswith(hone.answered) and hone.answered.startswith(hone.prompt) -%}
                            {%- set hone.begin = hone.prompt | length -%}
                            {%- set hone.end = hone.answered | length -%}
                        {%- endif -%}
                    {%- endif -%}
                {%- endif -%}
                {%- if hone.begin < 0 -%}
                    {%- set hone.marked = hone_original(messages[:loop.index0] + [dict(message, content='hone-answer-mark')] + messages[loop.index:], add_generation_prompt).split('hone-answer-mark') -%}
                    {%- set hone.header = §header§ -%}
                    {%- set hone.tail = hone.marked[-1] -%}
                    {%- set hone.head = hone.marked[0] -%}
                    {%- if hone.header and hone.header in hone.head -%}
                        {%- set hone.head = (hone.head.split(hone.header)[:-1] | join(hone.header)) + hone.header -%}
                    {%- endif -%}
                    {%- set hone.last = loop.last and not add_generation_prompt -%}
                    {%- set hone.closing = §end§ -%}
                    {%- if hone.marked | length == 2 and (hone.last or hone.closing in hone.tail) -%}
                        {%- set hone.rest = '' if hone.last else hone.tail -%}
                        {%- if hone.closing and not hone.last -%}
                            {%- set hone.rest = hone.tail.split(hone.closing)[1:] | join(hone.closing) -%}
                        {%- endif -%}
                        {%- if hone.text.startswith(hone.head) and hone.text.endswith(hone.rest) -%}
                            {%- set hone.begin = hone.head | length -%}
                            {%- set hone.end = (hone.text | length) - (hone.rest | length) -%}
                        {%- endif -%}
                    {%- endif -%}
                {%- endif -%}
                {%- if hone.begin < hone.done or hone.end <= hone.begin -%}
                    {{- raise_exception('no end of turn was found for message ' ~ loop.index) -}}
                {%- endif -%}
                {{- hone.text[hone.done:hone.begin] -}}
                {%- generation -%}{{- hone.text[hone.begin:hone.end] -}}{%- endgeneration -%}
                {%- set hone.done = hone.end -%}
            {%- endif -%}
        {%- endfor -%}
        {{- hone.text[hone.done:] -}}
        """#
}

/// What a template writes before and behind every answer, however the conversation goes on.
private struct AnswerSurroundings {
    var header = ""
    var end = ""

    init(_ template: ChatTemplate) {
        func write(_ turns: [(String, String)], answering: Bool = false) -> String? {
            let messages: [JSONValue] = turns.map { ["role": JSONValue($0.0), "content": JSONValue($0.1)] }
            return try? template.render(messages: messages, addGenerationPrompt: answering).text
        }
        let (question, answer) = (("user", "Zwuserzw"), ("assistant", "Zwanswerzw"))
        guard let asked = write([question]), let last = write([question, answer]),
            let middle = write([question, answer, ("user", "Zwsecondzw")]),
            let lastParts = Self.parts(last, around: answer.1), let middleParts = Self.parts(middle, around: answer.1)
        else { return }
        end = Self.wholeMarkers(Self.commonStart(lastParts.after, middleParts.after))
        let headers = [lastParts.before, middleParts.before, write([question], answering: true) ?? asked].map {
            $0.utf8.starts(with: asked.utf8) ? String(decoding: $0.utf8.dropFirst(asked.utf8.count), as: UTF8.self) : ""
        }
        header = Self.commonStart(Self.commonStart(headers[0], headers[1]), headers[2])
    }

    private static func parts(_ text: String, around word: String) -> (before: String, after: String)? {
        guard let range = text.firstRange(of: word) else { return nil }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    private static func commonStart(_ one: String, _ other: String) -> String {
        String(zip(one, other).prefix { $0 == $1 }.map(\.0))
    }

    /// Without a marker that only begins: `<|end|>\n<|` is the end of one turn and the beginning of two others.
    private static func wholeMarkers(_ text: String) -> String {
        var text = text[...]
        for (open, close) in [("<", ">"), ("[", "]")] as [(Character, Character)] {
            if let begin = text.lastIndex(of: open), !text[begin...].contains(close) { text = text[..<begin] }
        }
        return String(text)
    }
}
