package import JSONText
package import RuleEngine

extension Decision {
    /// The decision as one JSON object, in the shape of the contract (design, *Verdicts*).
    package func json(_ sources: SourceBook, next: String) -> JSONValue {
        JSONValue(
            JSONObject([
                ("verdict", JSONValue(verdict.rawValue)),
                ("with", list(with)),
                ("method", JSONValue(method, JSONValue.init(_:))),
                ("venue", JSONValue(venue, JSONValue.init(_:))),
                ("confidence", JSONValue(confidence.rawValue)),
                ("decided_by", list(decidedBy)),
                ("options", JSONValue(options.map(json))),
                ("reasons", JSONValue(reasons.map { json($0, sources) })),
                ("flips", JSONValue(flips.map(json))),
                ("unknown", list(unknown)),
                ("questions", JSONValue(questions.map(json))),
                ("follow_ups", list(followUps.map(\.name))),
                ("dissent", JSONValue(dissent.map { json($0, sources) })),
                ("size_band", JSONValue(sizeBand?.outcome("band")?.text, JSONValue.init(_:))),
                ("contradictions", JSONValue(contradictions.map(explained))),
                ("disagreements", JSONValue(situation.disagreements.map(json))),
                ("overrides", JSONValue(overrides.map(json))),
                ("costs", JSONValue(costs) { $0.json }),
                ("experiment", JSONValue(experiment) { $0.json }),
                ("models", JSONValue(models) { $0.json }),
                ("facts", facts),
                ("rule_book", JSONValue(ruleBook)),
                ("next", JSONValue(next)),
            ]))
    }

    private func list(_ words: [String]) -> JSONValue { JSONValue(words.map { JSONValue($0) }) }

    private func text(_ rule: Rule) -> JSONValue {
        JSONValue(JSONObject([("rule", JSONValue(rule.id)), ("text", JSONValue(rule.title))]))
    }

    private func explained(_ rule: Rule) -> JSONValue {
        JSONValue(
            JSONObject([
                ("rule", JSONValue(rule.id)), ("text", JSONValue(rule.title)), ("because", JSONValue(rule.rationale)),
            ]))
    }

    private func json(_ option: Option) -> JSONValue {
        JSONValue(
            JSONObject([
                ("verdict", JSONValue(option.verdict.rawValue)),
                ("rank", JSONValue(option.rank)),
                ("for", JSONValue(option.speaksFor.map(text))),
                ("against", JSONValue(option.speaksAgainst.map(text))),
                ("waits_for", list(option.waitsFor)),
            ]))
    }

    private func json(_ open: OpenQuestion) -> JSONValue {
        let answers = open.answers.map { answer in
            JSONValue(
                JSONObject([
                    ("answer", JSONValue(answer.spelled)), ("means", JSONValue(answer.meaning)),
                    ("verdict", JSONValue(answer.verdict.rawValue)),
                ]))
        }
        return JSONValue(
            JSONObject([
                ("fact", JSONValue(open.question.fact)),
                ("ask", JSONValue(open.question.ask)),
                ("why", JSONValue(open.question.why)),
                ("example", JSONValue(open.question.example, JSONValue.init(_:))),
                ("unit", JSONValue(open.unit)),
                ("answers", JSONValue(answers)),
            ]))
    }

    private func json(_ override: RuleOverride) -> JSONValue {
        JSONValue(
            JSONObject([
                ("rule", JSONValue(override.target)),
                ("what", JSONValue(override.what)),
                ("reason", JSONValue(override.reason, JSONValue.init(_:))),
                ("overlay", JSONValue(override.overlay)),
                ("text", JSONValue(override.text)),
            ]))
    }

