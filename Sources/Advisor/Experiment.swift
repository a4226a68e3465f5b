import RuleEngine

/// What to do in one week where there is no data yet: try a prompt on twenty cases, agree on what is good, label.
package struct Experiment: Sendable {
    /// Some cases of the test sheet.
    package struct SheetPart: Sendable {
        package let count: Int
        package let kind: String
        package let find: String
    }

    package let days: Int
    /// Usable examples today.
    package let examples: Double
    /// Examples this kind of task needs.
    package let needed: Double
    package let people: Double
    /// Nobody said how many people can label.
    package let peopleAreAssumed: Bool
    /// Reviewed examples all of them write in a working day.
    package let labelsPerDay: CostComparison.Span
    /// USD for the examples that are missing.
    package let cost: CostComparison.Span
    package let costIsAssumed: Bool
    /// Share of the sheet on which two people should agree before more is labelled.
    package let agreement: Double
    package let sheet: [SheetPart]

    package var missing: Double { max(0, needed - examples) }
    package var cases: Int { sheet.reduce(0) { $0 + $1.count } }

    /// The days on which enough would be there, if labelling goes on after the week.
    package func reached(from today: Day) -> (first: Day, last: Day) {
        func day(_ perDay: Double) -> Day {
            today.afterWorkingDays(Double(days) + (missing / max(perDay, 1e-3)).rounded(.up))
        }
        return (day(labelsPerDay.high), day(labelsPerDay.low))
    }

    /// Nil where the rule book has no table for it.
    init?(_ book: RuleBook, _ facts: Facts, _ calculations: Calculations) {
        guard let table = book.table("experiment"), let sheet = book.table("test_sheet"),
            let cost = calculations.labelPrice(facts)
        else { return nil }
        func span(_ id: String) -> CostComparison.Span? {
            guard let low = table[id]?.number("low"), let high = table[id]?.number("high") else { return nil }
            return .init(low: low, high: high)
        }
        guard let days = span("days"), let labellers = span("labellers"), let perPerson = span("labels_per_person_day"),
            let agreement = span("agreement")
        else { return nil }
        self.days = Int(days.high)
        examples = facts["data.examples"]?.number ?? 0
        needed = facts["derived.enough_examples"]?.number ?? 500
        let answered = facts["team.size"]?.number.flatMap { $0 >= 1 ? $0 : nil }
        people = answered ?? labellers.low
        peopleAreAssumed = answered == nil
        labelsPerDay = perPerson * people
        self.cost = cost * max(0, needed - examples)
        costIsAssumed = facts["cost.label_usd"] == nil
        self.agreement = agreement.low
        self.sheet = sheet.rows.map {
            SheetPart(count: Int($0.number("count") ?? 0), kind: $0.text("kind") ?? $0.id, find: $0.text("find") ?? "")
        }
    }

    /// So few examples that a verdict should come with the week; where something already works nobody needs it.
    static func isCalledFor(_ book: RuleBook, _ facts: Facts) -> Bool {
        guard let examples = facts["data.examples"]?.number,
            let limit = book.table("experiment")?["no_data_below"]?.number("low")
        else { return false }
        let trials = ["prompting.result", "few_shot.result", "constrained.result", "retrieval.result"]
        return examples < limit && !trials.contains { facts[$0] == .text("works") }
    }
}
