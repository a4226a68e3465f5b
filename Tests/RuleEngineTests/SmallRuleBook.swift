import RuleEngine

/// A rule book small enough to break in one place at a time.
enum SmallRuleBook {
    static let files: [String: String] = [
        "facts.yaml": """
        size: {type: whole, unit: things, min: 0, what: How many}
        price: {type: number, unit: USD, what: What one costs}
        colour: {type: choice, values: [red, green], what: Which colour}
        wanted: {type: yes_no, what: Somebody wants it}
        device: {type: text, ids_of: devices, also: [mine], what: On what}
        derived.enough: {type: whole, unit: things, from: derived, what: How many are enough}
        """,
        "sources.yaml": "paper: {title: A paper, prefix: P}",
        "items.yaml": "P1: {kind: [T], says: 'From ten on'}",
        "tables/devices.yaml": """
        table: devices
        title: Devices
        proven_by: "RuleEngineTests: an id of a table is checked"
        columns:
          gib: {type: number, unit: GiB, what: Memory}
        basis: judgement
        owner: us
        rows:
          - {id: small, gib: 4}
          - {id: large, gib: 8}
        """,
        "decisions/main.yaml": main,
        "decisions/enough.yaml": """
        decision: enough
        answers: How many are enough?
        hit_policy: first
        outcomes: {derived.enough: number}
        rules:
          - {id: enough.always, title: Ten, when: always, then: {derived.enough: 10}, rationale: So, basis: judgement, owner: us, fails_when: Never}
        """,
        "cases/main.yaml": """
        - case: Ten things
          given: {size: 10, wanted: yes}
          expect: {main.verdict: buy}
          fires: [main.many, main.last, enough.always]
          boundaries: [{rule: main.many, fact: size, fires: 10, silent: 9}]
        - case: Forbidden things
          given: {colour: red}
          expect: {main.verdict: leave}
          fires: [main.forbidden]
          silent: [main.many]
        - case: Green things
          given: {colour: green, size: 3}
          expect: {main.verdict: leave}
          silent: [main.forbidden]
        """,
        "questions/all.yaml": "[{fact: size, ask: How many?, why: It counts., example: '3'}]",
    ]

    static let main = """
        decision: main
        answers: Buy or leave?
        hit_policy: first
        outcomes: {verdict: [buy, leave]}
        rules:
          - id: main.forbidden
            title: Red is forbidden
            safety: yes
            when: {fact: colour, is: red}
            then: {verdict: leave}
            rationale: The law says so.
            basis: judgement
            owner: us
            fails_when: Never.
          - id: main.many
            title: From ten on
            when: {all: [{fact: size, at_least: 10}, {fact: wanted, is: yes}]}
            then: {verdict: buy}
            rationale: Many are cheap.
            basis: published
            sources: [{ref: paper, items: [P1]}]
            fails_when: They are bad.
          - id: main.last
            title: Otherwise leave it
            when: always
            then: {verdict: leave}
            rationale: Nothing speaks for it.
            basis: judgement
            owner: us
            fails_when: Never.
        """

    static func folder(_ changed: [String: String] = [:]) -> RuleFolder {
        RuleFolder(path: "rules", files: files.merging(changed) { $1 }.map { (name: $0.key, text: $0.value) })
    }

    /// The book with some files replaced.
    static func load(
        _ changed: [String: String] = [:], overlay: String? = nil, withCases: Bool = true
    ) throws -> RuleBook {
        let above = overlay.map { RuleFolder(path: "acme", files: [("overlay.yaml", $0)]) }
        return try RuleBook.load(folder(changed), overlay: above, withCases: withCases)
    }

    /// What loading complains about, or linting where loading does not.
    static func problems(_ changed: [String: String] = [:], overlay: String? = nil) throws -> [RuleProblem] {
        do {
            return try load(changed, overlay: overlay).lint()
        } catch let RuleBookError.invalid(problems) {
            return problems
        }
    }

    /// The problems after one text of a file was replaced by another.
    static func problems(in file: String, _ text: String, became other: String) throws -> [RuleProblem] {
        try problems([file: (files[file] ?? "").replacing(text, with: other)])
    }
}
