import Datasets
import Feasibility
package import Plan
package import RuleEngine
package import YAMLText

/// A described situation with the plan it should lead to: a readable test under `rules/cases/plans/`.
package struct PlanSituation: Sendable {
    package let name: String
    /// What an experienced person would say about the plan; the reasons of the choice in plain words.
    package let because: String?
    package let expect: [(key: String, value: String)]
    /// Names of the lints that must speak, and no others.
    package let lints: [String]
    package let place: YAMLPlace
    private let given: PlanWritingCase
    private let changes: [(key: String, value: String)]
    private let around: PlanSurroundings

    /// Writes the plan, makes the changes a person would make, and lints it.
    package func plan(_ book: RuleBook) throws -> (plan: RunPlan, findings: [PlanFinding]) {
        var plan = try PlanWriter(book).plan(for: given)
        for change in changes { plan = try plan.setting(change.key, to: change.value) }
        let heldOut = plan.data.split
        var around = around
        let rows = Double(given.rows)
        let training = rows * (1 - heldOut.validation - heldOut.test) / (1 - (plan.data.generalMix?.share ?? 0))
        around.rows = around.rows ?? Int(training)
        around.tokens = around.tokens ?? Int(training * Double(given.lengths.tokens) / rows)
        around.targetTokens = around.targetTokens ?? Int(training * Double(given.lengths.targetTokens) / rows)
        around.validationRows = around.validationRows ?? Int((rows * heldOut.validation).rounded())
        around.testRows = around.testRows ?? Int((rows * heldOut.test).rounded())
        let facts = PlanFacts(plan, around, book)
        return (plan, PlanLinter(book).findings(facts, plan))
    }

    /// What does not come out as written; empty when all does.
    package func problems(_ book: RuleBook) -> [String] {
        let plan: RunPlan, findings: [PlanFinding]
        do { (plan, findings) = try self.plan(book) } catch { return ["no plan: \(error)"] }
        var problems: [String] = []
        for (key, value) in expect {
            let found = plan.value(of: key)?.plainText ?? ""
            if found != value, !(found.isEmpty && value == "none") {
                problems.append("\(key) is \(found), not \(value)")
            }
        }
        let spoke = findings.map(\.name)
        if Set(spoke) != Set(lints) {
            problems.append("lints are [\(spoke.joined(separator: ", "))], not [\(lints.joined(separator: ", "))]")
        }
        return problems
    }
}

extension PlanSituation {
    /// Every situation of a file.
    package static func read(_ text: String, file: String, _ book: RuleBook) throws -> [PlanSituation] {
        let tables = try MemoryTables(book)
        return try YAMLNode.parse(text, file: file).list().elements.map { try PlanSituation($0, book, tables) }
    }

    private init(_ node: YAMLNode, _ book: RuleBook, _ tables: MemoryTables) throws {
        let map = try node.map(), given = try map.required("given").map()
        name = try map.required("case").string()
        because = try map.optional("because")?.string()
        expect = try PlanSituation.pairs(map.optional("plan"))
        lints = try map.optional("lints")?.strings() ?? []
        changes = try PlanSituation.pairs(map.optional("set"))
        place = map.place
        self.given = try PlanSituation.writingCase(given, tables)
        var around = PlanSurroundings()
        around.parameterCount = self.given.parameterCount
        around.modelContext = self.given.contextLength
        around.isChatData = true
        around.modelHasTemplate = true
        around.templateMatches = try given.optional("template_changed")?.bool() != true
        around.dataMatches = try given.optional("data_changed")?.bool() != true
        around.rowsCut = try given.optional("rows_cut")?.int()
        around.rowsWithoutTarget = try given.optional("rows_without_target")?.int()
        if let hasTemplate = try given.optional("model_has_template")?.bool() { around.modelHasTemplate = hasTemplate }
        if let fit = try given.optional("fit")?.choice(of: PlanCheck.Verdict.allCases.map(\.rawValue)) {
            around.fit = PlanCheck.Verdict(rawValue: fit)
        }
        var facts = Facts(book.vocabulary)
        facts["stakes.level"] = .text(self.given.stakesAreHigh ? "high" : "ordinary")
        if let isCommercial = try given.optional("commercial")?.bool() {
            facts["license.commercial"] = .flag(isCommercial)
        }
        if let context = self.given.servingContext { facts["serving.context_tokens"] = .number(Double(context)) }
        around.answered = facts
        self.around = around
        try given.finish()
        try map.finish()
    }

