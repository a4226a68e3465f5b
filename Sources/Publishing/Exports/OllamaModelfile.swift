/// A `Modelfile` for `ollama create`: the GGUF it loads, the template in Ollama's (Go's) language, end tokens, limits.
package struct OllamaModelfile: Sendable {
    /// What a template writes around the turns of a conversation.
    package struct Turns: Sendable, Hashable {
        package var opening: String
        package var openingWithSystem: String
        /// Around a system message with a turn of its own.
        package var system: (before: String, after: String)?
        /// Between a system message and the first user turn that it is written into.
        package var systemInUser: String?
        package var user: (before: String, after: String)
        package var assistant: (before: String, after: String)
        package var answerStart: String

        package init(
            opening: String, openingWithSystem: String, user: (before: String, after: String),
            assistant: (before: String, after: String), answerStart: String
        ) {
            (self.opening, self.openingWithSystem, self.user) = (opening, openingWithSystem, user)
            (self.assistant, self.answerStart) = (assistant, answerStart)
        }

        package static func == (one: Turns, other: Turns) -> Bool { one.template == other.template }
        package func hash(into hasher: inout Hasher) { hasher.combine(template) }

        /// In one line where the parts have no breaks of their own: Go writes every space between its marks.
        package var template: String {
            func text(_ part: String) -> String {
                part.replacing("{{", with: #"{{ "{{" }}"#)
            }
            var head = text(opening)
            if let system {
                head =
                    "{{ if .System }}" + text(openingWithSystem + system.before) + "{{ .System }}" + text(system.after)
                    + "{{ else }}" + text(opening) + "{{ end }}"
            } else if systemInUser != nil, opening != openingWithSystem {
                head = "{{ if .System }}" + text(openingWithSystem) + "{{ else }}" + text(opening) + "{{ end }}"
            }
            var inside = ""
            if let systemInUser {
                // Messages hold the system message too, so the first user's turn is the second of them.
                inside = "{{ if and $.System (le $i 1) }}{{ $.System }}" + text(systemInUser) + "{{ end }}"
            }
            return head + "{{ range $i, $m := .Messages }}{{ if eq $m.Role \"user\" }}" + text(user.before) + inside
                + "{{ $m.Content }}" + text(user.after) + "{{ else if eq $m.Role \"assistant\" }}"
                + text(assistant.before)
                + "{{ $m.Content }}" + text(assistant.after) + "{{ end }}{{ end }}" + text(answerStart)
        }
    }

    /// Relative to the Modelfile.
    package var model: String
    package var turns: Turns?
    /// Texts after which an answer is complete.
    package var stops: [String]
    package var system: String?
    /// Tokens of prompt and answer together.
    package var contextLength: Int
    package var longestAnswer: Int?

    package init(
        model: String, turns: Turns?, stops: [String], system: String?, contextLength: Int, longestAnswer: Int?
    ) {
        (self.model, self.turns, self.stops, self.system) = (model, turns, stops, system)
        (self.contextLength, self.longestAnswer) = (contextLength, longestAnswer)
    }

    package func text(_ templates: ReportTemplates) throws(ReportError) -> String {
        try templates.render(
            Page(
                model: model, template: turns.map { Self.quoted($0.template) },
                stops: stops.map { Self.quoted($0) }, system: system.map { Self.quoted($0) },
                contextLength: String(contextLength), longestAnswer: longestAnswer.map { String($0) }),
            with: "Modelfile", isTidied: false)
    }

    /// Three quotes hold every text but three quotes, which Ollama has no way to write.
    private static func quoted(_ text: String) -> String {
        text.contains("\n") || text.contains("\"") ? "\"\"\"" + text + "\"\"\"" : "\"" + text + "\""
    }

    struct Page {
        let model: String
        let template: String?
        let stops: [String]
        let system: String?
        let contextLength: String
        let longestAnswer: String?
    }
}
