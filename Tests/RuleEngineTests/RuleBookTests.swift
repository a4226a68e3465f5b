import RuleEngine
import Testing

@Suite("The rule book as shipped")
struct RuleBookTests {
    @Test("loads without a problem")
    func loads() throws {
        do {
            let book = try ShippedRuleBook.load(withCases: true)
            #expect(book.sources.items.count == 301)
        } catch let error as RuleBookError {
            if case .invalid(let problems) = error {
                for problem in problems { Issue.record("\(problem.place): \(problem.kind)") }
            } else {
                Issue.record("\(error)")
            }
        }
    }

    @Test("every case comes out as written, and lint finds nothing")
    func lints() throws {
        for problem in try ShippedRuleBook.load(withCases: true).lint() { Issue.record("\(problem.place): \(problem.kind)") }
    }
}
