import Advisor
import RuleEngine
import Testing

@Suite("What would change the verdict")
struct FlipSearchTests {
    private let advisor = RandomCases.advisor

    private func verdict(_ answers: Answers, _ changes: [Decision.Flip.Change]) -> Decision.Verdict {
        var changed = answers
        for change in changes { changed.set(change.fact, to: change.value) }
        return advisor.decide(Situation(changed), search: .none).verdict
    }

    @Test("the rule the search finds quickly is the one the whole decision finds")
    func quickWinner() {
        let book = advisor.book
        for answered in [0.2, 0.5, 0.9] {
            for answers in RandomCases.make(300, answered: answered, seed: 4) {
                for decision in book.decisions where decision.hitPolicy != .collect {
                    let full = book.decide(decision.id, answers.facts)
                    let whole = book.deliberate(answers.facts)[decision.id]
                    let rule = full?.state == .decided ? full?.fired.first.map { decision.rules[$0].id } : nil
                    #expect(book.winner(decision.id, answers.facts)?.id == rule, "\(decision.id) in\n\(answers.yaml)")
                    #expect(whole?.state == full?.state && whole?.fired == full?.fired)
                }
            }
        }
    }

    @Test("every flip shown really leads to the verdict it names")
    func flipsHold() {
        for answers in RandomCases.make(60, answered: 0.8, seed: 1) {
            for flip in advisor.decide(Situation(answers)).flips {
                #expect(verdict(answers, flip.changes) == flip.verdict)
            }
        }
    }

    @Test("no verdict that one changed answer can reach is missing, by brute force over all values")
    func singleFlipsAreComplete() {
        for answers in RandomCases.make(60, answered: 0.8, seed: 2) {
            let decision = advisor.decide(Situation(answers))
            for definition in RandomCases.relevant where definition.kind != .set {
                let found = Set(decision.flips.filter { $0.changes.map(\.fact) == [definition.id] }.map(\.verdict))
                var reached: Set<Decision.Verdict> = []
                for value in RandomCases.values(of: definition) {
                    reached.insert(verdict(answers, [.init(fact: definition.id, value: value)]))
                }
                reached.subtract([decision.verdict, .undecided])
                #expect(found == reached, "\(definition.id) in\n\(answers.yaml)")
            }
        }
    }

    @Test("a verdict that two changed answers can reach is reached by some flip, by brute force over pairs")
    func pairsAreComplete() {
        for answers in RandomCases.make(3, answered: 0.85, seed: 3) {
            let decision = advisor.decide(Situation(answers))
            var reached: Set<Decision.Verdict> = []
            for one in RandomCases.relevant where one.kind != .set {
                for two in RandomCases.relevant where two.kind != .set && one.id < two.id {
                    for first in RandomCases.values(of: one) {
                        for second in RandomCases.values(of: two) {
                            let changes = [
                                Decision.Flip.Change(fact: one.id, value: first), .init(fact: two.id, value: second),
                            ]
                            var changed = answers.facts
                            for change in changes { changed[change.fact] = change.value }
                            guard let result = advisor.book.decide("approach", changed), result.state == .decided,
                                let rule = result.fired.first,
                                let name = advisor.book.decision("approach")?.rules[rule].outcome("verdict")?.text,
                                let verdict = Decision.Verdict(rawValue: name)
                            else { continue }
                            reached.insert(verdict)
                        }
                    }
                }
            }
            reached.subtract([decision.verdict])
            #expect(reached.isSubset(of: Set(decision.flips.map(\.verdict))), "\(answers.yaml)")
        }
    }
}
