import Datasets
import Foundation
import RuleEngine

/// Searches for the smallest changes of answers that change the verdict: single facts, then pairs.
///
/// A numeric fact is tried once on each side of every threshold, at the value nearest to today's. Pairs are searched only
/// for verdicts that no single change reaches, so that the list stays one a person reads.
struct FlipSearch {
    let book: RuleBook
    let calculations: Calculations
    let facts: Facts
    let verdict: Decision.Verdict

    private struct Candidate {
        let fact: String
        let value: FactValue
    }

    func flips() -> [Decision.Flip] {
        let candidates = candidates()
        var flips: [Decision.Flip] = []
        for candidate in candidates {
            let reached = verdict(with: [candidate])
            if reached == verdict || reached == .undecided { continue }
            if !flips.contains(where: { $0.changes[0].fact == candidate.fact && $0.verdict == reached }) {
                flips.append(Decision.Flip(changes: [change(candidate)], verdict: reached))
            }
        }
        return flips + pairs(candidates, reachedAlone: Set(flips.map(\.verdict)))
    }

    /// Where each value of a fact nobody answered would lead, by itself.
    typealias Effects = [String: [(value: FactValue, verdict: Decision.Verdict)]]

    func effects(_ result: DecisionResult) -> Effects {
        guard result.isContested || verdict == .undecided else { return [:] }
        var effects: Effects = [:]
        for candidate in candidates() where facts[candidate.fact] == nil {
            effects[candidate.fact, default: []].append((candidate.value, verdict(with: [candidate])))
        }
        return effects
    }

    /// Facts whose answer could change the verdict: those that alone can, first; then those that take part in a rule
    /// still open.
    func unknownFacts(_ result: DecisionResult, _ effects: Effects) -> [String] {
        guard result.isContested || verdict == .undecided else { return [] }
        var effect: [String: Int] = [:]
        for (fact, outcomes) in effects {
            for outcome in outcomes where outcome.verdict != verdict {
                effect[fact, default: 0] += outcome.verdict == .undecided ? 1 : 2
            }
        }
        var involved: [String] = []
        if let approach = book.decision("approach") {
            for index in result.open { collectUnknown(approach.rules[index].when, into: &involved) }
        }
        let order = book.questions.map(\.fact)
        func rank(_ fact: String) -> Int { order.firstIndex(of: fact) ?? order.count }
        let alone = effect.keys.sorted { one, other in
            if effect[one] != effect[other] { return effect[one, default: 0] > effect[other, default: 0] }
            return (rank(one), one) < (rank(other), other)
        }
        return alone + involved.filter { effect[$0] == nil }
    }

    private func collectUnknown(_ condition: Condition, into facts: inout [String]) {
        for test in condition.tests {
            for id in test.factIDs where self.facts[id] == nil && !facts.contains(id) {
                if self.facts.vocabulary[id]?.from == .answer { facts.append(id) }
            }
        }
    }

    private func pairs(_ all: [Candidate], reachedAlone: Set<Decision.Verdict>) -> [Decision.Flip] {
        let reachedByPairs = inParallel(pieces: all.count, threads: ProcessInfo.processInfo.activeProcessorCount) { first in
            all[(first + 1)...].map { all[first].fact == $0.fact ? verdict : verdict(with: [all[first], $0]) }
        }
        var found: [Decision.Flip] = []
        var count: [Decision.Verdict: Int] = [:]
        for (first, verdicts) in reachedByPairs.enumerated() {
            for (second, reached) in zip(all.indices.dropFirst(first + 1), verdicts) {
                if reached == verdict || reached == .undecided || reachedAlone.contains(reached) { continue }
                // Candidates of a fact come nearest first, so the first pair of two facts is the smallest change.
                let isFurther = found.contains { flip in
                    flip.verdict == reached && flip.changes.map(\.fact) == [all[first].fact, all[second].fact]
                }
                if isFurther || count[reached, default: 0] >= 3 { continue }
                count[reached, default: 0] += 1
                found.append(Decision.Flip(changes: [change(all[first]), change(all[second])], verdict: reached))
            }
        }
        return found
    }

    private func change(_ candidate: Candidate) -> Decision.Flip.Change {
        Decision.Flip.Change(fact: candidate.fact, value: candidate.value)
    }

    private func verdict(with changes: [Candidate]) -> Decision.Verdict {
        var changed = facts
        for change in changes { changed[change.fact] = change.value }
        calculations.add(to: &changed)
        guard let name = book.winner("approach", consume changed)?.outcome("verdict")?.text else { return .undecided }
        return Decision.Verdict(rawValue: name) ?? .undecided
    }

    // MARK: candidates

    /// Other values of every answerable fact that the approach looks at, directly or through what it builds on.
    private func candidates() -> [Candidate] {
        let tests = book.tests(of: "approach")
        var seen: Set<String> = []
        var candidates: [Candidate] = []
        for id in tests.flatMap(\.factIDs) where seen.insert(id).inserted {
            guard let definition = facts.vocabulary[id], definition.from == .answer else { continue }
            for value in values(of: definition, tests) where value != facts[id] {
                candidates.append(Candidate(fact: id, value: value))
            }
        }
        return candidates
    }

    private func values(of definition: FactDefinition, _ tests: [FactTest]) -> [FactValue] {
        switch definition.kind {
        case .yes_no: return [.flag(true), .flag(false)]
        case .choice: return definition.values.map(FactValue.text)
        case .set:
            let members = facts[definition.id]?.set ?? []
            return definition.values.map { word in
                let changed = members.contains(word) ? members.filter { $0 != word } : members + [word]
                return .set(definition.values.filter(changed.contains))
            }
        case .whole, .number: return numbers(of: definition, tests)
        case .text, .list: return []
        }
    }

    /// One value per interval between thresholds: the end nearest to today's value.
    private func numbers(of definition: FactDefinition, _ tests: [FactTest]) -> [FactValue] {
        let step = definition.kind == .number && definition.unit == "share" ? 0.01 : 1
        var breaks: Set<Double> = []
        for test in tests where test.factIDs.contains(definition.id) {
            for threshold in book.thresholds(of: test, otherThan: definition.id) {
                let isClosedBelow = test.comparison == .at_least || test.comparison == .less_than
                breaks.insert(isClosedBelow ? threshold : threshold + step)
            }
        }
        if definition.id == "traffic.requests_per_day", let costs = calculations.compare(facts) {
            for edge in [costs.breakEven.low, costs.breakEven.high] where edge.isFinite {
                breaks.insert(edge.rounded(.up))
            }
        }
        let inRange = breaks.filter { $0 <= definition.maximum ?? .infinity }.sorted()
        var values: [FactValue] = []
        if let current = facts[definition.id]?.number {
            // Nearest first: downwards the last value below each break, upwards the break itself.
            for edge in inRange.reversed() where edge <= current && edge - step >= definition.minimum ?? -.infinity {
                values.append(.number(edge - step))
            }
            for edge in inRange where edge > current { values.append(.number(edge)) }
        } else if let first = inRange.first {
            if first - step >= definition.minimum ?? -.infinity { values.append(.number(first - step)) }
            values += inRange.map(FactValue.number)
        }
        return values
    }
}
