import ArgumentParser
import Evaluation
import Foundation
import JSONText
import Workflows

struct RunsCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Set measured runs beside each other on the rows all of them answered.",
        discussion: """
            Runs whose plans differ in the seed alone are one way of training: their mean, range and interval count the \
            chance of training as well as the choice of rows. Others are compared with the first.
            """)

    @Argument(help: ArgumentHelp("Run folders.", valueName: "run"))
    var runs: [String]

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard runs.count > 1 else { throw ValidationError("give two or more run folders") }
    }

    func run() throws {
        let compared = try RunComparison(runs.map { URL(fileURLWithPath: $0).path })
        Terminal.data(json ? compared.json.text(.pretty) : compared.text)
        if compared.series.allSatisfy({ $0.runs.count == 1 }) {
            Terminal.say("one run of each plan: how much chance of training there is in it is not known")
        }
        let next = compared.series[0].runs[0]
        Terminal.say("next: hone report \(shellWord(runs.first { $0.hasSuffix(next.id) || $0.hasSuffix(next.id + "/") } ?? runs[0]))")
    }
}

extension RunComparison {
    fileprivate var text: String {
        var lines = ["\(metric.rawValue) on the \(grouped(sharedRows)) rows all runs answered", ""]
        let width = (series.flatMap(\.runs).map(\.id.count).max() ?? 0) + 2
        for (place, series) in series.enumerated() {
            lines.append("plan \(place + 1)")
            for run in series.runs {
                let figure = run.arm.figures[metric]
                lines.append(
                    "  " + run.id + String(repeating: " ", count: width - run.id.count)
                        + "seed \(run.seed.map(String.init) ?? "–")  "
                        + (figure.map { "\(share($0.value)) (\(share($0.low)) to \(share($0.high)))" } ?? "not measured"))
            }
            if let level = series.level, series.runs.count > 1 {
                lines.append(
                    "  \(series.runs.count) seeds: mean \(share(level.mean.value)), from \(share(level.lowest)) to "
                        + "\(share(level.highest)); over seeds and rows \(share(level.mean.low)) to \(share(level.mean.high))"
                        + (series.runs.count < 3 ? " (two seeds say little: three are the least)" : ""))
            }
            lines.append("")
        }
        for difference in differences {
            let change = difference.difference.map {
                "\(points($0.value)) points (\(points($0.low)) to \(points($0.high)))" + ($0.excludes(0) ? "" : ": could be chance")
            }
            lines.append(
                "plan \(difference.series + 1) against plan \(difference.against + 1): \(change ?? "not comparable row by row")")
            if !difference.keys.isEmpty { lines.append("  differing in " + difference.keys.joined(separator: ", ")) }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    fileprivate var json: JSONValue {
        [
            "metric": .string(metric.rawValue), "rows": JSONValue(sharedRows),
            "series": .array(
                series.map { series in
                    [
                        "runs": .array(
                            series.runs.map { run in
                                [
                                    "id": .string(run.id), "seed": JSONValue(run.seed) { JSONValue($0) },
                                    "score": JSONValue(run.arm.figures[metric]) { $0.json },
                                ]
                            }),
                        "mean": JSONValue(series.level) { $0.mean.json },
                        "lowest": JSONValue(series.level) { JSONValue($0.lowest) },
                        "highest": JSONValue(series.level) { JSONValue($0.highest) },
                    ]
                }),
            "differences": .array(
                differences.map { difference in
                    [
                        "series": JSONValue(difference.series), "against": JSONValue(difference.against),
                        "difference": JSONValue(difference.difference) { $0.json },
                        "keys": .array(difference.keys.map(JSONValue.string)),
                    ]
                }),
        ]
    }

    private func share(_ value: Double) -> String {
        metric.scale == .ratio ? fixed(value, 3) : fixed(value * 100, 1) + " %"
    }

    private func points(_ value: Double) -> String { (value > 0 ? "+" : "") + fixed(value * 100, 1) }
}
