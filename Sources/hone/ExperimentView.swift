import Advisor

/// The one-week experiment in a few lines.
struct ExperimentView {
    private let experiment: Experiment
    private let today: Day
    private let page: Page

    init(_ experiment: Experiment, today: Day, page: Page) {
        self.experiment = experiment
        self.today = today
        self.page = page
    }

    var lines: [String] {
        let people = number(experiment.people)
        let perDay = "\(number(experiment.labelsPerDay.low)) to \(number(experiment.labelsPerDay.high))"
        let (first, last) = experiment.reached(from: today)
        var lines = page.item(
            "1.",
            "Try a prompt on \(experiment.cases) cases: "
                + experiment.sheet.map { "\($0.count) \($0.kind)" }.joined(separator: ", "))
        lines += page.item(
            "2.",
            "Two experts judge the answers apart; below \(number(experiment.agreement * 100)) % agreement, "
                + "define the task first"
        )
        lines += page.item(
            "3.",
            "\(people) people write and check \(perDay) examples a day\(experiment.peopleAreAssumed ? " (assumed)" : "")"
        )
        lines += page.item(
            "4.",
            "\(number(experiment.missing)) more make \(number(experiment.needed)): \(experiment.cost.usd(digits: 0)) USD"
                + (experiment.costIsAssumed ? " (assumed price per label)" : "")
                + ", reached between \(first.spelled) and \(last.spelled)"
        )
        lines += page.wrap("Prompt draft, test sheet and an offline labelling page: add --experiment DIR", indent: 2)
        return lines
    }

    private func number(_ value: Double) -> String { grouped(Int(min(value, 1e15).rounded())) }
}
