package import RuleEngine

/// Two or three base models to compare, never one: the smallest sensible, one in the middle, the largest that fits.
package struct ModelShortlist: Sendable {
    package struct Candidate: Sendable {
        package let row: RuleTable.Row
        /// What its licence asks of whoever ships a tuned model.
        package let obligations: String?
        package let billions: Double
        /// What QLoRA and LoRA need in GiB.
        package let qlora: CostComparison.Span?
        package let lora: CostComparison.Span?
        /// What a source prints for a model of this size, where it has a row for it.
        package let printed: RuleTable.Row?
    }

    package let candidates: [Candidate]
    /// Models that were left out, by reason.
    package let leftOut: [(reason: String, count: Int)]

    init(_ book: RuleBook, _ facts: Facts, _ calculations: Calculations) {
        let isCommercial = facts["license.commercial"]?.flag ?? true
        let context = facts["serving.context_tokens"]?.number ?? 0
        let free = calculations.freeMemory(facts)
        var fitting: [Candidate] = []
        var left: [String: Int] = [:]
        for row in book.table("models")?.rows ?? [] {
            guard let billions = row.number("parameters_billion") else { continue }
            let qlora = calculations.need("qlora", billions: billions)
            if isCommercial && row.text("commercial") == "no" {
                left["licence forbids commercial use", default: 0] += 1
            } else if context > row.number("context_tokens") ?? 0 {
                left["context too short", default: 0] += 1
            } else if let free, let qlora, qlora.high > free {
                left["too large for the memory", default: 0] += 1
            } else {
                let lora = calculations.need("lora", billions: billions)
                fitting.append(
                    Candidate(
                        row: row, obligations: Self.obligations(row, book), billions: billions, qlora: qlora, lora: lora,
                        printed: Self.printed(billions, book)))
            }
        }
        leftOut = left.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        candidates = Self.choose(fitting, Self.span(facts, knowsMemory: free != nil))
    }

    private static func obligations(_ row: RuleTable.Row, _ book: RuleBook) -> String? {
        row.text("licence").flatMap { book.table("licences")?.row(where: "licence", is: $0)?.text("obliges") }
    }

    /// The row of the source's table for this size, give or take a tenth.
    private static func printed(_ billions: Double, _ book: RuleBook) -> RuleTable.Row? {
        book.table("hardware_by_model_size")?.rows.first { row in
            row.number("parameters_billion").map { abs($0 - billions) <= $0 / 10 } ?? false
        }
    }

    /// Sizes in billions worth looking at for this kind of task: simple tasks small, reasoning large (A51).
    private static func span(_ facts: Facts, knowsMemory: Bool) -> (low: Double, high: Double) {
        switch facts["task.kind"]?.text {
        case "classification", "extraction", "format", "style", "tool_use": (0.3, knowsMemory ? 8.5 : 4.5)
        case "reasoning", "code": (7, knowsMemory ? 80 : 16)
        default: (1, knowsMemory ? 15 : 9)
        }
    }

    /// Recommended starting points first, then models whose licence sets no conditions, then those open without a form.
    private static func choose(_ fitting: [Candidate], _ span: (low: Double, high: Double)) -> [Candidate] {
        var pool = fitting.filter { $0.billions >= span.low && $0.billions <= span.high }
        if pool.count < 2 { pool = fitting }
        let bySize = pool.sorted { ($0.billions, $0.row.id) < ($1.billions, $1.row.id) }
        guard let smallest = bySize.first?.billions, let largest = bySize.last?.billions else { return [] }
        let targets = [smallest, (smallest * largest).squareRoot(), largest]
        var chosen: [Candidate] = []
        for target in targets {
            let near = bySize.filter { candidate in
                candidate.billions >= target / 1.6 && candidate.billions <= target * 1.6
                    && !chosen.contains { $0.row.id == candidate.row.id }
            }
            if let best = near.max(by: { (merit($0), context($0)) < (merit($1), context($1)) }) { chosen.append(best) }
        }
        return chosen.sorted { $0.billions < $1.billions }
    }

    private static func context(_ candidate: Candidate) -> Double { candidate.row.number("context_tokens") ?? 0 }

    private static func merit(_ candidate: Candidate) -> Int {
        (candidate.row.text("starting_point") != nil ? 4 : 0) + (candidate.row.text("commercial") == "yes" ? 2 : 0)
            + (candidate.row.text("gated") == "no" ? 1 : 0)
    }
}