    private static func pairs(_ node: YAMLNode?) throws -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for (key, value) in try node?.map().entries ?? [] { pairs.append((key.text, try value.scalar().text)) }
        return pairs
    }

    /// Lengths come as median, 99th percentile and longest; the memory of this machine as GiB free.
    private static func writingCase(_ map: YAMLMap, _ tables: MemoryTables) throws -> PlanWritingCase {
        let model = try map.required("model").string()
        let rows = try map.required("rows").int()
        let median = try map.optional("median_tokens")?.int() ?? 60
        let p99 = try map.optional("p99_tokens")?.int() ?? 2 * median
        let longest = try map.optional("longest_tokens")?.int() ?? p99
        let answer = try map.optional("answer_tokens")?.int() ?? median / 3
        let context = try map.optional("context")?.int() ?? 32768
        let architecture = tables.architecture(named: model)
        let millions = try map.optional("parameters_million")?.double()
        let count = millions.map { Int($0 * 1e6) } ?? Int(architecture?.parameters ?? 3e6)
        var lengths = LengthStatistics(lengths: [median], targetTokens: answer * rows)
        (lengths.rows, lengths.tokens) = (rows, rows * median)
        (lengths.p95, lengths.p99, lengths.longest) = (p99, p99, longest)
        let free = try map.optional("free_gib")?.double() ?? 12
        let cores = try map.optional("cores")?.int() ?? 4
        let sets = try map.optional("instruction_sets")?.strings() ?? ["avx2"]
        var given = PlanWritingCase(
            model: ModelReference(model), parameterCount: count, contextLength: context, dataPaths: ["data.jsonl"],
            rows: rows, lengths: lengths, longestAnswer: 2 * answer,
            machine: MachineProfile(
                processor: "described", cores: cores, instructionSets: sets,
                totalMemory: ByteCount(gibibytes: free * 4 / 3), availableMemory: ByteCount(gibibytes: free)))
        given.stakesAreHigh = try map.optional("stakes")?.choice(of: ["ordinary", "high"]) == "high"
        given.hasForgotten = try map.optional("forgot")?.bool() ?? false
        given.servingContext = try map.optional("serving_context")?.int()
        given.leastLength = try map.optional("least_length")?.int() ?? 0
        given.method = try map.optional("method")?.choice(of: MethodKind.allCases.map(\.rawValue)).asMethod
        given.generalMixSource = try map.optional("general_mix")?.string() ?? GeneralMix.baseAnswersName
        if given.generalMixSource == "none" { given.generalMixSource = nil }
        given.generalRowTargets = try map.optional("general_answer_tokens")?.double()
        given.dataFingerprint = "described"
        given.templateFingerprint = "described"
        if let shape = architecture?.shape(context: context) {
            given.facts = ModelFacts(shape: shape, storedBytes: ByteCount(count * 2))
        }
        let devices = try map.optional("devices")?.int() ?? 1
        if let id = try map.optional("device")?.string(), id != LaunchSettings.thisMachine {
            guard let device = tables.device(id), let architecture else {
                throw YAMLError.notOneOf(value: id, allowed: tables.devices.map(\.id), map.place)
            }
            given.accelerator = PlanAccelerator(
                device: device, count: devices, architecture: architecture, tables: tables)
        }
        return given
    }
}

extension String {
    fileprivate var asMethod: MethodKind? { MethodKind(rawValue: self) }
}
