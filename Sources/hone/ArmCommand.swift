import Advisor
import ArgumentParser
import Datasets
import Evaluation
import FileStore
import Foundation
import Plan
import Registry
import RuleEngine
import Workflows

/// Measures arms for a command: which model stands for what, and what is said meanwhile.
struct ArmCommand {
    let arms: ArmOptions
    /// As `--model` gives it: a model on this machine, or with `--endpoint` the name of the one behind it.
    let model: String
    let threads: Int
    let book: RuleOptions

    func measure(_ dataset: Dataset, _ question: ArmMeasuring.Question) throws -> EvaluationResult {
        var measuring = ArmMeasuring(book: try book.load(), installation: try book.installation(), threads: threads)
        measuring.announce = { outlook in
            let smallest =
                outlook.detectable.map { "; they can show differences of about \(fixed($0 * 100, 0)) points and more" } ?? ""
            let how = outlook.folds.map { "rows, each asked once in \($0) folds" } ?? "held-out rows"
            Terminal.say("\(grouped(outlook.rows)) \(how)\(smallest)")
        }
        measuring.progress = { arm, done, total in
            if Terminal.isInteractive { Terminal.replaceLine("measuring \(arm.name): \(done) of \(total)") }
        }
        let isEndpoint = arms.endpoint != nil
        let local = isEndpoint ? ModelLocation.practiceName : model
        let wishes = try arms.wishes(
            model: isEndpoint && model != ModelLocation.practiceName ? model : nil,
            maxNewTokens: question.maxNewTokens ?? EvaluationSettings().maxNewTokens)
        defer { if Terminal.isInteractive { Terminal.replaceLine("") } }
        return try measuring.measure(dataset, model: ModelReference(local), wishes, question)
    }

    /// The figures and every item behind them as a run folder of their own.
    func keep(_ result: EvaluationResult, name: String, output: String, seconds: Double) throws -> RunFolder {
        let keeping = DecisionRun(
            installation: try book.installation(), book: try book.load(), honeVersion: Hone.configuration.version,
            command: (["hone"] + CommandLine.arguments.dropFirst().map(shellWord)).joined(separator: " "),
            ruleOptions: book.typed, now: { Date() })
        return try keeping.record(result, name: name, output: output, seconds: seconds)
    }
}
