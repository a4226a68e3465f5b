import Advisor
import Datasets
import Feasibility
import Plan
import RuleEngine
import Testing

private let laptop = MachineProfile(
    processor: "x", cores: 4, instructionSets: ["avx2"], totalMemory: ByteCount(gibibytes: 16),
    availableMemory: ByteCount(gibibytes: 12))

private func book() throws -> RuleBook {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try RuleBook.load(RuleFolder(path: "/" + root + "/rules"))
}

/// `count` rows, most of them `usual` tokens long and one of them `longest`.
private func given(
    rows count: Int, usual: Int = 60, longest: Int = 90, parameters: Int = 3_000_000, context: Int = 1024
) -> PlanWritingCase {
    let lengths = LengthStatistics(
        lengths: Array(repeating: usual, count: count - 1) + [longest], targetTokens: count * 20)
    return PlanWritingCase(
        model: "models/base", parameterCount: parameters, contextLength: context, dataPaths: ["data.jsonl"],
        rows: count,
        lengths: lengths, longestAnswer: 40, machine: laptop)
}

@Suite("Writing a plan from a case")
struct PlanWritingTests {
    @Test("every value with an origin names a row of the rule book, and the plan is valid")
    func origins() throws {
        let book = try book()
        var task = given(rows: 1600)
        task.generalMixSource = "models/base/general_mix.jsonl"
        let plan = try PlanWriter(book).plan(for: task)
        try plan.validate()
        #expect(plan.origins.count >= 16)
        for (key, origin) in plan.origins {
            guard case .rule(let id, let why) = origin else { continue }
            let parts = id.split(separator: "#").map(String.init)
            #expect(parts.count == 2 && book.table(parts[0])?[parts[1]] != nil && !why.isEmpty, "\(key)")
            #expect(plan.value(of: key) != nil, "\(key)")
        }
        #expect(try RunPlan(yaml: plan.yaml, file: "plan.yaml") == plan)
    }

    @Test("a value an organisation changed says who changed it, and the plan still reads back")
    func overlay() throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let change = "{table: training_defaults, row: rank, column: number, to: 32, reason: House style}"
        let overlay = RuleFolder(path: "acme", files: [("overlay.yaml", "overlay: ACME\nchanges: [\(change)]\n")])
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"), overlay: overlay)
        let plan = try PlanWriter(book).plan(for: given(rows: 1600, parameters: 500_000_000))
        #expect(plan.method.lora?.rank == 32)
        let words = "changed: number is 32 instead of 16, by ACME (House style)"
        #expect(plan.yaml.contains(words))
        #expect(try RunPlan(yaml: plan.yaml, file: "plan.yaml") == plan)
    }

    @Test("the rate follows method and model size")
    func learningRate() throws {
        let writer = PlanWriter(try book())
        func rate(_ parameters: Int, _ method: MethodKind) throws -> Double {
            var task = given(rows: 1000, parameters: parameters)
            task.method = method
            return try writer.plan(for: task).training.learningRate
        }
        #expect(try rate(30_000_000, .lora) == 0.001)
        #expect(try rate(30_000_000, .full) == 0.0001)
        #expect(try rate(199_999_999, .lora) == 0.001 && rate(200_000_000, .lora) == 0.0002)
        #expect(try rate(8_000_000_000, .qlora) == 0.0002)
        #expect(try rate(8_000_000_000, .full) == 0.00002)
    }

    @Test("a model below 30 million parameters is trained in full; above it the method is the one decided")
    func method() throws {
        let writer = PlanWriter(try book())
        func kind(_ parameters: Int, _ decided: MethodKind?) throws -> MethodKind {
            var task = given(rows: 1000, parameters: parameters)
            task.method = decided
            return try writer.plan(for: task).method.kind
        }
        #expect(try kind(29_999_999, .lora) == .full)
        for decided in [MethodKind.lora, .qlora, .full] { #expect(try kind(30_000_000, decided) == decided) }
        #expect(try kind(30_000_000, nil) == .lora)
    }

    @Test("no row is cut while the longest stays under twice the 99th percentile")
    func maxLength() throws {
        let writer = PlanWriter(try book())
        #expect(try writer.plan(for: given(rows: 500, usual: 60, longest: 119)).training.maxLength == 120)
        #expect(try writer.plan(for: given(rows: 500, usual: 60, longest: 120)).training.maxLength == 64)
        #expect(
            try writer.plan(for: given(rows: 500, usual: 600, longest: 900, context: 512)).training.maxLength == 512)
    }

    @Test("a small test set takes a larger share, more where stakes are high, and never starves training")
    func testShare() throws {
        let writer = PlanWriter(try book())
        func share(_ rows: Int, high: Bool = false) throws -> Double {
            var task = given(rows: rows)
            task.stakesAreHigh = high
            return try writer.plan(for: task).data.split.test
        }
        #expect(try share(1000) == 0.1 && share(999) == 0.11)
        #expect(try share(2000, high: true) == 0.1 && share(1000, high: true) == 0.2)
        #expect(try share(200) == 0.3)
    }

    @Test("few rows get more passes until the schedule has room, but not without end")
    func epochs() throws {
        let writer = PlanWriter(try book())
        #expect(try writer.plan(for: given(rows: 2000, parameters: 500_000_000)).training.duration == .epochs(3))
        #expect(try writer.plan(for: given(rows: 200, parameters: 500_000_000)).training.duration == .epochs(7))
        #expect(try writer.plan(for: given(rows: 40, parameters: 500_000_000)).training.duration == .epochs(10))
    }

    @Test("rows are packed where most of them fill less than half the window")
    func packing() throws {
        let writer = PlanWriter(try book())
        #expect(try writer.plan(for: given(rows: 1000, usual: 60, longest: 90)).training.batching == .rows(16))
        var task = given(rows: 1000)
        task.lengths = LengthStatistics(lengths: (0..<1000).map { $0 < 600 ? 50 : 400 }, targetTokens: 9)
        #expect(try writer.plan(for: task).training.batching == .packed(tokens: 3072))
    }

    @Test("without rows there is no plan")
    func nothing() throws {
        let writer = PlanWriter(try book())
        #expect(throws: PlanWritingError.noRows) {
            var task = given(rows: 10)
            task.rows = 0
            _ = try writer.plan(for: task)
        }
    }
}
