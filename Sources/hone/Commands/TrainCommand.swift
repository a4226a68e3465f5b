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
            pressed twice it kills the trainer. `touch RUN/save-now` asks for a checkpoint after the step that is being \
            taken; the file is gone when the checkpoint is there.

            On a full disk the trainer waits for room. When its memory reaches `training.memory_limit`, or the machine or \
            control group runs out of it, it saves and stops with exit code 4.
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

    @Flag(help: "Where the plan does not fit this machine, apply the changes that make it fit, and name them.")
    var auto = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "The Python that engine `trl` runs in; else HONE_PYTHON, then what `hone engine setup trl` made, then python3.",
            valueName: "path"))
    var python: String?

    @Flag(help: "With engine `trl`: write the run folder, and start nothing.")
    var prepare = false

    @Flag(help: "With `launch.scheduler: slurm`: submit the job and follow it.")
    var submit = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard !(prepare && (submit || resume != nil)) else {
            throw ValidationError("--prepare starts nothing: leave out --submit and --resume")
        }
        guard (plan == nil) != (resume == nil) else { throw ValidationError("give either a plan file or --resume RUN") }
        guard !auto || resume == nil else {
            throw ValidationError("--auto changes what is trained: leave out --resume")
        }
        guard accept.isEmpty == ((because ?? "").isEmpty) else {
            throw ValidationError("--accept and --because go together")
        }
    }

    func run() async throws {
        guard let (training, engine) = try await prepared() else { return }
        let interruptions = SignalWatch.interruptions()
        let progress = TrainingProgress()
        let ending = try await training.train(with: engine, interruptions: interruptions.stream) { report in
            progress.show(report)
        }
        withExtendedLifetime(interruptions.watch) {}
        progress.end()
        try close(training, ending, progress)
    }

    /// The run folder to train in, new from an approved plan or an earlier one, and what trains in it; nil where nothing
    /// is to be started.
    private func prepared() async throws -> (TrainingRun, TrainingRun.Engine)? {
        let options = TrainingRun.Engine.bundled(arguments: rules.rules.map { ["--rules", $0] } ?? [])
        if let resume {
            let absolute = URL(fileURLWithPath: resume).path
            let (training, manifest) = try TrainingRun.resuming(absolute)
            try manifest.enterWorkingFolder(of: RunFolder(path: resume))
            let plan = try RunPlan(yaml: try FileStore().readText(training.run.plan), file: training.run.plan)
            guard plan.engine == .trl else { return (training, options) }
            return (
                training, try await TRLStart(plan, installation: rules.installation(), python: python).engine(submit)
            )
        }
        let file = plan ?? ""
        let book = try rules.load()
        let inspection = PlanInspection(
            book: book, installation: try rules.installation(), typed: rules.typed, json: json)
        var document = try inspection.read(file)
        if auto, document.plan.engine == .bundled {
            let fitted = try PlanFitting(rules.installation()).fitted(document.plan)
            if fitted != document.plan { document = try PlanDocument(yaml: fitted.yaml, file: file) }
        }
        document = document.accepting(accept, because: because ?? "")
        let plan = document.plan
        if plan.data.generalMix?.source == GeneralMix.baseAnswersName {
            Terminal.say("general mix: the base model's own answers; those not kept in the cache are written now")
        }
        let review = try inspection.review(document, answers: nil, isForTraining: true)
        if !review.findings.isEmpty {
            Terminal.say(PlanView(review: review, sources: book.sources).headline + "; hone plan --check shows them")
        }
        // What does not fit is no matter of taste, so it is said first, and with what would help.
        let approved = try review.prepared.flatMap { run in
            plan.engine == .trl
                ? nil
                : try approve(plan, model: run.facts, load: run.load, on: MachineProfile.probe(folder: plan.output))
        }
        try review.require()
        if let power = review.power { Terminal.say(power.words) }
        guard let run = review.prepared else { throw ModelLocationError.notFound(name: plan.model.name) }
        let profile = try DataGate.audit(run, book: book)
        guard let approved else { return try await trl(plan, run, profile, book) }
        guard !prepare, !submit else { throw ForOtherEngines(option: prepare ? "--prepare" : "--submit") }
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
        try AuditTrail.recordChecks(
            of: training.run, plan: plan, profile: profile, check: approved.check, at: Date())
        return (training, options)
    }

    /// The run folder of a plan that TRL trains. What it needs is looked at before anything is written.
    private func trl(
        _ plan: RunPlan, _ run: PreparedRun, _ profile: DatasetProfile, _ book: RuleBook
    ) async throws -> (TrainingRun, TrainingRun.Engine)? {
        if let refusal = TRLSettings.inexpressible(in: plan) { throw refusal }
        let installation = try rules.installation()
        let start = try TRLStart(plan, installation: installation, python: python)
        // The machine that prepares a run need not be one that trains it.
        let engine = prepare ? nil : try await start.engine(submit)
        let training = try TrainingRun.create(
            run, on: MachineProfile.probe(folder: plan.output), name: name ?? shortName(of: plan), at: Date(),
            honeVersion: Hone.configuration.version, workingFolder: FileManager.default.currentDirectoryPath)
        try FileStore().write(profile.json.text(.pretty) + "\n", to: training.run.audit)
        try AuditTrail.recordChecks(of: training.run, plan: plan, profile: profile, check: nil, at: Date())
        try EngineHandover(run, in: installation).write(
            to: training.run, python: start.python, tolerances: EngineTolerances(book),
            memory: start.memory(of: run, book))
        if let engine { return (training, engine) }
        Terminal.data(training.run.path)
        let next = plan.launch.scheduler == .slurm ? "sbatch job.sbatch" : "bash launch.sh"
        Terminal.say("next: cd \(shellWord(training.run.engine)) && \(next)")
        return nil
    }

    /// `examples/task-api/data.jsonl` is called `task-api`.
    private func shortName(of plan: RunPlan) -> String {
        let parts = (plan.data.paths.first ?? "").split(separator: "/").map(String.init)
        guard let file = parts.last else { return "run" }
        return parts.count > 1 ? parts[parts.count - 2] : String(file.prefix { $0 != "." })
    }

    /// What another engine trained is looked at with hone's own decoder.
    private func compare(_ training: TrainingRun) throws {
        let store = FileStore()
        let trained = try TrainedRun(training.run, store: store)
        guard trained.plan.engine == .trl else { return }
        let prepared = try PreparedRun(trained.plan, in: rules.installation())
        guard
            let agreement = try TRLRun(training.run).compare(
                prepared, tolerances: EngineTolerances(rules.load()), at: Date())
        else { return Terminal.say("the model is too large for hone's decoder here: its losses are not compared") }
        Terminal.say(
            "loss of the tuned model on the rows of the contract: \(fixed(agreement.engine, 4)) in the engine, "
                + "\(fixed(agreement.hone, 4)) in hone")
    }

    private func close(_ training: TrainingRun, _ ending: EngineEnding, _ progress: TrainingProgress) throws {
        let run = training.run.path
        let finish = try ending.completed(in: training)
        try compare(training)
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
