extension ReportPage {
    /// Why this verdict, what else was considered, and what would change it.
    struct DecisionPart {
        let reasons: [Reason]
        let options: [Option]
        let followUps: [Item]
        /// What the decision asks for besides, and this run did.
        let followUpsDone: [Item]
        let dissent: [DecisionRecord.Dissent]
        let notes: DecisionNotes

        struct Reason {
            let text: String
            let rule: String
            let source: String
            let origin: String
        }

        struct Option {
            let rank: String
            let title: String
            let id: String
            /// Markdown: one line per signal.
            let speaksFor: String
            let speaksAgainst: String
        }

        init(_ decision: DecisionRecord, done: Set<String>, _ words: Words) {
            reasons = decision.reasons.map { reason in
                let origin = words.name(.origins, reason.origin)
                return Reason(
                    text: reason.text, rule: reason.rule, source: reason.source,
                    origin: reason.model.map { "\(origin), tried on \($0)" } ?? origin)
            }
            options = decision.options.enumerated().map { place, option in
                Option(
                    rank: String(place + 1), title: words.name(.verdicts, option.verdict), id: option.verdict,
                    speaksFor: Self.lines(option.speaksFor), speaksAgainst: Self.lines(option.speaksAgainst))
            }
            func items(_ names: [String]) -> [Item] { names.map { Item(text: words.name(.followUps, $0)) } }
            followUps = items(decision.followUps.filter { !done.contains($0) })
            followUpsDone = items(decision.followUps.filter(done.contains))
            dissent = decision.dissent
            notes = DecisionNotes(decision, words)
        }

        private static func lines(_ texts: [String]) -> String {
            texts.isEmpty ? "–" : texts.map(MarkdownText.escaped).joined(separator: "<br>")
        }
    }
}
