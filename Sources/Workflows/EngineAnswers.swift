import Datasets
package import Evaluation
package import FileStore
import JSONText
import Launching
import ModelFiles
package import Plan
import Tokenization

/// Held-out rows, and the general questions, asked of the model where it was trained: in another engine, for models that
/// hone's own decoder cannot hold. What comes back is scored, tested and reported like hone's own answers.
package struct EngineAnswers {
    private let prepared: PreparedRun
    private let installation: Installation
    private let run: RunFolder
    private let store: FileStore
    /// Answers in progress at once.
    private static let batchSize = 16

    package init(
        _ prepared: PreparedRun, _ run: RunFolder, in installation: Installation, store: FileStore = FileStore()
    ) {
        self.prepared = prepared
        self.run = run
        self.installation = installation
        self.store = store
    }

    /// Whether hone's own decoder can hold the model here.
    package var areNeeded: Bool { !ContractLoss(prepared).fits }

    /// Writes the questions, runs the script and reads what it wrote.
    package func ask(
        python: String, report: @escaping @Sendable (_ arm: String, _ done: Int, _ of: Int) -> Void
    ) async throws -> GivenAnswers {
        let material = try MeasuringMaterial(prepared, in: installation)
        let folder = run.engine
        for name in EngineAsking.scripts {
            try store.write(try store.readText(installation.templates + "/engine/" + name), to: folder + "/" + name)
        }
        let stops = material.stopIDs.sorted().map { JSONValue($0) }
        let decoding: JSONValue = [
            "max_new_tokens": JSONValue(prepared.plan.evaluation.maxNewTokens), "stop_ids": .array(stops),
            "batch": JSONValue(EngineAnswers.batchSize),
        ]
        try store.write(decoding.text(.pretty) + "\n", to: folder + "/decoding.json")
        let asked = material.askedRows + material.questions
        try store.write(asked.map { question($0).text() + "\n" }.joined(), to: folder + "/questions.jsonl")
        let program = try await EngineAsking(python: python, run: run).ask(report: report)
        return GivenAnswers(
            program: program,
            base: try answers("base", rows: material.askedRows.count),
            tuned: try answers("tuned", rows: material.askedRows.count),
            batchSize: EngineAnswers.batchSize)
    }

    /// A row beyond the context is neither asked nor measured.
    private func question(_ row: HeldOutRow) -> JSONValue {
        let room = prepared.model.shape.maxPositions
        let fits = row.encoded.count <= room && row.encoded.targetCount > 0
        let prompt = row.prompt.flatMap { $0.isEmpty || $0.count >= room ? nil : $0 }
        return [
            "prompt": JSONValue(prompt) { .array($0.map { JSONValue($0) }) },
            "input_ids": .array(fits ? row.encoded.inputIDs.map { JSONValue($0) } : []),
            "loss_mask": .array(fits ? row.encoded.isTarget.map { JSONValue($0 ? 1 : 0) } : []),
        ]
    }

    /// The rows come first, the general questions after them.
    private func answers(_ arm: String, rows: Int) throws -> GivenAnswers.Answers {
        let lines = try store.readText(run.engine + "/answers.\(arm).jsonl").split(separator: "\n")
        let read = try lines.map { line -> GivenAnswers.Answer in
            let value = try JSONValue.parse(String(line))
            return GivenAnswers.Answer(
                ids: value["ids"]?.arrayValue?.compactMap { $0.intValue.map { Int32(truncatingIfNeeded: $0) } },
                isStopped: value["is_stopped"]?.boolValue ?? false, loss: value["loss"]?.doubleValue,
                tokens: value["tokens"]?.intValue ?? 0)
        }
        return GivenAnswers.Answers(rows: Array(read.prefix(rows)), questions: Array(read.dropFirst(rows)))
    }
}

/// What a run is measured on: its test rows and the general questions, and the tokens that end an answer.
struct MeasuringMaterial {
    let rows: [HeldOutRow]
    let questions: [HeldOutRow]
    let stopIDs: Set<Int32>
    private let limit: Int?

    init(_ prepared: PreparedRun, in installation: Installation) throws {
        rows = try [HeldOutRow](prepared.encoded.test, of: prepared.dataset, prepared.encoder)
        questions =
            prepared.plan.evaluation.generalProbe
            ? try ProbeResult.questions(path: installation.models + "/base/probes/general.jsonl", prepared.encoder) : []
        stopIDs = Set(try prepared.model.stopIDs().map(Int32.init))
        limit = prepared.plan.evaluation.limit
    }

    /// The rows the evaluation asks: all, or as many as the plan wants.
    var askedRows: [HeldOutRow] { rows.sampled(limit: limit) }
}
