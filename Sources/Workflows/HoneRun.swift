package import Advisor
package import Datasets
import Evaluation
package import Feasibility
package import FileStore
package import FoundationEssentials
import JSONText
package import Launching
package import Plan
import Registry
package import RuleEngine

/// The whole product as one straight line: a case in, a report out.
///
/// `run` calls the stations in order; each throws its own errors. When the verdict is not to train, the line ends after the
/// decision with a report and something usable. When there is no verdict, a trial on the practice model still measures.
package struct HoneRun {
    package let installation: Installation
    package let book: RuleBook
    package let machine: MachineProfile
    package let honeVersion: String
    /// Relative paths start here; a resumed run goes back to it.
    package let workingFolder: String
    package let now: @Sendable () -> Date
    /// The command line that is being carried out, for the record.
    package let command: String
    /// Arguments the engine needs to find the same rules and models.
    package let engineArguments: [String]
    /// Options that make another command decide by the same rules, as they would be typed.
    package let ruleOptions: String
    package let store = FileStore()

    package init(
        installation: Installation, book: RuleBook, machine: MachineProfile, honeVersion: String, workingFolder: String,
        command: String, engineArguments: [String], ruleOptions: String, now: @escaping @Sendable () -> Date
    ) {
        self.installation = installation
        self.book = book
        self.machine = machine
        self.honeVersion = honeVersion
        self.workingFolder = workingFolder
        self.command = command
        self.engineArguments = engineArguments
        self.ruleOptions = ruleOptions
        self.now = now
    }

    /// What is worth telling while the line is walked.
    package enum Progress: Sendable {
        case audited(DatasetProfile)
        case decided(Decision)
        case approved(ApprovedPlan, run: RunFolder)
        case engine(EngineReport)
        case measuring(arm: String, done: Int, of: Int)
    }

    /// How the line ended.
    package enum Ending: Sendable {
        /// Decided, and nothing was trained.
        case decided(Decision, run: RunFolder, report: String, open: OpenQuestion?)
        case measured(Decision, run: RunFolder, report: String, open: OpenQuestion?)
        /// The engine stopped before its end; the run can go on.
        case unfinished(EngineEnding, run: RunFolder)
    }

    package func run(
        _ folder: CaseFolder, model: ModelReference, output: String, reportFolder: String?,
        interruptions: AsyncStream<Void>, tell: @escaping @Sendable (Progress) -> Void
    ) async throws -> Ending {
        // Nobody answered: everything but the data is unknown.
        var answerText = "", answers = Answers(book.vocabulary)
        if let file = folder.answers {
            answerText = try store.readText(file)
            answers = try Answers.read(answerText, file: file, book.vocabulary)
        }
        let deciding = try Deciding(book, today: Day(now()), threads: machine.cores)
        var decided = try deciding.decide(answers, dataPaths: folder.data)
        if let profile = decided.profile { tell(.audited(profile)) }
        tell(.decided(decided.decision))
        // Without a verdict the free trial on the practice model shows what the rows can teach; it decides nothing.
        let isTrial = try decided.decision.verdict == .undecided && ModelLocation(model, in: installation).isPractice
        guard decided.decision.verdict.trains || isTrial, decided.dataset != nil else {
            return try recordDecision(
                decided, answers, answerText, folder, deciding, model: model, output: output,
                reportFolder: reportFolder,
                tell: tell)
        }

        let plan = try makePlan(for: decided, model: model, data: folder.data, output: output)
        let document = try PlanDocument(yaml: plan.yaml, file: "plan.yaml")
        let review = try PlanReview(
            document, in: installation, book: book, machine: machine,
            answered: decided.decision.situation.facts, isForTraining: true, rows: decided.dataset, store: store)
        guard let prepared = review.prepared else { throw ModelLocationError.notFound(name: model.name) }
        // What does not fit is refused with what would help, before anybody is asked to take on a lint about it.
        let approved = try approve(plan, model: prepared.facts, load: prepared.load, on: machine)
        try review.require()
        let audited = try DataGate.audit(prepared, earlier: decided.profile, book: book, store: store)
        // What is written down, now and after measuring, is what the gate saw.
        decided = Deciding.DecidedCase(decision: decided.decision, dataset: decided.dataset, profile: audited)
        let training = try TrainingRun.create(
            approved, prepared: prepared, name: folder.name, at: now(), honeVersion: honeVersion,
            workingFolder: workingFolder, store: store)
        var manifest = try RunManifest.read(training.run, store: store)
        manifest.command = command
        var record = RunRecord(training.run, manifest: manifest, store: store)
        try record.write(decided, answers: answerText, sources: book.sources, ruleOptions: ruleOptions)
        try record.write(audited, approved.check, at: now())
        tell(.approved(approved, run: training.run))

        let began = now()
        let ending = try await training.train(
            with: .bundled(arguments: engineArguments), interruptions: interruptions, report: { tell(.engine($0)) })
        guard case .finished(let finish) = ending, finish.reason.isEnd else {
            return .unfinished(ending, run: training.run)
        }
        var measured: EvaluationResult?
        let report = try FinishingRun(installation: installation, now: now).finish(
            training.run, prepared: prepared, trainSeconds: now().timeIntervalSince(began), reportFolder: reportFolder,
            arms: wishes(folder), book: book, question: decided.decision.situation.armQuestion,
            reconsider: { result, record in
                measured = result
                // What was measured on the model in question may overturn what was said about it.
                decided = deciding.decide(answers, decided, measured: result)
                try record.write(
                    decided, answers: answerText, sources: book.sources, ruleOptions: ruleOptions)
            }
        ) { tell(.measuring(arm: $0.name, done: $1, of: $2)) }
        let judged = try JSONValue.parse(try store.readText(training.run.evalSummary))["verdict"]?.stringValue
        let isOpen = judged == Readiness.Verdict.inconclusive.rawValue
        return .measured(
            decided.decision, run: training.run, report: report,
            open: isOpen ? measured.flatMap(OpenQuestion.init(gainOf:)) : nil)
    }

    private func makePlan(
        for decided: Deciding.DecidedCase, model: ModelReference, data: [String], output: String
    ) throws -> RunPlan {
        let making = PlanMaking(book: book, installation: installation, machine: machine)
        var wish = PlanMaking.Wish(model: model, dataPaths: data)
        wish.rows = decided.dataset
        var plan = try making.plan(for: decided.decision, wish).plan
        plan.output = output
        return plan
    }

    /// A run that trains nothing: what the cheaper options score on held-out rows where there are any, the decision after
    /// that, its report, and what can be used at once.
    private func recordDecision(
        _ decided: Deciding.DecidedCase, _ answers: Answers, _ answerText: String, _ folder: CaseFolder,
        _ deciding: Deciding, model: ModelReference, output: String, reportFolder: String?,
        tell: @escaping @Sendable (Progress) -> Void
    ) throws -> Ending {
        var decided = decided, measured: (result: EvaluationResult, seconds: Double)?
        let began = now()
        if let dataset = decided.dataset, let result = try measureArms(dataset, decided, folder, model: model, tell) {
            measured = (result, now().timeIntervalSince(began))
            decided = deciding.decide(answers, decided, measured: result)
        }
        let keeping = DecisionRun(
            installation: installation, book: book, honeVersion: honeVersion, command: command,
            ruleOptions: ruleOptions, now: now)
        let (run, report) = try keeping.record(
            decided, answers: answerText, name: folder.name, documents: folder.documents, output: output,
            reportFolder: reportFolder, measured: measured)
        let question = decided.decision.situation.armQuestion
        let options = measured.map {
            MeasuredOptions($0.result, target: question.target, modelInQuestion: question.modelInQuestion)
        }
        return .decided(decided.decision, run: run, report: report, open: options.flatMap(OpenQuestion.init(targetOf:)))
    }

    /// Nil where too few rows are left to tell anything by.
    private func measureArms(
        _ dataset: Dataset, _ decided: Deciding.DecidedCase, _ folder: CaseFolder, model: ModelReference,
        _ tell: @escaping @Sendable (Progress) -> Void
    ) throws -> EvaluationResult? {
        guard dataset.kept >= book.armAmount("rows_to_measure", otherwise: 50) else { return nil }
        var measuring = ArmMeasuring(book: book, installation: installation, threads: machine.cores)
        measuring.progress = { tell(.measuring(arm: $0.name, done: $1, of: $2)) }
        return try measuring.measure(
            dataset, model: model, wishes(folder), decided.decision.situation.armQuestion)
    }

    private func wishes(_ folder: CaseFolder) -> ArmWishes {
        var wishes = ArmWishes()
        wishes.documents = folder.documents
        wishes.budgetSeconds = Double(book.armAmount("budget_of_a_run", otherwise: 75))
        wishes.curveSeconds = Double(book.armAmount("budget_of_the_curve", otherwise: 60))
        return wishes
    }
}
