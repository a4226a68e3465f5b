import RuleEngine

/// Facts that follow by arithmetic from answers and tables: whether a method fits the device, whether traffic pays.
struct Calculations: Sendable {
    private let costs: CostModel
    private let prices: PriceList
    private let parameters: [String: Double]
    private let memory: [String: Double]

    init(_ book: RuleBook, today: Day? = nil) {
        costs = CostModel(book, today: today)
        prices = PriceList(book)
        parameters = Self.column("parameters_billion", of: "models", book)
        memory = Self.column("usable_gib", of: "devices", book)
    }

    /// The numbers of a column by the row's id, and by its name where it has one.
    private static func column(_ name: String, of table: String, _ book: RuleBook) -> [String: Double] {
        var cells: [String: Double] = [:]
        for row in book.table(table)?.rows ?? [] {
            cells[row.id] = row.number(name)
            if let called = row.text("name") { cells[called] = row.number(name) }
        }
        return cells
    }

    /// Adds what can be calculated; a fact that was given stays.
    func add(to facts: inout Facts) {
        for (fact, value) in assumed(facts).facts + values(facts) where facts[fact] == nil { facts[fact] = value }
    }

    /// Listed prices in the place of prices nobody gave, and where they come from.
    func assumed(_ facts: Facts) -> (facts: [(fact: String, value: FactValue)], price: ListedPrice?) {
        guard let price = prices.price(facts) else { return ([], nil) }
        return (
            [
                ("cost.input_per_million_usd", .number(price.input)),
                ("cost.output_per_million_usd", .number(price.output)),
            ], price
        )
    }

    func values(_ stated: Facts) -> [(fact: String, value: FactValue)] {
        var values: [(fact: String, value: FactValue)] = []
        var facts = stated
        let listed = assumed(stated)
        for (fact, value) in listed.facts where facts[fact] == nil { facts[fact] = value }
        if let reached = costs.compare(facts, listed: listed.price)?.isReached {
            values.append(("derived.break_even_reached", .flag(reached)))
        }
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

    func compare(_ facts: Facts, listed: ListedPrice? = nil) -> CostComparison? { costs.compare(facts, listed: listed) }

    /// USD for one more label, as said or assumed.
    func labelPrice(_ facts: Facts) -> CostComparison.Span? {
        facts["cost.label_usd"]?.number.map { .init(low: $0, high: $0) } ?? costs["label_usd"]
    }

    /// What a method needs for a model of this size, in GiB.
    func need(_ method: String, billions: Double) -> CostComparison.Span? {
        costs["\(method)_gib_per_billion"].map { .init(low: $0.low * billions, high: $0.high * billions) }
    }

    func freeMemory(_ facts: Facts) -> Double? {
        facts["hardware.free_memory_gib"]?.number ?? facts["hardware.device"]?.text.flatMap { memory[$0] }
    }
}
