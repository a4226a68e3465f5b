import RuleEngine

/// Facts that follow by arithmetic from answers and tables: whether a method fits the device, whether traffic pays back.
struct Calculations: Sendable {
    private let costs: CostModel
    private let parameters: [String: Double]
    private let memory: [String: Double]

    init(_ book: RuleBook) {
        costs = CostModel(book)
        parameters = Self.column("parameters_billion", of: "models", book)
        memory = Self.column("usable_gib", of: "devices", book)
    }

    private static func column(_ name: String, of table: String, _ book: RuleBook) -> [String: Double] {
        var cells: [String: Double] = [:]
        for row in book.table(table)?.rows ?? [] { cells[row.id] = row.number(name) }
        return cells
    }

    /// Adds what can be calculated; a fact that was given stays.
    func add(to facts: inout Facts) {
        for (fact, value) in values(facts) where facts[fact] == nil { facts[fact] = value }
    }

    func values(_ facts: Facts) -> [(fact: String, value: FactValue)] {
        var values: [(fact: String, value: FactValue)] = []
        if let reached = costs.compare(facts)?.isReached { values.append(("derived.break_even_reached", .flag(reached))) }
        if let free = freeMemory(facts), let size = facts["model.id"]?.text.flatMap({ parameters[$0] }) {
            for method in ["lora", "qlora", "full"] {
                guard let perBillion = costs["\(method)_gib_per_billion"] else { continue }
                // Inside the span nobody can say; `hone check` estimates it from the shape.
                if size * perBillion.high <= free { values.append(("derived.\(method)_fits", .flag(true))) }
                if size * perBillion.low > free { values.append(("derived.\(method)_fits", .flag(false))) }
            }
        }
        return values
    }

    func compare(_ facts: Facts) -> CostComparison? { costs.compare(facts) }

    /// What a method needs for a model of this size, in GiB.
    func need(_ method: String, billions: Double) -> CostComparison.Span? {
        costs["\(method)_gib_per_billion"].map { .init(low: $0.low * billions, high: $0.high * billions) }
    }

    func freeMemory(_ facts: Facts) -> Double? {
        facts["hardware.free_memory_gib"]?.number ?? facts["hardware.device"]?.text.flatMap { memory[$0] }
    }
}
