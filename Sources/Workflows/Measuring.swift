import Datasets
package import Evaluation
package import FileStore
import ModelFiles
package import Plan
package import RuleEngine
import Tensors
import Transformer

/// The line from a trained run to what it was worth: base and tuned model on the same held-out rows, and beside them the
/// cheaper options.
package struct Measuring {
    private let prepared: PreparedRun
    private let installation: Installation
    private let progress: (_ arm: Arm, _ done: Int, _ of: Int) -> Void

    package init(
        _ prepared: PreparedRun, in installation: Installation,
        progress: @escaping (_ arm: Arm, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    ) {
        self.prepared = prepared
        self.installation = installation
        self.progress = progress
    }

    /// Asks the test rows, and the general-knowledge questions where the plan wants them, before and after training; then
    /// the arms that were wished for, in their words from `book`.
    ///
    /// - Parameter answers: Those of another engine; then no model is read here, and nothing but both arms is measured.
    package func measure(
        _ run: RunFolder, arms wishes: ArmWishes = .none, book: RuleBook?, answers: GivenAnswers? = nil,
        _ question: ArmMeasuring.Question
    ) throws -> EvaluationResult {
        let plan = prepared.plan
        let material = try MeasuringMaterial(prepared, in: installation)
        let rows = material.rows, questions = material.questions
        var evaluator = Evaluator(
            encoder: prepared.encoder, stopIDs: material.stopIDs, settings: plan.evaluation)
        evaluator.progress = progress
        let documents = try ArmMeasuring.documents(wishes.documents, FileStore())
        evaluator.checks = book.map { AnswerChecks($0, documents: documents, allowsCode: wishes.allowsCode) }
        if let answers {
            evaluator.batchSize = answers.batchSize
            return try evaluator.beforeAndAfter(
                answers, named: plan.model.name, isPracticeModel: prepared.location.isPractice, rows: rows,
                questions: questions, split: Split.Part.test.rawValue, taskKind: question.taskKind)
        }
        // The tuned model can be asked held-out rows only; the arms beside it are not bound to them.
        let folded =
            plan.evaluation.limit != nil || wishes.kinds == []
            ? nil
            : try book.flatMap { book in
                try FoldedRows(
                    prepared.dataset, prepared.split, wanted: plan.evaluation.folds ?? 0, seed: plan.data.split.seed,
                    prepared.encoder, book: book, threads: plan.training.threads)
            }
        let longest = (rows + questions + (folded?.rows ?? [])).map(\.encoded.count).max() ?? 0
        let team = ThreadTeam(threads: plan.training.threads), format = plan.decodingFormat

        func load(_ folder: ModelFolder, _ trainable: LlamaModel.Trainable) throws -> LlamaModel {
            try LlamaModel(
                folder: folder, trainable: trainable, precision: format.precision, quantization: format.quantization,
                team: team, maxBatchTokens: max(longest, 2048))
        }
        let name = plan.model.name, isPractice = prepared.location.isPractice, split = Split.Part.test.rawValue
        let base: LlamaModel, tuned: LlamaModel
        if let lora = plan.method.lora {
            base = try load(prepared.model, .adapter(lora))
            try base.loadAdapter(from: AdapterFolder(path: run.adapter, shape: prepared.model.shape))
            tuned = base
        } else {
            base = try load(prepared.model, .none)
            tuned = try load(ModelFolder(path: run.model), .none)
        }
        var result = try evaluator.beforeAndAfter(
            base, tuned, named: name, isPracticeModel: isPractice, rows: rows, questions: questions, split: split,
            taskKind: question.taskKind)
        if let book, wishes.kinds != [] {
            let probes = ProbeMeasuring(
                book: book, evaluator: evaluator, base: base, tuned: tuned, hasAdapter: plan.method.lora != nil)
            let asked = rows.sampled(limit: plan.evaluation.limit)
            result.safety = try probes.safety(
                domain: question.domain, systemPrompt: rows.first?.example.systemPrompt)
            result.memorisation = try probes.memorisation(
                members: try [HeldOutRow](
                    prepared.encoded.train.filter { $0.stage != .general }, of: prepared.dataset, prepared.encoder),
                controls: asked)
            let copies = try NearCopies(prepared.dataset, of: prepared.split.train, book: book, threads: plan.training.threads)
            result.clean = evaluator.slice(
                of: result.arms, asked, result.metrics,
                asked.indices.filter { !copies.rows.contains(asked[$0].encoded.index) })
        }
        guard let book, let tried = ArmSuite.Settings(book), wishes.kinds != [] else { return result }

        func examples(_ places: [Int]) -> [Example] { places.map { prepared.dataset.examples[$0] } }
        let armMaterial = ArmSuite.Material(
            training: examples(prepared.split.train),
            validation: try [HeldOutRow](prepared.encoded.validation, of: prepared.dataset, prepared.encoder),
            test: rows.sampled(limit: plan.evaluation.limit))
        func suite(_ material: ArmSuite.Material) -> ArmSuite {
            var material = material
            (material.task, material.documents) = (question.task, documents)
            return ArmSuite(
                evaluator, modelNamed: name, isPracticeModel: isPractice, material, tried, result.metrics)
        }
        var race = ArmRace(
            suite(armMaterial), primary: result.metrics.primary, budget: wishes.budgetSeconds, target: question.target)
        race.folds = folded?.arms(result.metrics, suite: suite)
        race.isModelInQuestion = !isPractice && question.modelInQuestion.map { $0 == name } ?? true
        try race.run(ArmSuite.order.filter { wishes.wants($0) && $0 != .base }) { kind in
            let model = kind == .tunedWithRetrieval ? tuned : base
            model.usesAdapter = kind == .tunedWithRetrieval && plan.method.lora != nil
            return model
        }
        let curve = try learningCurve(run, wishes, evaluator, result, rows, target: question.target)
        var all = EvaluationResult(
            split: split, metrics: result.metrics, decoding: result.decoding,
            arms: result.arms + race.results + (curve?.arms.arms ?? []), probe: result.probe)
        all.curve = curve?.curve
        all.real = result.real
        (all.safety, all.memorisation, all.clean) = (result.safety, result.memorisation, result.clean)
        all.skipped = race.skipped + (curve?.arms.skipped ?? [])
        all.arms = all.arms.map { $0.priced(book.armPrices(given: question.prices)) }
        return all
    }

    /// The tuned model beside the same training on parts of its rows; nil where nobody wants it.
    private func learningCurve(
        _ run: RunFolder, _ wishes: ArmWishes, _ evaluator: Evaluator, _ result: EvaluationResult, _ rows: [HeldOutRow],
        target: Double?
    ) throws -> (arms: LearningCurveArms, curve: LearningCurve?)? {
        guard let seconds = wishes.wantsLearningCurve ? .infinity : wishes.curveSeconds,
            let tuned = result.arm(of: .tuned)
        else { return nil }
        let events = EventLog((try? FileStore().readText(run.events)) ?? "")
        let plan = prepared.plan
        var probes = ProbeTraining(
            plan: plan, base: prepared.model, data: prepared.encoded, folder: run.path + "/probes",
            store: FileStore())
        defer { try? FileStore().remove(run.path + "/probes") }
        probes.score = try TaskScore(prepared)?.score
        let metrics = result.metrics.withoutTokenLosses, asked = rows.sampled(limit: plan.evaluation.limit)
        var arms = LearningCurveArms(
            probes, model: (plan.model.name, prepared.location.isPractice), metric: metrics.primary,
            budget: seconds, whole: (events.finish?.seconds ?? 0, tuned)
        ) { arm, model in try evaluator.measure(arm, model, asked, metrics) }
        let curve = try arms.measure(target: target)
        return (arms, curve)
    }
}
