import Datasets
import FileStore
import Foundation
import JSONText
import Plan
import RuleEngine
import Testing
import Tokenization

@testable import Workflows

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
private let installation = Installation(home: root)

/// What is handed to another engine for a hundred rows of the example.
private func withHandover(
    _ change: (inout RunPlan) -> Void = { _ in }, _ body: (PreparedRun, RunFolder) throws -> Void
) throws {
    let folder = NSTemporaryDirectory() + "hone-handover-" + UUID().uuidString
    let store = FileStore()
    try store.createFolder(folder)
    defer { try? store.remove(folder) }
    let rows = try store.readText(root + "/examples/task-api/data.jsonl").split(separator: "\n").prefix(100)
    try store.write(rows.joined(separator: "\n") + "\n", to: folder + "/rows.jsonl")
    var training = TrainingSettings()
    training.maxLength = 128
    training.batching = .rows(4)
    training.duration = .epochs(2)
    var plan = RunPlan(
        model: ModelLocation.practice, method: .lora(), data: DataSettings(paths: [folder + "/rows.jsonl"]),
        training: training)
    plan.engine = .trl
    plan.data.generalMix = GeneralMix(source: GeneralMix.bundledName, share: 0.3)
    change(&plan)
    let prepared = try PreparedRun(plan, in: installation)
    let run = RunFolder(path: folder + "/run")
    let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
    try EngineHandover(prepared, in: installation).write(
        to: run, python: "python3", tolerances: EngineTolerances(book))
    try body(prepared, run)
}

private func lines(_ path: String) throws -> [JSONValue] {
    try FileStore().readText(path).split(separator: "\n").map { try JSONValue.parse(String($0)) }
}

@Suite("What another engine is handed")
struct EngineHandoverTests {
    @Test("the rows are those hone would train on, general ones among them, with their ids and masks")
    func rows() throws {
        try withHandover { prepared, run in
            let rows = try lines(run.engine + "/train.jsonl")
            #expect(rows.count == prepared.encoded.train.count && prepared.encoded.generalMix?.rows ?? 0 > 0)
            for (row, encoded) in zip(rows, prepared.encoded.train) {
                #expect(row["input_ids"]?.arrayValue?.compactMap(\.intValue) == encoded.inputIDs.map(Int.init))
                #expect(row["loss_mask"]?.arrayValue?.map { $0 == 1 } == encoded.isTarget)
            }
            #expect(try lines(run.engine + "/validation.jsonl").count == prepared.encoded.validation.count)
        }
    }

    @Test(
        "every row has its turn once an epoch, packed or not, and processes share an optimizer step",
        arguments: [false, true])
    func order(isPacked: Bool) throws {
        try withHandover { plan in
            if isPacked { plan.training.batching = .packed(tokens: 512) }
            plan.launch.strategy = .ddp
            plan.launch.processesPerNode = 2
            plan.training.gradientAccumulationSteps = 3
        } _: { prepared, run in
            let steps = try lines(run.engine + "/order.jsonl")
            var turns: [Int: Int] = [:]
            for step in steps {
                let batches = step["micro_batches"]?.arrayValue ?? []
                #expect(batches.count <= 6)
                for batch in batches {
                    for row in batch.arrayValue ?? [] { turns[row.intValue ?? -1, default: 0] += 1 }
                }
            }
            #expect(turns.count == prepared.encoded.train.count && turns.values.allSatisfy { $0 == 2 })
            #expect(steps.last?["epoch"]?.doubleValue == 2)
        }
    }

    @Test("the contract has 32 rows: the longest, the shortest and others, with what they were made from")
    func contract() throws {
        try withHandover { prepared, run in
            let contract = try JSONValue.parse(FileStore().readText(run.engine + "/contract.json"))
            let rows = contract["rows"]?.arrayValue ?? []
            #expect(rows.count == 32)
            let lengths = rows.map { $0["input_ids"]?.arrayValue?.count ?? 0 }
            #expect(lengths.max() == prepared.encoded.train.map(\.count).max())
            #expect(lengths.min() == prepared.encoded.train.map(\.count).min())
            #expect(Set(rows.map { $0["why"]?.stringValue }) == ["longest", "shortest", "random"])
            #expect(rows.allSatisfy { $0["messages"]?.arrayValue != nil })
            #expect(rows.contains { $0["part"] == "general" })
            let loss = contract["untrained_loss"]?["value"]?.doubleValue ?? 0
            #expect(loss > 0.5 && loss < 10)
            #expect(contract["packing"]?["starts"]?.arrayValue?.count == 4)
        }
    }

    @Test("every number format has a tolerance before and after training")
    func tolerances() throws {
        let tolerances = EngineTolerances(try RuleBook.load(RuleFolder(path: root + "/rules")))
        var plan = RunPlan(
            model: "m", method: .lora(), data: DataSettings(paths: ["x"]), training: TrainingSettings())
        for precision in Precision.allCases {
            plan.training.precision = precision
            #expect(tolerances.untrained(plan) > 0 && tolerances.tuned(plan) > 0)
        }
        plan = try plan.setting("method.kind", to: "qlora")
        #expect(tolerances.untrained(plan) > 0.1 && tolerances.tuned(plan) > 0.1)
    }
}
