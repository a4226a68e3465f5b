import ArgumentParser
import RuleEngine

extension RulesCommand {
    struct Graph: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "graph",
            abstract: "Draw one decision as a Mermaid flow chart.")

        @Argument(help: "The decision to draw.")
        var decision = "approach"

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let book = try rules.load()
            guard let table = book.decision(decision) else {
                throw UnknownRule(id: decision, known: book.decisions.map(\.id))
            }
            Terminal.data(RuleGraph(table).mermaid)
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff",
            abstract: "Show which cases come out differently under two rule folders, or with an overlay.")

        @Argument(help: "The rule folder before.")
        var before: String

        @Argument(help: "The rule folder after, whose cases are tried, or an overlay on top of the one before.")
        var after: String

        func run() throws {
            let old = try RuleBook.load(RuleFolder(path: before))
            let folder = try RuleFolder(path: after)
            let isOverlay = folder.files.contains { $0.name == RuleOverlay.fileName }
            let new =
                try isOverlay
                ? RuleBook.load(RuleFolder(path: before), overlay: folder, withCases: true)
                : RuleBook.load(folder, withCases: true)
            for override in new.overrides { Terminal.data(override.text) }
            // A number on the way to a verdict is summed up: that it changed is the point of changing it.
            let changes = new.changes(since: old)
            let numbers = changes.filter { $0.fact.hasPrefix("derived.") }
            var differing: [String] = []
            for change in changes where !change.fact.hasPrefix("derived.") {
                if differing.last != change.name {
                    differing.append(change.name)
                    Terminal.data(change.name)
                }
                Terminal.data("  \(change.fact): \(change.before) → \(change.after)")
            }
            for fact in Set(numbers.map(\.fact)).sorted() {
                Terminal.data("\(fact) differs in \(numbers.count { $0.fact == fact }) cases")
            }
            Terminal.data("\(differing.count) of \(new.cases.count) cases come out differently")
        }
    }
}
