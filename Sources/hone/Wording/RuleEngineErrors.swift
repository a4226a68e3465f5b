import RuleEngine
import YAMLText

extension RuleBookError: Explained {
    var explanation: Explanation {
        switch self {
        case .unreadable(let error):
            (error as any Error as? any Explained)?.explanation
                ?? Explanation(
                    "the rules cannot be read", causes: ["\(error)"], hint: "`--rules DIR` names another rule folder")
        case .empty(let folder):
            Explanation("\(folder) holds no rule file", hint: "`--rules DIR` names another rule folder")
        case .noOverlay(let folder):
            Explanation(
                "\(folder) holds no overlay.yaml", hint: "docs/rules.md shows what an overlay looks like",
                exitCode: .wrongUsage)
        case .invalid(let problems):
            Explanation(
                problems.first?.explanation.what ?? "the rule book has a problem",
                causes: (problems.first?.explanation.causes ?? [])
                    + problems.dropFirst().prefix(9).map(\.explanation.what),
                hint: problems.first?.explanation.hint ?? "`hone rules lint` lists every problem", exitCode: .wrongUsage
            )
        }
    }
}

extension RuleProblem: Explained {
    var explanation: Explanation {
        if case .yaml(let error) = kind { return error.explanation }
        if case .fact(let problem) = kind { return problem.explanation(at: place) }
        let (what, hint) = words
        return Explanation("\(place): \(what)", hint: hint, exitCode: .wrongUsage)
    }

    private var words: (what: String, hint: String?) {
        switch kind {
        case .yaml(let error): (error.explanation.what, nil)
        case .fact(let problem): (problem.explanation(at: place).what, nil)
        case .unreadable(let problem): ("the file cannot be understood: \(problem)", nil)
        case .unknownColumn(let name, let known):
            (
                "`\(name)` is not an outcome of this decision",
                guess(name, known) ?? "outcomes: " + known.joined(separator: ", ")
            )
        case .unknownOutcome(let value, let column, let allowed):
            (
                "`\(value)` is not a value of `\(column)`",
                guess(value, allowed) ?? "allowed: " + allowed.joined(separator: ", ")
            )
        case .noOperator:
            (
                "the condition says nothing",
                "write is, is_not, in, at_least, at_most, more_than, less_than, known or unknown"
            )
        case .operatorDoesNotFit(let fact, let comparison, let kind):
            ("`\(comparison)` does not fit `\(fact)`, which is \(kind)", nil)
        case .factsDoNotCompare(let one, let other):
            ("`\(one)` and `\(other)` have different types or units", nil)
        case .duplicateID(let id, let first): ("`\(id)` is already taken at \(first)", "give one of the two another id")
        case .judgementWithoutOwner(let id):
            ("`\(id)` is a judgement without an owner", "add `owner: who stands for it`")
        case .noSource(let id): ("`\(id)` cites no source", "add `sources`, or `basis: judgement` with an owner")
        case .unknownSource(let ref, let known):
            ("`\(ref)` is not in sources.yaml", guess(ref, known) ?? "sources: " + known.joined(separator: ", "))
        case .unknownItem(let item, let source):
            ("`\(item)` is not an item of `\(source)`", "items are listed in items.yaml")
        case .noLocator(let source): ("the citation of `\(source)` does not say where", "add `items` or `where`")
        case .cycle(let circle): ("decisions build on each other in a circle: " + circle.joined(separator: " → "), nil)
        case .unknownTable(let table, let known): ("there is no table `\(table)`", guess(table, known) ?? "tables: " + known.joined(separator: ", "))
        case .unknownTableColumn(let column, let known): ("there is no column `\(column)`", guess(column, known) ?? "columns: " + known.joined(separator: ", "))
        case .ruleOverlap(let rules): ("these rules can be true together: " + rules.joined(separator: ", "), nil)
        case .unreachedOutcome(let value, let column):
            ("no case reaches `\(column): \(value)`", "add a case to rules/cases/")
        case .noFiringCase(let rule): ("no case makes `\(rule)` true", "add a case with `fires: [\(rule)]`")
        case .noSilentCase(let rule): ("in no case is `\(rule)` false", "add a case with `silent: [\(rule)]`")
        case .noBoundary(let rule, let fact, let threshold):
            ("`\(rule)` has no case on both sides of `\(fact)` at \(threshold)", "add a `boundaries` entry to a case")
        case .caseFails(let name, let expected, let found):
            ("case “\(name)”: expected \(expected), found \(found)", nil)
        case .unknownRule(let rule, let known):
            ("there is no rule `\(rule)`", guess(rule, known) ?? "`hone rules list` shows them")
        case .notCarried(let item):
            ("item \(item) is carried by nothing", "cite it, or add it to carried.yaml or not_carried.yaml")
        case .onlySays(let item):
            ("item \(item) is only said, nothing does it", "name the check in carried.yaml, or mark it planned")
        case .overlayWeakensSafety(let rule):
            (
                "the overlay weakens the safety rule `\(rule)` without a written reason",
                "add `reason: why people stay safe without it`"
            )
        case .noThreshold(let rule, let fact, let known):
            (
                "`\(rule)` compares `\(fact)` with no number",
                known.isEmpty ? "it holds no number at all" : "numbers stand behind: " + known.joined(separator: ", ")
            )
        case .severalThresholds(let rule, let fact, let operators):
            ("`\(rule)` compares `\(fact)` several times", "add `operator:` " + operators.joined(separator: " or "))
        case .unknownRow(let row, let table, let known):
            (
                "the table `\(table)` has no row `\(row)`",
                guess(row, known) ?? "its rows are listed in rules/tables/\(table).yaml"
            )
        case .unknownDecision(let decision, let known):
            (
                "there is no decision `\(decision)`",
                guess(decision, known) ?? "decisions: " + known.joined(separator: ", ")
            )
        case .questionWithoutExample(let fact):
            ("the question for `\(fact)` shows no worked example", "add `example: …`")
        case .questionWithoutFact(let fact): ("the question asks for `\(fact)`, which is not in facts.yaml", nil)
        }
    }

