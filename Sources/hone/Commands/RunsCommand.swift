import ArgumentParser
import FileStore
import JSONText
import Plan
import Registry
import Workflows

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List the runs of a folder, newest first.",
        discussion: "The run folders are the record; the list comes from an index that can be made anew at any time.",
        subcommands: [List.self, RunsCompareCommand.self, Reindex.self], defaultSubcommand: List.self)

    struct Options: ParsableArguments {
        @Option(help: ArgumentHelp("The folder that holds the run folders.", valueName: "dir"))
        var runs = "runs"

        @Flag(help: "Print JSON.")
        var json = false

        /// The list on stdout, what could not be listed on stderr.
        func show(_ listing: RunShelf.Listing) {
            if json {
                Terminal.data(JSONValue.array(listing.runs.map(\.json)).text(.pretty))
            } else if listing.runs.isEmpty {
                Terminal.say("no runs in \(runs)")
            } else {
                Terminal.data(RunSummary.table(listing.runs))
            }
            for run in listing.unreadable {
                Terminal.say("warning: \(run.path)/manifest.json cannot be read; the run is left out")
            }
            let store = FileStore()
            for run in listing.runs {
                let trail = RunFolder(path: "\(runs)/\(run.id)").trail
                guard store.isFile(trail), let text = try? store.readText(trail) else { continue }
                do { _ = try Trail(text) } catch {
                    Terminal.say("warning: \(trail) was changed: \(error.words)")
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the runs.", shouldDisplay: false)

        @OptionGroup var options: Options

        func run() throws {
            let listing = try RunShelf(path: options.runs).list()
            options.show(listing)
            guard !options.json else { return }
            Terminal.say(
                listing.runs.first.map { "next: hone report \(shellWord("\(options.runs)/\($0.id)"))" }
                    ?? "next: hone run DIR")
        }
    }

    struct Reindex: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reindex", abstract: "Make the index anew from the run folders.")

        @OptionGroup var options: Options

        func run() throws {
            let listing = try RunShelf(path: options.runs).reindex()
            options.show(listing)
            guard !options.json else { return }
            let word = listing.runs.count == 1 ? "run" : "runs"
            Terminal.say("indexed \(listing.runs.count) \(word)")
            Terminal.say("next: hone runs")
        }
    }
}

extension RunSummary {
    static func table(_ runs: [RunSummary]) -> String {
        var rows = [["run", "made (UTC)", "status", "verdict", "model", "tuned score (95 % interval)", "data"]]
        rows += runs.map { run in
            [
                run.id, String(run.createdAt.prefix(16)).replacing("T", with: " "), run.status, run.verdict ?? "-",
                run.model ?? "-", run.headline?.words ?? "not measured",
                run.dataFingerprint.map { String($0.prefix(12)) } ?? "-",
            ]
        }
        let widths = (0..<rows[0].count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    var json: JSONValue {
        [
            "id": JSONValue(id), "created_at": JSONValue(createdAt), "status": JSONValue(status),
            "verdict": JSONValue(verdict) { JSONValue($0) }, "model": JSONValue(model) { JSONValue($0) },
            "data": JSONValue(dataFingerprint) { JSONValue($0) },
            "train_seconds": JSONValue(trainSeconds) { JSONValue($0) },
            "score": JSONValue(headline) {
                [
                    "arm": JSONValue($0.arm), "metric": JSONValue($0.metric), "value": JSONValue($0.value),
                    "low": JSONValue($0.low), "high": JSONValue($0.high), "n": JSONValue($0.count),
                ]
            },
        ]
    }
}

extension RunManifest.Score {
    fileprivate var words: String { "\(metric) \(fixed(value, 3)) (\(fixed(low, 3))-\(fixed(high, 3)), n \(count))" }
}
