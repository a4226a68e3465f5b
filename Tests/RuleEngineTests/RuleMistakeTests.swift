import RuleEngine
import Testing
import YAMLText

@Suite("Mistakes in rule files are refused with their place")
struct RuleMistakeTests {
    private let file = "decisions/main.yaml"

    /// The only problem, as `line:column` and what it is.
    private func only(_ problems: [RuleProblem]) throws -> (place: String, kind: RuleProblem.Kind) {
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        return ("\(problem.place.line):\(problem.place.column)", problem.kind)
    }

    private func mistake(_ text: String, _ other: String) throws -> (place: String, kind: RuleProblem.Kind) {
        // Cases may speak of what can no longer be read; the mistake itself is in the decision.
        try only(SmallRuleBook.problems(in: file, text, became: other).filter { $0.place.file == "rules/" + file })
    }

    @Test("a sound book has none")
    func sound() throws {
        #expect(try SmallRuleBook.problems() == [])
    }

    @Test("an unknown fact, with the ones there are")
    func unknownFact() throws {
        let found = try mistake("fact: colour", "fact: color")
        #expect(found.place == "9:11")
        guard case .fact(.unknownFact("color", let known)) = found.kind else { return #expect(Bool(false), "\(found)") }
        #expect(known.contains("colour"))
    }

    @Test("an unknown key, a missing one and one written twice")
    func keys() throws {
        let missing = try mistake("    rationale: The law says so.\n", "")
        #expect(missing.place == "6:5")
        guard case .yaml(.missingKey("rationale", _)) = missing.kind else { return #expect(Bool(false), "\(missing)") }
        // A slip of the pen in a key that must be there is shown where it stands.
        let unknown = try mistake("    rationale: The law", "    rationle: The law")
        #expect(unknown.place == "11:5")
        guard case .yaml(.unknownKey("rationle", ["rationale"], _)) = unknown.kind else {
            return #expect(Bool(false), "\(unknown)")
        }
        let extra = try mistake("    safety: yes", "    safty: yes")
        #expect(extra.place == "8:5")
        guard case .yaml(.unknownKey("safty", let known, _)) = extra.kind else {
            return #expect(Bool(false), "\(extra)")
        }
        #expect(known.contains("safety"))
        let twice = try mistake("    safety: yes", "    title: Again")
        guard case .yaml(.duplicateKey("title", _)) = twice.kind else { return #expect(Bool(false), "\(twice)") }
    }

    @Test("a value outside a closed list, an outcome that does not exist, an operator that does not fit")
    func values() throws {
        let colour = try mistake("is: red", "is: rad")
        #expect(colour.kind == .fact(.notOneOf(fact: "colour", value: "rad", allowed: ["red", "green"])))
        #expect(colour.place == "9:30")
        let outcome = try mistake("then: {verdict: buy}", "then: {verdict: bye}")
        #expect(outcome.kind == .unknownOutcome("bye", column: "verdict", allowed: ["buy", "leave"]))
        let column = try mistake("then: {verdict: buy}", "then: {verdikt: buy}")
        #expect(column.kind == .unknownColumn("verdikt", known: ["verdict"]))
        let misfit = try mistake("{fact: colour, is: red}", "{fact: colour, at_least: 3}")
        #expect(misfit.kind == .operatorDoesNotFit(fact: "colour", comparison: "at_least", kind: "choice"))
        #expect(try mistake("{fact: colour, is: red}", "{fact: colour}").kind == .noOperator)
        let units = try mistake("at_least: 10", "at_least_fact: price")
        #expect(units.kind == .factsDoNotCompare("size", "price"))
    }

    @Test("an unresolved source or item, and a citation without a place")
    func sources() throws {
        #expect(try mistake("ref: paper", "ref: papper").kind == .unknownSource("papper", known: ["paper"]))
        #expect(try mistake("items: [P1]", "items: [P2]").kind == .unknownItem("P2", source: "paper"))
        #expect(try mistake(", items: [P1]", "").kind == .noLocator(source: "paper"))
    }

    @Test("a number without a unit")
    func unit() throws {
        let found = try only(
            SmallRuleBook.problems(in: "facts.yaml", "type: number, unit: USD", became: "type: number")
                .filter { $0.place.file.hasSuffix("facts.yaml") })
        #expect(found.place == "2:8")
        guard case .yaml(.missingKey("unit", _)) = found.kind else { return #expect(Bool(false), "\(found)") }
    }

    @Test("a judgement without an owner, a claim without a source")
    func provenance() throws {
        let judgement = try mistake(
            "    owner: us\n    fails_when: Never.\n  - id: main.many", "    fails_when: Never.\n  - id: main.many")
        #expect(judgement.kind == .judgementWithoutOwner("main.forbidden"))
        let problems = try SmallRuleBook.problems(in: file, "    sources: [{ref: paper, items: [P1]}]\n", became: "")
        #expect(problems.map(\.kind).contains(.noSource("main.many")))
    }

    @Test("an id written twice, and decisions that build on each other in a circle")
    func structure() throws {
        let twice = try mistake("id: main.last", "id: main.many")
        guard case .duplicateID("main.many", let first) = twice.kind else { return #expect(Bool(false), "\(twice)") }
        #expect(first.line == 15)
        let circle = try SmallRuleBook.problems([
            "decisions/enough.yaml": (SmallRuleBook.files["decisions/enough.yaml"] ?? "")
                .replacing("when: always", with: "when: {fact: main.verdict, is: buy}"),
            file: SmallRuleBook.main.replacing("at_least: 10", with: "at_least_fact: derived.enough"),
        ])
        #expect(circle.contains { if case .cycle(let names) = $0.kind { names.count == 3 } else { false } })
    }

    @Test("rules that can be true together under `unique`")
    func overlap() throws {
        let text = SmallRuleBook.main.replacing("hit_policy: first", with: "hit_policy: unique")
            .replacing("when: always", with: "when: {fact: size, at_least: 9}")
        let problems = try SmallRuleBook.problems([file: text])
        #expect(problems.map(\.kind).contains(.ruleOverlap(["main.many", "main.last"])))
    }

    @Test("a rule no case fires or leaves silent, an outcome no case reaches, a threshold without its pair")
    func cases() throws {
        func kinds(_ text: String, _ other: String) throws -> [RuleProblem.Kind] {
            try SmallRuleBook.problems(in: "cases/main.yaml", text, became: other).map(\.kind)
        }
        let silent = try kinds("\n  silent: [main.forbidden]", "")
        #expect(silent == [.noSilentCase("main.forbidden")])
        let firing = try kinds("fires: [main.many, main.last, enough.always]", "fires: [main.last, enough.always]")
        #expect(
            firing.contains(.noFiringCase("main.many")) && firing.contains(.unreachedOutcome("buy", column: "verdict")))
        let boundary =
            try kinds("      boundaries: [{rule: main.many, fact: size, fires: 10, silent: 9}]\n", "")
            + kinds("  boundaries: [{rule: main.many, fact: size, fires: 10, silent: 9}]\n", "")
        #expect(boundary.contains(.noBoundary(rule: "main.many", fact: "size", threshold: "10")))
        let wide = try kinds("silent: 9}", "silent: 3}")
        #expect(wide == [.noBoundary(rule: "main.many", fact: "size", threshold: "10")])
        let wrong = try kinds("given: {size: 10, wanted: yes}", "given: {size: 9, wanted: yes}")
        #expect(wrong.contains { if case .caseFails = $0 { true } else { false } })
    }

    @Test("an item nobody carries, a threshold that is only said, a question without an example")
    func coverage() throws {
        let uncited = SmallRuleBook.main.replacing("basis: published", with: "basis: judgement\n    owner: us")
            .replacing("    sources: [{ref: paper, items: [P1]}]\n", with: "")
        #expect(try SmallRuleBook.problems([file: uncited]).map(\.kind) == [.notCarried("P1")])
        let said = try SmallRuleBook.problems([file: uncited, "carried.yaml": "P1: {how: says, by: a text}"])
        #expect(said.map(\.kind) == [.onlySays("P1")])
        let planned = try SmallRuleBook.problems([file: uncited, "carried.yaml": "P1: {how: planned, by: later}"])
        #expect(planned == [])
        let question = try SmallRuleBook.problems(in: "questions/all.yaml", ", example: '3'", became: "")
        #expect(question.map(\.kind) == [.questionWithoutExample("size")])
    }

    @Test("an id of a table is checked, and the right one is near")
    func ids() throws {
        let vocabulary = try SmallRuleBook.load().vocabulary
        let device = try vocabulary.definition(of: "device")
        #expect(try device.value(["mine"]) == .text("mine") && device.value(["large"]) == .text("large"))
        #expect(
            throws: FactProblem.notAnID(
                fact: "device", value: "larg", table: "devices", known: ["mine", "small", "large"])
        ) {
            try device.value(["larg"])
        }
        let found = try mistake("{fact: colour, is: red}", "{fact: device, is: larg}")
        guard case .fact(.notAnID) = found.kind else { return #expect(Bool(false), "\(found)") }
    }
}