    private func guess(_ word: String, _ known: [String]) -> String? {
        didYouMean(word, among: known).map { "did you mean `\($0)`?" }
    }
}

extension FactProblem {
    func explanation(at place: YAMLPlace?) -> Explanation {
        let (what, hint) = words
        return Explanation((place.map { "\($0): " } ?? "") + what, hint: hint, exitCode: .wrongUsage)
    }

    private var words: (what: String, hint: String) {
        switch self {
        case .unknownFact(let fact, let known):
            (
                "there is no fact `\(fact)`",
                didYouMean(fact, among: known).map { "did you mean `\($0)`?" }
                    ?? "`hone rules list --facts` shows all facts"
            )
        case .notOneOf(let fact, let value, let allowed):
            (
                "`\(value)` is not a value of `\(fact)`",
                didYouMean(value, among: allowed).map { "did you mean `\($0)`?" }
                    ?? "allowed: \(allowed.joined(separator: ", ")), unknown"
            )
        case .notAnID(let fact, let value, let table, let known):
            (
                "`\(value)` is not a value of `\(fact)`",
                didYouMean(value, among: known).map { "did you mean `\($0)`?" }
                    ?? "ids are listed in rules/tables/\(table).yaml"
            )
        case .notANumber(let fact, let value):
            (
                "`\(fact)` is `\(value)`, which is not a number",
                "write digits only, without a unit or separators; or `unknown`"
            )
        case .notWhole(let fact, let value):
            ("`\(fact)` is `\(value)`, which is not a whole number", "write it without a fraction")
        case .outOfRange(let fact, let value, let minimum, let maximum, let unit):
            ("`\(fact)` is \(value), which is out of range", "allowed: \(range(minimum, maximum)) \(unit)")
        case .notYesOrNo(let fact, let value): ("`\(fact)` is `\(value)`", "write yes, no or unknown")
        case .severalValues(let fact, let values):
            ("`\(fact)` takes one value, found \(values.count): \(values.joined(separator: ", "))", "keep one of them")
        case .empty(let fact): ("`\(fact)` has no value", "write a value, or `unknown`")
        }
    }

    private func range(_ minimum: Double?, _ maximum: Double?) -> String {
        func spelled(_ limit: Double) -> String { Int(exactly: limit).map(grouped) ?? FactValue.spelled(limit) }
        return switch (minimum, maximum) {
        case (let low?, let high?): "\(spelled(low)) to \(spelled(high))"
        case (let low?, nil): "at least \(spelled(low))"
        case (nil, let high?): "at most \(spelled(high))"
        case (nil, nil): "any number of"
        }
    }
}
