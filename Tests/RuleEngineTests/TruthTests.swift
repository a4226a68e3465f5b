import RuleEngine
import Testing

@Suite("Three truth values")
struct TruthTests {
    private let values: [Truth] = [.holds, .fails, .unknown]

    @Test("one part that fails makes `all` fail, whatever is unknown beside it")
    func all() {
        for one in values {
            for other in values {
                let expected: Truth =
                    one == .fails || other == .fails ? .fails : one == .holds && other == .holds ? .holds : .unknown
                #expect(Truth.all([one, other]) == expected)
            }
        }
        #expect(Truth.all([Truth]()) == .holds)
    }

    @Test("one part that holds makes `any` hold, and `none` is its opposite")
    func any() {
        for one in values {
            for other in values {
                let expected: Truth =
                    one == .holds || other == .holds ? .holds : one == .fails && other == .fails ? .fails : .unknown
                #expect(Truth.any([one, other]) == expected)
                let opposite: Truth = expected == .holds ? .fails : expected == .fails ? .holds : .unknown
                #expect(Truth.none([one, other]) == opposite)
            }
        }
    }

    @Test("a test of a fact nobody answered is unknown, never false")
    func unanswered() throws {
        let book = try SmallRuleBook.load()
        var facts = Facts(book.vocabulary)
        let rule = try #require(book.rule("main.many")?.rule)
        #expect(rule.when.truth(facts) == .unknown)
        facts["wanted"] = .flag(false)
        #expect(rule.when.truth(facts) == .fails)
        facts["wanted"] = .flag(true)
        #expect(rule.when.truth(facts) == .unknown)
        facts["size"] = .number(10)
        #expect(rule.when.truth(facts) == .holds)
    }

    private func decide(_ whenUnknown: String, _ given: [String: FactValue]) throws -> DecisionResult {
        let text = SmallRuleBook.main.replacing("    safety: yes\n", with: "    when_unknown: \(whenUnknown)\n")
        let book = try SmallRuleBook.load(["decisions/main.yaml": text])
        var facts = Facts(book.vocabulary)
        for (fact, value) in given { facts[fact] = value }
        return try #require(book.decide("main", facts))
    }

    @Test("an unknown rule that goes on lets the next one decide, and the result is contested if it could differ")
    func goesOn() throws {
        let bought = try decide("continue", ["size": .number(10), "wanted": .flag(true)])
        #expect(bought.state == .decided && bought.fired == [1] && bought.open == [0] && bought.isContested)
        // The open rule could only confirm what the last one says.
        let left = try decide("continue", ["size": .number(3)])
        #expect(left.state == .decided && left.fired == [2] && !left.isContested)
    }

    @Test("an unknown rule that must be asked blocks a rule below it with another result, and only that")
    func asks() throws {
        let bought = try decide("ask", ["size": .number(10), "wanted": .flag(true)])
        #expect(bought.state == .undecided && bought.fired.isEmpty && bought.open == [0])
        #expect(try decide("ask", ["size": .number(3)]).state == .decided)
        #expect(try decide("ask", ["size": .number(10), "wanted": .flag(true), "colour": .text("green")]).fired == [1])
    }

    @Test("what is left out is decided by the next rule, which is how alternatives are ranked")
    func leftOut() throws {
        let book = try SmallRuleBook.load()
        var facts = Facts(book.vocabulary)
        facts["size"] = .number(10)
        facts["wanted"] = .flag(true)
        facts["colour"] = .text("green")
        #expect(book.decide("main", facts)?.fired == [1])
        #expect(book.decide("main", facts, without: [.text("buy")])?.fired == [2])
    }
}
