import ArgumentParser
import RuleEngine
import YAMLText

struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Read, check and compare the rules that decide.",
        subcommands: [Lint.self, List.self, Why.self, Coverage.self, Graph.self, Diff.self])
}

extension RulesCommand {
    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every rule file: sources, facts, units, cases, boundaries, overlaps.")

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book: RuleBook
            do {
                book = try rules.load(withCases: true)
            } catch let RuleBookError.invalid(problems) {
                throw report(problems)
            }
            let problems = book.lint()
            guard problems.isEmpty else { throw report(problems) }
            Terminal.data(
                "\(book.ruleIDs.count) rules, \(book.tables.count) tables, \(book.cases.count) cases: no problem")
        }

        private func report(_ problems: [RuleProblem]) -> Outcome {
            for problem in problems {
                let explanation = problem.explanation
                Terminal.data(([explanation.what] + explanation.causes.map { "  " + $0 }).joined(separator: "\n"))
                if let hint = explanation.hint { Terminal.data("  hint: " + hint) }
            }
            Terminal.say("\(problems.count) problem\(problems.count == 1 ? "" : "s")")
            return Outcome(exitCode: .failed)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the rules, or the facts they test.")

        @Flag(help: "List the facts instead, with their values and units.")
        var facts = false

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book = try rules.load()
            let page = Page(width: 100, hasColour: false)
            if facts {
                for fact in book.vocabulary.definitions where fact.from != .derived {
                    let values =
                        fact.isNumeric
                        ? fact.unit : fact.kind == .yes_no ? "yes, no" : fact.values.joined(separator: ", ")
                    Terminal.data(
                        page.columns(fact.id, values.isEmpty ? "text" : values, at: 34).joined(separator: "\n"))
                }
                return
            }
            for decision in book.decisions {
                Terminal.data("\(decision.id): \(decision.answers)  [\(decision.hitPolicy.rawValue)]")
                for rule in decision.rules {
                    Terminal.data(page.columns("  " + rule.id, rule.title, at: 60).joined(separator: "\n"))
                }
            }
            Terminal.data("Next: hone rules why \(book.ruleIDs.first ?? "")")
        }
    }

    struct Why: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one rule: condition, reason, sources, dissent, and the cases that prove it.")

        @Argument(help: "A rule id, as `hone rules list` shows them.")
        var rule: String

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book = try rules.load(withCases: true)
            guard let (rule, decision) = book.rule(rule) else { throw UnknownRule(id: rule, known: book.ruleIDs) }
            let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: false)
            Terminal.data(RulePage(rule: rule, decision: decision, book: book, page: page).text)
        }
    }

    struct Coverage: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show where each item of the sources is carried, and fail on a gap.")

        @Flag(help: "Show every item, not only the counts and the gaps.")
        var all = false

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book = try rules.load(withCases: true)
            let coverage = RuleCoverage(book)
            let page = Page(width: 120, hasColour: false)
            if all {
                Terminal.data(page.columns("item  does", "says", at: 76).joined(separator: "\n"))
                for line in coverage.lines {
                    let open =
                        line.planned.map { "planned: " + $0 } + (line.notCarried.map { ["left out: " + $0] } ?? [])
                    let left = line.item.id.padding(to: 6) + (line.does + open).joined(separator: ", ")
                    Terminal.data(page.columns(left, line.says.joined(separator: ", "), at: 76).joined(separator: "\n"))
                }
            }
            func count(_ isCounted: (RuleCoverage.Line) -> Bool) -> Int { coverage.lines.filter(isCounted).count }
            let does = count { !$0.does.isEmpty }
            let says = count { $0.does.isEmpty && !$0.says.isEmpty }
            let planned = count { $0.does.isEmpty && $0.says.isEmpty && !$0.planned.isEmpty }
            let left = count { $0.does.isEmpty && $0.says.isEmpty && $0.planned.isEmpty && $0.notCarried != nil }
            Terminal.data(
                "\(coverage.lines.count) items: \(does) done, \(says) said, \(planned) planned, \(left) left out with a reason"
            )
            let problems = coverage.problems
            for problem in problems { Terminal.data(problem.explanation.what) }
            if !problems.isEmpty { throw Outcome(exitCode: .failed) }
        }
    }
}

struct UnknownRule: Explained {
    let id: String
    let known: [String]

    var explanation: Explanation {
        Explanation(
            "there is no rule `\(id)`", hint: nearest.map { "did you mean `\($0)`?" } ?? "`hone rules list` shows them",
            exitCode: .wrongUsage)
    }

    /// A typo in the whole id, or the part after the dot alone.
    private var nearest: String? { known.first { $0.hasSuffix("." + id) } ?? didYouMean(id, among: known) }
}
