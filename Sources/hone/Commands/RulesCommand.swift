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
            commandName: "lint",
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
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the rules, or the facts they test.")

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
            commandName: "why",
            abstract: "Show one rule, or the row of a table: what it says, why, who says so, and what proves it.")

        @Argument(help: "A rule id, as `hone rules list` shows them, or a row as plans cite them (`table#row`).")
        var rule: String

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book = try rules.load(withCases: true)
            let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: false)
            if let (rule, decision) = book.rule(rule) {
                return Terminal.data(RulePage(rule: rule, decision: decision, book: book, page: page).text)
            }
            for table in book.tables {
                if let row = table.rows.first(where: { $0.ruleID == rule }) {
                    return Terminal.data(RowPage(row: row, table: table, book: book, page: page).text)
                }
            }
            throw UnknownRule(id: rule, known: book.ruleIDs + book.tables.flatMap { $0.rows.map(\.ruleID) })
        }
    }

    struct Coverage: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "coverage",
            abstract: "Show where each item of the sources is carried, and fail on a gap.")

        @Flag(help: "Only the counts and the gaps.")
        var brief = false

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book = try rules.load(withCases: true)
            let coverage = RuleCoverage(book)
            if !brief {
                let page = Page(width: 120, hasColour: false)
                Terminal.data(page.sideBySide(["item", "does", "says"], widths: [5, 70]).joined(separator: "\n"))
                for line in coverage.lines {
                    let open =
                        line.planned.map { "planned: " + $0 } + (line.notCarried.map { ["left out: " + $0] } ?? [])
                    let does = (line.does + open).joined(separator: "; "), says = line.says.joined(separator: "; ")
                    Terminal.data(
                        page.sideBySide([line.item.id, does, says], widths: [5, 70]).joined(separator: "\n"))
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

    /// A typo in the whole id, the part after the dot alone, or only the beginning.
    private var nearest: String? {
        if let whole = known.first(where: { $0.hasSuffix("." + id) || $0.hasSuffix("#" + id) || $0.hasPrefix(id) }) {
            return whole
        }
        if let slip = didYouMean(id, among: known) { return slip }
        let beginning = didYouMean(id, among: known.map { String($0.prefix(id.count)) })
        return beginning.flatMap { start in known.first { $0.hasPrefix(start) } }
    }
}
