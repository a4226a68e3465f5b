import RuleEngine

/// The listed price of a hosted model, used while the person gave no price of their own.
package struct ListedPrice: Sendable, Hashable {
    package let model: String
    /// `prices#row`.
    package let row: String
    /// USD per million tokens.
    package let input: Double
    package let output: Double
    package let cached: Double?
    /// The day the row was checked.
    package let checkedOn: String?
}

/// The table `prices` by everything a person may call a model.
struct PriceList: Sendable {
    private var byName: [String: ListedPrice] = [:]

    init(_ book: RuleBook) {
        for row in book.table("prices")?.rows ?? [] where row.text("kind") == "api_inference" {
            guard let name = row.text("name"), let input = row.number("input_usd"),
                let output = row.number("output_usd")
            else { continue }
            let price = ListedPrice(
                model: name, row: row.ruleID, input: input, output: output, cached: row.number("cached_usd"),
                checkedOn: row.checkedOn)
            // A vendor's own row comes first in the table; what resells the model later does not replace it.
            let last = name.split(separator: "/").last.map(String.init) ?? name
            for key in [row.id, name, last] where byName[key.lowercased()] == nil { byName[key.lowercased()] = price }
        }
    }

    /// The listed price of the model the prompt was tried on, where one of the two prices was not given.
    func price(_ facts: Facts) -> ListedPrice? {
        guard facts["cost.input_per_million_usd"] == nil || facts["cost.output_per_million_usd"] == nil,
            let name = facts["prompting.model"]?.text
        else { return nil }
        return byName[name.lowercased()]
    }
}
