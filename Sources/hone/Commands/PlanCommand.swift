import Advisor
import ArgumentParser
import Feasibility
import FileStore
import Foundation
import JSONText
import Plan
import RuleEngine
import Workflows

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Write the training plan for a case: every value fixed, with the rule that set it.",
        discussion: """
            Takes a folder with `answers.yaml` and `data.jsonl`, or the two files by name. The rows are tokenised with \
            the model that will be trained, so lengths and batches are measured, not guessed.
            """)

    @Argument(help: "A folder with `answers.yaml` and `data.jsonl`.")
    var folder: String?

    @Option(help: "The answer file; without one the plan rests on data and model alone.")
    var answers: String?

    @Option(help: "Data files or folders.")
    var data: [String] = []

    @Option(help: "A model folder, or `\(ModelLocation.practiceName)` for the embedded practice model.")
    var model: String?

    @Option(name: [.customLong("output"), .customShort("o")], help: "Where to write the plan; `-` for stdout.")
    var output = "plan.yaml"

    @Flag(help: "Write a plan although the decision is not to train.")
    var anyway = false

    @Flag(help: "Where the plan does not fit this machine, apply the first change that makes it fit, and name it.")
    var auto = false

    @Flag(help: "Print the plan as JSON instead of writing a file.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard folder != nil || !data.isEmpty else { throw ValidationError("give a folder, or --data FILE") }
    }

    func run() throws {
        let store = FileStore()
        let book = try rules.load()
        let machine = MachineProfile.probe()
        let paths = try dataPaths(store)
        var decision: Decision?
        if let file = answerFile(store) {
            let given = try Answers.read(try store.readText(file), file: file, book.vocabulary)
            decision = try Deciding(book, today: Day(Date()), threads: machine.cores)
                .decide(given, dataPaths: paths).decision
            if let warning = decision?.costs?.priceWarning { Terminal.say("warning: " + warning) }
        }
        if let decision, !decision.verdict.trains, !anyway {
            throw NotToTrain(verdict: decision.verdict.rawValue, options: " --answers \(shellWord(answerFile(store) ?? ""))" + rules.typed)
        }
        let named = decision?.situation.facts["model.id"]?.text
        let making = PlanMaking(
            book: book, installation: try rules.installation(), machine: machine)
        var plan = try making.plan(
            for: decision, model: ModelReference(model ?? named ?? ModelLocation.practiceName), dataPaths: paths)
        if auto { plan = try fitted(plan) }
        if json {
            Terminal.data(plan.json.text(.pretty))
        } else if output == "-" {
            Terminal.data(plan.yaml)
        } else {
            try store.write(plan.yaml, to: output)
            Terminal.say(
                "wrote \(output): \(plan.origins.count) of \(plan.fields.count { $0.value != .nothing }) values set by rules"
            )
            Terminal.say("next: hone check \(shellWord(output))" + rules.typed)
        }
    }

    /// The plan with the first change that is enough; itself where it fits, or where no single change is enough.
    private func fitted(_ plan: RunPlan) throws -> RunPlan {
        let run = try PreparedRun(plan, in: rules.installation())
        let check = PlanCheck(
            plan: plan, model: run.facts, load: run.load, machine: MachineProfile.probe(folder: plan.output))
        guard check.verdict == .doesNotFit else { return plan }
        guard let lever = check.levers.first(where: \.isEnough) else {
            Terminal.say("--auto: no single change makes it fit; `hone check` shows what would help")
            return plan
        }
        var changed = lever.plan
        for change in lever.changes {
            changed.origins[change.key] = .rule(
                id: "check.auto", why: "it would not fit this machine with \(change.from)")
        }
        Terminal.say("--auto: \(lever.words)")
        return changed
    }

    private func answerFile(_ store: FileStore) -> String? {
        if let answers { return answers }
        guard let folder else { return nil }
        let file = folder + "/answers.yaml"
        return store.isFile(file) ? file : nil
    }

    private func dataPaths(_ store: FileStore) throws -> [String] {
        guard data.isEmpty, let folder else { return data }
        return try CaseFolder(path: folder, store: store).data
    }
}

/// The decision speaks against training, so no plan is written.
struct NotToTrain: Explained {
    let verdict: String
    /// Of the command that shows why.
    let options: String

    var explanation: Explanation {
        Explanation(
            "the decision for this case is `\(verdict)`: nothing is to be trained",
            causes: ["hone advise\(options) shows the reasons"],
            hint: "add --anyway to write the plan all the same", exitCode: .gateSaysNo)
    }
}
