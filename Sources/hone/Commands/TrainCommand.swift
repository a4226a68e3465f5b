import ArgumentParser
import Datasets
import Feasibility
import FileStore
import Foundation
import JSONText
import Launching
import Plan
import Registry
import RuleEngine
import Workflows

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train what a plan says, or continue a run that was stopped.",
        discussion: """
            The trainer runs as a process of its own and reports to the run folder. Ctrl-C saves a checkpoint and stops; \
            pressed twice it kills the trainer.
            """)

    @Argument(help: "The plan file (`hone plan` writes one).")
    var plan: String?

    @Option(help: ArgumentHelp("Continue this run from its newest checkpoint.", valueName: "run"))
    var resume: String?

    @Option(help: "A short name for the run; the plan's data folder when left out.")
    var name: String?

    @Option(help: ArgumentHelp("Take on a red lint of the plan, by its name; may be repeated.", valueName: "lint"))
    var accept: [String] = []

    @Option(help: ArgumentHelp("Why, for --accept; kept in the plan of the run.", valueName: "text"))
    var because: String?

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard (plan == nil) != (resume == nil) else { throw ValidationError("give either a plan file or --resume RUN") }
        guard accept.isEmpty == ((because ?? "").isEmpty) else {
            throw ValidationError("--accept and --because go together")
        }
    }

    func run() async throws {
        let training = try prepared()
        let interruptions = SignalWatch.interruptions()
        let progress = TrainingProgress()
        let options = rules.rules.map { ["--rules", $0] } ?? []
        let ending = try await training.train(engineArguments: options, interruptions: interruptions.stream) { report in
            progress.show(report)
        }
        withExtendedLifetime(interruptions.watch) {}
        progress.end()
        try close(training, ending, progress)
    }

    /// The run folder to train in: new from an approved plan, or an earlier one.
    private func prepared() throws -> TrainingRun {
        if let resume {
            let absolute = URL(fileURLWithPath: resume).path
            let (training, manifest) = try TrainingRun.resuming(absolute)
            try manifest.enterWorkingFolder(of: RunFolder(path: resume))
            return training
        }
        let file = plan ?? ""
        let book = try rules.load()
        let inspection = PlanInspection(
            book: book, installation: try rules.installation(), typed: rules.typed, json: json)
        let document = try inspection.read(file).accepting(accept, because: because ?? "")
        let plan = document.plan
        if plan.data.generalMix?.source == GeneralMix.baseAnswersName {
            Terminal.say("general mix: the base model's own answers; those not kept in the cache are written now")
        }
        let review = try inspection.review(document, answers: nil, isForTraining: true)
        if !review.findings.isEmpty {
            Terminal.say(PlanView(review: review, sources: book.sources).headline + "; hone plan --check shows them")
        }
        try review.require()
        if let power = review.power { Terminal.say(power.words) }
        guard let run = review.prepared else { throw Refusal.notCarriedOut(key: "engine", value: plan.engine.rawValue) }
        let profile = try DataGate.audit(run, book: book)
        let approved = try approve(
            plan, model: run.facts, load: run.load, on: MachineProfile.probe(folder: plan.output))
        if approved.check.verdict == .tight {
            Terminal.say(
                "warning: memory is tight: up to \(approved.check.memory.p95.rounded) of \(approved.check.usable?.rounded ?? "?")"
            )
        }
        let training = try TrainingRun.create(
            approved, prepared: run, name: name ?? shortName(of: plan), at: Date(),
            honeVersion: Hone.configuration.version,
            workingFolder: FileManager.default.currentDirectoryPath)
        try FileStore().write(profile.json.text(.pretty) + "\n", to: training.run.audit)
        try AuditTrail.recordChecks(of: training.run, profile: profile, check: approved.check, at: Date())
        return training
    }

    /// `examples/task-api/data.jsonl` is called `task-api`.
    private func shortName(of plan: RunPlan) -> String {
        let parts = (plan.data.paths.first ?? "").split(separator: "/").map(String.init)
        guard let file = parts.last else { return "run" }
        return parts.count > 1 ? parts[parts.count - 2] : String(file.prefix { $0 != "." })
    }

    private func close(_ training: TrainingRun, _ ending: EngineEnding, _ progress: TrainingProgress) throws {
        let run = training.run.path
        let finish = try ending.completed(in: training)
        let early = finish.reason == .earlyStopping ? ", early, because the validation loss no longer fell" : ""
        Terminal.say(
            "trained \(finish.globalStep.number) steps in \(duration(finish.seconds))\(early); "
                + "peak memory \(finish.peakRSS.rounded)")
        if json {
            let object: JSONValue = [
                "run": .string(run), "reason": .string(finish.reason.rawValue),
                "global_step": JSONValue(finish.globalStep.number), "seconds": JSONValue(finish.seconds),
                "peak_rss_bytes": JSONValue(finish.peakRSS.bytes),
                "loss": progress.lastStep.map { JSONValue($0.loss) } ?? .null,
                "validation_loss": progress.lastEval.map { JSONValue($0.loss) } ?? .null,
            ]
            Terminal.data(object.text(.pretty))
        } else {
            Terminal.data(run)
        }
        Terminal.say("next: hone eval \(shellWord(run))")
    }
}
