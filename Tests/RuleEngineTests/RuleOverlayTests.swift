import RuleEngine
import Testing
import YAMLText

@Suite("An organisation's overlay")
struct RuleOverlayTests {
    private func load(_ body: String) throws -> RuleBook {
        try SmallRuleBook.load(overlay: "overlay: ACME rules\n" + body)
    }

    private func problem(_ body: String) throws -> RuleProblem.Kind {
        let problems = try SmallRuleBook.problems(overlay: "overlay: ACME rules\n" + body)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.place.file == "acme/overlay.yaml")
        return try #require(problems.first?.kind)
    }

    private func verdict(_ book: RuleBook, _ size: Double, _ colour: String = "green") -> FactValue? {
        var facts = Facts(book.vocabulary)
        facts["size"] = .number(size)
        facts["wanted"] = .flag(true)
        facts["colour"] = .text(colour)
        return book.deliberate(facts).facts["main.verdict"]
    }

    @Test("moves a threshold, and says so in the rule and in the book")
    func threshold() throws {
        let book = try load("changes: [{rule: main.many, fact: size, to: 20, reason: Our shelf is small}]")
        #expect(verdict(book, 19) == .text("leave") && verdict(book, 20) == .text("buy"))
        let override = try #require(book.overrides.first)
        #expect(override.text == "main.many: size at least 10 became 20, by ACME rules (Our shelf is small)")
        #expect(book.rule("main.many")?.rule.overridden.count == 1)
        let shipped = try SmallRuleBook.load()
        #expect(book.fingerprint != shipped.fingerprint)
        #expect(book.lint() == [])
    }

    @Test("moves a number that follows from a rule, and a cell of a table")
    func outcomes() throws {
        let book = try load(
            """
            changes:
              - {rule: enough.always, fact: derived.enough, to: 30}
              - {table: devices, row: small, column: gib, to: 6, checked_on: 2026-11-01, reason: measured here}
            add: [{table: devices, row: {id: huge, gib: 80, owner: ACME}}]
            """)
        #expect(book.deliberate(Facts(book.vocabulary)).facts["derived.enough"] == .number(30))
        #expect(book.table("devices")?["small"]?.number("gib") == 6)
        #expect(book.table("devices")?["small"]?.checkedOn == "2026-11-01")
        #expect(book.table("devices")?["huge"]?.number("gib") == 80)
        #expect(book.overrides.map(\.target) == ["devices#huge", "enough.always", "devices#small"])
    }

    private let rule = """
        {id: acme.no, title: Never, when: {fact: wanted, is: yes}, then: {verdict: leave}, rationale: Policy, basis: judgement, \
        owner: ACME, fails_when: Never}
        """

    @Test("adds a rule where it says, and does without one")
    func addsAndRetires() throws {
        let book = try load("add: [{decision: main, before: main.many, rule: \(rule)}]")
        #expect(verdict(book, 10) == .text("leave"))
        #expect(book.decision("main")?.rules.map(\.id) == ["main.forbidden", "acme.no", "main.many", "main.last"])
        let retired = try load("retire: [{rule: main.many}]")
        #expect(verdict(retired, 10) == .text("leave"))
        #expect(retired.overrides.map(\.text) == ["main.many: retired, by ACME rules, no reason given"])
    }

    @Test("weakens a safety rule only with a written reason: retired, moved or shadowed")
    func safety() throws {
        #expect(try problem("retire: [{rule: main.forbidden}]") == .overlayWeakensSafety("main.forbidden"))
        #expect(
            try problem("retire: [{rule: main.forbidden, reason: '  '}]") == .overlayWeakensSafety("main.forbidden"))
        let shadow = rule.replacing("verdict: leave", with: "verdict: buy")
        #expect(
            try problem("add: [{decision: main, before: main.forbidden, rule: \(shadow)}]")
                == .overlayWeakensSafety("main.forbidden"))
        let allowed = try load("retire: [{rule: main.forbidden, reason: We paint them green}]")
        #expect(verdict(allowed, 10, "red") == .text("buy"))
        #expect(allowed.overrides.first?.reason == "We paint them green")
    }

    @Test("is refused where it names what is not there, with what is")
    func unknown() throws {
        #expect(
            try problem("changes: [{rule: main.mny, fact: size, to: 3}]")
                == .unknownRule("main.mny", known: ["enough.always", "main.forbidden", "main.many", "main.last"]))
        #expect(
            try problem("changes: [{rule: main.many, fact: price, to: 3}]")
                == .noThreshold(rule: "main.many", fact: "price", known: ["size", "verdict"]))
        #expect(
            try problem("changes: [{table: device, row: a, column: b, to: 3}]")
                == .unknownTable("device", known: ["devices"]))
        #expect(
            try problem("changes: [{table: devices, row: tiny, column: gib, to: 3}]")
                == .unknownRow("tiny", table: "devices", known: ["small", "large"]))
        #expect(
            try problem("add: [{decision: mian, rule: \(rule)}]")
                == .unknownDecision("mian", known: ["enough", "main"]))
        guard case .fact(.outOfRange) = try problem("changes: [{rule: main.many, fact: size, to: -3}]") else {
            return #expect(Bool(false))
        }
        guard case .yaml(.unknownKey("chnages", _, _)) = try problem("chnages: []") else { return #expect(Bool(false)) }
    }

    @Test("a folder without overlay.yaml is no overlay")
    func noOverlay() {
        #expect(throws: RuleBookError.noOverlay(folder: "acme")) {
            try RuleBook.load(
                SmallRuleBook.folder(), overlay: RuleFolder(path: "acme", files: [("other.yaml", "a: b")]))
        }
    }
}