    private func json(_ reason: Reason, _ sources: SourceBook) -> JSONValue {
        let citation = reason.rule.sources.first
        let source = citation.flatMap { sources.source($0.ref)?.title } ?? reason.rule.owner
        let places = reason.rule.sources.flatMap { $0.items + ($0.locator.map { [$0] } ?? []) }
        return JSONValue(
            JSONObject([
                ("rule", JSONValue(reason.rule.id)),
                ("text", JSONValue("\(reason.rule.title). \(reason.rule.rationale)")),
                ("source", JSONValue(source, JSONValue.init(_:))),
                ("where", JSONValue(places.joined(separator: ", "))),
                ("cited", list(sources.cited(by: reason.rule))),
                ("origin", JSONValue(reason.origin)),
                ("model", JSONValue(reason.model, JSONValue.init(_:))),
            ]))
    }

    private func json(_ flip: Flip) -> JSONValue {
        let change = JSONObject(flip.changes.map { ($0.fact, json($0.value)) })
        let words = flip.changes.map { change in
            let definition = situation.facts.vocabulary[change.fact]
            return definition.map { "\($0.what): \($0.words(change.value))" } ?? change.fact
        }
        return JSONValue(
            JSONObject([
                ("change", JSONValue(change)), ("words", list(words)), ("verdict", JSONValue(flip.verdict.rawValue)),
            ]))
    }

    private func json(_ objection: Objection, _ sources: SourceBook) -> JSONValue {
        JSONValue(
            JSONObject([
                ("rule", JSONValue(objection.rule)),
                ("source", JSONValue(sources.spelled(objection.dissent.citation))),
                ("says", JSONValue(objection.dissent.says)),
                ("text", JSONValue(sources.spelled(objection.dissent.citation) + ": " + objection.dissent.says)),
            ]))
    }

    private func json(_ disagreement: Situation.Disagreement) -> JSONValue {
        JSONValue(
            JSONObject([
                ("fact", JSONValue(disagreement.fact)),
                ("answered", json(disagreement.answered)),
                ("measured", json(disagreement.measured)),
                ("data_counts", JSONValue(disagreement.dataCounts)),
            ]))
    }

    private var facts: JSONValue {
        JSONValue(
            JSONObject(
                situation.facts.known.map { id, value in
                    let origin = situation.origin(of: id)?.name ?? "derived"
                    return (id, JSONValue(JSONObject([("value", json(value)), ("origin", JSONValue(origin))])))
                }))
    }

    private func json(_ value: FactValue) -> JSONValue {
        switch value {
        case .text(let text): JSONValue(text)
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15 ? JSONValue(Int(number)) : JSONValue(number)
        case .flag(let flag): JSONValue(flag ? "yes" : "no")
        case .set(let members): JSONValue(members.map { JSONValue($0) })
        }
    }
}

extension Experiment {
    var json: JSONValue {
        JSONValue(
            JSONObject([
                ("days", JSONValue(days)), ("cases", JSONValue(cases)), ("examples", JSONValue(examples)),
                ("needed", JSONValue(needed)), ("people", JSONValue(people)), ("labels_per_day", labelsPerDay.json),
                ("cost_usd", cost.json),
            ]))
    }
}

extension ModelShortlist {
    var json: JSONValue {
        JSONValue(
            candidates.map { candidate in
                let row = candidate.row
                return JSONValue(
                    JSONObject([
                        ("id", JSONValue(row.id)),
                        ("name", JSONValue(row.text("name"), JSONValue.init(_:))),
                        ("parameters_billion", JSONValue(candidate.billions)),
                        ("context_tokens", JSONValue(row.number("context_tokens") ?? 0)),
                        ("licence", JSONValue(row.text("licence"), JSONValue.init(_:))),
                        ("obliges", JSONValue(candidate.obligations, JSONValue.init(_:))),
                        ("commercial", JSONValue(row.text("commercial"), JSONValue.init(_:))),
                        ("gated", JSONValue(row.text("gated"), JSONValue.init(_:))),
                        ("qlora_gib", JSONValue(candidate.qlora) { $0.json }),
                        ("lora_gib", JSONValue(candidate.lora) { $0.json }),
                        ("printed_qlora_gib", JSONValue(candidate.printed?.number("qlora_gib")) { JSONValue($0) }),
                        ("checked_on", JSONValue(row.checkedOn, JSONValue.init(_:))),
                    ]))
            })
    }
}
