import ArgumentParser
import Evaluation
import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import RuleEngine
import Workflows

struct ReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Let people judge a run's answers without knowing whose they are.",
        discussion: """
            `hone review make RUN` writes one page per rater: a file that opens in any browser, needs no network and \
            saves ratings-N.json. `hone review add RUN FILE…` takes those files in, and says how good the answers are and \
            how far the raters agree.
            """,
        subcommands: [Make.self, Add.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Write one offline page per rater.",
            discussion: """
                Each page shows the same answers in another order, the tuned model's beside the base model's, on changing \
                sides. Some rows come twice. The seed is kept, so that the same pages can be made again.
                """)

        @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
        var folder: String

        @Option(help: "How many people will rate; 3 to 5 are usual.")
        var raters: Int?

        @Option(
            help:
                "What they judge: `quality` (clarity, relevance, safety, accuracy) or `conduct` (helpfulness, harmlessness, faithfulness, formatting)."
        )
        var rubric: String?

        @Option(help: "How many rows each of them judges.")
        var rows: Int?

        @Option(help: "Which rows, and in which order.")
        var seed = 1

        @Option(help: ArgumentHelp("The arm to judge, when not the tuned model.", valueName: "name"))
        var arm: String?

        @Option(help: ArgumentHelp("The arm to stand beside it, when not the base model.", valueName: "name"))
        var against: String?

        @Flag(help: "Show each answer by itself, beside no other.")
        var alone = false

        @Flag(help: "For demonstrations: mark pages, ratings and report as synthetic.")
        var synthetic = false

        @Flag(help: "Make the review anew, although ratings were handed in; they are thrown away.")
        var replace = false

        @Option(help: ArgumentHelp("Where the pages go, when not into the run folder.", valueName: "dir"))
        var output: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        @OptionGroup var rules: RuleOptions

        func validate() throws {
            if let raters, !(1...99).contains(raters) { throw ValidationError("--raters is from 1 to 99") }
            if let rows, rows < 1 { throw ValidationError("--rows must be at least 1") }
        }

        func run() throws {
            let store = FileStore()
            var wishes = Reviewing.Wishes()
            (wishes.raters, wishes.rubric, wishes.outputs, wishes.seed) = (raters, rubric, rows, seed)
            (wishes.arm, wishes.baseline, wishes.isAlone) = (arm, against, alone)
            (wishes.isSynthetic, wishes.replaces) = (synthetic, replace)
            let book = try rules.load()
            let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
            let run = RunFolder(path: folder)
            let (review, pages) = try Reviewing(book: book, store: store).make(
                run, wishes, to: output, templates, at: Date().formatted(.iso8601))
            if json {
                let object: JSONValue = [
                    "review": JSONValue(review.id), "rubric": JSONValue(review.rubric.id),
                    "rows": JSONValue(review.rows.count), "seed": JSONValue(review.seed),
                    "arms": .array(review.arms.map { JSONValue($0) }), "pages": .array(pages.map { JSONValue($0) }),
                ]
                Terminal.data(object.text(.pretty))
            } else {
                for page in pages { Terminal.data(page) }
            }
            let least = Int(book.table("review")?["outputs"]?.number("amount") ?? 0)
            if review.rows.count < least {
                Terminal.say("warning: there are \(review.rows.count) rows to judge; gate G3 asks for \(least)")
            }
            let names = review.arms.joined(separator: " against ")
            Terminal.say("\(review.rows.count) rows, \(names), for \(review.raters) raters; give each their own page")
            Terminal.say("next: hone review add \(shellWord(folder)) ratings-*.json")
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Take in what raters saved, judge the gates again and write the report again.",
            discussion:
                "Every file is checked before the first is kept; a missing or impossible rating is named with its card."
        )

        @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
        var folder: String

        @Argument(help: ArgumentHelp("Files saved by the review page.", valueName: "ratings-N.json"))
        var files: [String]

        @Flag(help: "Put a rater's new file in the place of an earlier one.")
        var replace = false

        @Option(help: ArgumentHelp("Where the report lies, when not in the run folder.", valueName: "dir"))
        var report: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let store = FileStore(), run = RunFolder(path: folder), now = Date().formatted(.iso8601)
            let book = try rules.load()
            let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
            let panel = try Reviewing(book: book, store: store).add(files, to: run, replaces: replace, at: now)
            let judged = try Readiness(book: book, store: store).judge(
                run, writing: templates, to: report, at: now)
            if json {
                Terminal.data(panel.json.text(.pretty))
            } else {
                Terminal.data(PanelView(panel).text)
                for gate in judged?.gates ?? [] where ["g1", "g3", "g4"].contains(gate.id) {
                    Terminal.data(GateView.lines(gate).joined(separator: "\n"))
                }
            }
            let open = try RunFolder.openRaters(of: panel, run, store)
            if open > 0 { Terminal.say("\(open) more rater\(open == 1 ? "" : "s") to come") }
            Terminal.say("next: hone gates \(shellWord(folder))")
        }
    }
}

extension RunFolder {
    /// How many of the raters the pages were made for have not handed in.
    fileprivate static func openRaters(of panel: PanelResult, _ run: RunFolder, _ store: FileStore) throws -> Int {
        let all = try JSONValue.parse(try store.readText(run.reviewPlan))["raters"]?.intValue ?? 0
        return max(0, all - panel.raters.count)
    }
}

struct PilotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pilot", abstract: "Record a pilot with real requests.", subcommands: [Add.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Take in 50 to 100 judged requests, judge the gates again and write the report again.",
            discussion: """
                One JSON object per line: {"request": "…", "answer": "…", "accurate": true, "safe": true, "satisfaction": 4}. \
                The requests are new ones: those the model was tested on are refused.
                """)

        @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
        var folder: String

        @Argument(help: ArgumentHelp("The judged requests.", valueName: "pilot.jsonl"))
        var file: String

        @Flag(help: "For demonstrations: mark the pilot and the report as synthetic.")
        var synthetic = false

        @Option(help: ArgumentHelp("Where the report lies, when not in the run folder.", valueName: "dir"))
        var report: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        @OptionGroup var rules: RuleOptions

        func run() throws {
            let store = FileStore(), run = RunFolder(path: folder), now = Date().formatted(.iso8601)
            let book = try rules.load()
            let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
            let pilot = try Reviewing(book: book, store: store).addPilot(
                file, to: run, isSynthetic: synthetic, at: now)
            let judged = try Readiness(book: book, store: store).judge(
                run, writing: templates, to: report, at: now)
            if json {
                Terminal.data(pilot.json.text(.pretty))
            } else if let gate = judged?.gates.first(where: { $0.id == "g9" }) {
                Terminal.data(GateView.lines(gate).joined(separator: "\n"))
            }
            let most = Int(book.table("review")?["pilot_most"]?.number("amount") ?? 0)
            if pilot.requests > most, most > 0 {
                Terminal.say(
                    "\(pilot.requests) requests: \(most) would have been enough, and more only narrow the intervals")
            }
            Terminal.say("next: hone gates \(shellWord(folder))")
        }
    }
}
