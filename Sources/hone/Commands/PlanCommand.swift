import Advisor
import ArgumentParser
import Feasibility
import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import RuleEngine
import Workflows

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Write the training plan for a case, change it, check it, explain it.",
        discussion: """
            `hone plan FOLDER` (or --data and --answers) writes plan.yaml: every value fixed, with the rule that set it. \
            The rows are tokenised with the model that will be trained, so lengths and batches are measured, not guessed.

            `hone plan --from FILE.yaml` reads the configuration of Axolotl, LLaMA-Factory or TRL and lists what could not be \
            carried over.

            `hone plan PLAN.yaml --set KEY=VALUE` changes a plan; --check, --explain, --render and --diff read one.
            """)

    @Argument(help: "A folder with `answers.yaml` and `data.jsonl`, or a plan file; two plan files with --diff.")
    var paths: [String] = []

    @Option(help: "The answer file; without one the plan rests on data and model alone.")
    var answers: String?

    @Option(help: "Data files or folders.")
    var data: [String] = []

    @Option(help: "A model folder, a model of rules/tables/models.yaml, or `\(ModelLocation.practiceName)`.")
    var model: String?

    @Option(
        help: ArgumentHelp("Train on this accelerator of rules/tables/devices.yaml, with TRL.", valueName: "device"))
    var device: String?

    @Option(help: "How many of them.")
    var gpus = 1

    @Option(
        help: ArgumentHelp(
            "What trains: `bundled`, hone's own trainer, or `trl`, Hugging Face TRL in a Python of yours.",
            valueName: "engine"))
    var engine: EngineKind?

    @Option(help: ArgumentHelp("Hold back enough test rows to show this difference, such as 0.05.", valueName: "share"))
    var detect: Double?

    @Option(
        help: ArgumentHelp(
            "General conversations to mix in: a file, `bundled`, `base_answers` or `none`.", valueName: "source"))
    var generalMix: String?

    @Option(
        help: ArgumentHelp(
            "An earlier run; where it forgot more than the margin, half of the target tokens are general.",
            valueName: "run"))
    var after: String?

    @Option(help: ArgumentHelp("Set one value; its origin becomes you. May be repeated.", valueName: "key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "Make the plan from another tool's configuration: Axolotl, LLaMA-Factory or TRL.", valueName: "file.yaml"))
    var from: String?

    @Option(name: [.customLong("output"), .customShort("o")], help: "Where to write the plan; `-` for stdout.")
    var output: String?

    @Flag(help: "Write a plan although the decision is not to train.")
    var anyway = false

    @Flag(help: "Where the plan does not fit this machine, apply the changes that make it fit, and name them.")
    var auto = false

    @Option(help: ArgumentHelp("Lint this plan; exit code 3 where a red lint stands.", valueName: "file"))
    var check: String?

    @Option(help: ArgumentHelp("Say what a key means, who set it and why.", valueName: "key"))
    var explain: String?

    @Flag(help: "Print the plan with every default filled in.")
    var render = false

    @Flag(help: "Show where two plans differ, and who set what.")
    var diff = false

    @Flag(help: "Print the JSON schema of the plan file, for editors.")
    var schema = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        if schema || check != nil { return }
        if diff {
            guard paths.count == 2 else { throw ValidationError("--diff compares two plan files") }
            return
        }
        guard paths.count <= 1 else { throw ValidationError("give one folder or one plan file") }
        guard from == nil || paths.isEmpty && data.isEmpty else {
            throw ValidationError("--from names model and data itself; leave the folder and --data out")
        }
        guard !paths.isEmpty || !data.isEmpty || explain != nil || from != nil else {
            throw ValidationError("give a folder, a plan file, or --data FILE")
        }
        guard gpus >= 1 else { throw ValidationError("--gpus must be at least 1") }
        guard detect.map({ $0 > 0 && $0 < 1 }) ?? true else {
            throw ValidationError("--detect is a share between 0 and 1")
        }
    }

    func run() throws {
        let book = try rules.load()
        let inspection = PlanInspection(
            book: book, installation: try rules.installation(), typed: rules.typed, json: json)
        if schema { return inspection.schema() }
        if let check { return try inspection.check(check, answers: answers) }
        if diff { return try inspection.diff(paths[0], paths[1]) }
        if let explain { return try inspection.explain(explain, file: planFile) }
        if let file = planFile {
            let document = try inspection.read(file)
            let plan = try changed(document.plan)
            if render { return inspection.render(plan) }
            return try deliver(plan, to: output ?? file, inspection)
        }
        if let from { return try convert(from, inspection) }
        let made = try make(book)
        let plan = try changed(auto ? PlanFitting(rules.installation()).fitted(made.plan) : made.plan)
        if render { return inspection.render(plan) }
        try deliver(plan, to: output ?? "plan.yaml", inspection)
        if !json { Terminal.say(made.power.words) }
        if let download = made.download {
            Terminal.say("\(download.id) is not on this disk; lengths are estimated from bytes:")
            for line in download.words { Terminal.say("  " + line) }
            Terminal.say("  " + download.command)
        }
    }

    /// The positional argument, where it names a plan and not a case.
    private var planFile: String? {
        paths.first { path in [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) } }
    }

    private func changed(_ plan: RunPlan) throws -> RunPlan {
        var plan = plan
        if let engine { plan = try plan.setting("engine", to: engine.rawValue) }
        for setting in set {
            guard let equals = setting.firstIndex(of: "=") else { throw NotASetting(text: setting) }
            let key = String(setting[..<equals]), value = String(setting[setting.index(after: equals)...])
            plan = try plan.setting(PlanInspection.fullKey(key), to: value)
        }
        return plan
    }

    private func make(_ book: RuleBook) throws -> PlanMaking.Made {
        let store = FileStore(), machine = MachineProfile.probe()
        let folder = paths.first
        let dataPaths = data.isEmpty ? try folder.map { try CaseFolder(path: $0, store: store).data } ?? [] : data
        var decision: Decision?
        if let file = answerFile(folder, store) {
            let given = try Answers.read(try store.readText(file), file: file, book.vocabulary)
            decision = try Deciding(book, today: Day(Date()), threads: machine.cores)
                .decide(given, dataPaths: dataPaths).decision
            if let warning = decision?.costs?.priceWarning { Terminal.say("warning: " + warning) }
        }
        if let decision, !decision.verdict.trains, !anyway {
            let options = " --answers \(shellWord(answerFile(folder, store) ?? ""))" + rules.typed
            throw NotToTrain(verdict: decision.verdict.rawValue, options: options)
        }
        let facts = decision?.situation.facts
        var wish = PlanMaking.Wish(
            model: ModelReference(model ?? facts?["model.id"]?.text ?? ModelLocation.practiceName),
            dataPaths: dataPaths)
        wish.device = device
        wish.deviceCount = gpus
        wish.detect = detect
        wish.generalMix = generalMix
        wish.earlierRun = after
        return try PlanMaking(book: book, installation: try rules.installation(), machine: machine)
            .plan(for: decision, wish)
    }

    /// Another tool's file as a plan, and what it says that a plan cannot.
    private func convert(_ file: String, _ inspection: PlanInspection) throws {
        let imported = try ImportedPlan(yaml: try FileStore().readText(file), path: file)
        let plan = try changed(imported.plan)
        let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: false)
        Terminal.say("\(file): \(imported.tool.words), \(imported.carried.count) settings carried over")
        for left in imported.leftOut {
            for line in page.item("!", "\(left.key): \(left.value)", left.words, indent: 0) { Terminal.say(line) }
        }
        if render { return inspection.render(plan) }
        try deliver(plan, to: output ?? "plan.yaml", inspection)
    }

    /// Writes the plan, or prints it; lints it in one line.
    private func deliver(_ plan: RunPlan, to output: String, _ inspection: PlanInspection) throws {
        if json { return Terminal.data(plan.json.text(.pretty)) }
        if output == "-" { return Terminal.data(plan.yaml) }
        try FileStore().write(plan.yaml, to: output)
        let written = plan.fields.filter { $0.value != .nothing }
        let ruled = written.count { if case .rule? = plan.origins[$0.key] { true } else { false } }
        Terminal.say("wrote \(output): \(ruled) of \(written.count) values set by rules")
        guard let view = try? inspection.view(output, answers: answers) else { return }
        Terminal.say(view.headline)
        if let cutting = view.cutting { Terminal.say(cutting) }
        let isWorse = view.verdict == "red" || view.verdict == "amber"
        let next = isWorse ? "hone plan --check \(shellWord(output))" : PlanInspection.next(plan, output)
        Terminal.say("next: " + next)
    }

    private func answerFile(_ folder: String?, _ store: FileStore) -> String? {
        if let answers { return answers }
        guard let folder else { return nil }
        let file = folder + "/answers.yaml"
        return store.isFile(file) ? file : nil
    }
}

extension EngineKind: ExpressibleByArgument {}

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

/// `--set` without a value.
struct NotASetting: Explained {
    let text: String

    var explanation: Explanation {
        Explanation(
            "`--set \(text)` is not a key and a value", hint: "write `--set training.learning_rate=2e-4`",
            exitCode: .wrongUsage)
    }
}
