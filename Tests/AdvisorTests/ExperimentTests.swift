import Advisor
import RuleEngine
import Testing

@Suite("One week where there is no data")
struct ExperimentTests {
    private func decide(_ settings: [String]) throws -> Decision {
        var answers = Answers(RandomCases.vocabulary)
        for setting in settings { try answers.set(setting) }
        return RandomCases.advisor.decide(Situation(answers))
    }

    private let style = [
        "task.kind=style", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
    ]

    @Test("the week says who labels what, what it costs and when enough is there")
    func week() throws {
        let experiment = try #require(
            decide(style + ["data.examples=20", "team.size=3", "cost.label_usd=5"]).experiment)
        #expect(experiment.people == 3 && !experiment.peopleAreAssumed && !experiment.costIsAssumed)
        #expect(experiment.missing == 480 && experiment.cost == .init(low: 2400, high: 2400))
        #expect(experiment.labelsPerDay == .init(low: 90, high: 180))
        // Five working days, then 480 / 180 = 3 and 480 / 90 = 6 more: 8 and 11 working days are 12 and 16 days.
        let today = try #require(Day("2026-11-21"))
        let (first, last) = experiment.reached(from: today)
        #expect(first.spelled == "2026-12-03" && last.spelled == "2026-12-07")
    }

    @Test("the test sheet has twenty cases of every kind")
    func sheet() throws {
        let experiment = try #require(decide(style + ["data.examples=0"]).experiment)
        #expect(experiment.cases == 20 && Set(experiment.sheet.map(\.kind)).count == 5)
        #expect(experiment.peopleAreAssumed && experiment.costIsAssumed)
    }

    @Test("comes with no data only: not from 50 examples on, not where something works, not where nobody counted")
    func calledFor() throws {
        #expect(try decide(style + ["data.examples=49"]).experiment != nil)
        #expect(try decide(style + ["data.examples=50"]).experiment == nil)
        #expect(try decide(style + ["data.examples=10", "few_shot.result=works"]).experiment == nil)
        let nobodyCounted = try decide(style)
        #expect(nobodyCounted.experiment == nil)
        #expect(RandomCases.advisor.experiment(for: nobodyCounted)?.examples == 0)
    }

    @Test("high stakes need more than a narrow task does")
    func needed() throws {
        let decision = try decide(style + ["data.examples=0", "stakes.level=high"])
        #expect(decision.experiment?.needed == 5000)
    }

    @Test("days are those of the calendar")
    func calendar() {
        for text in ["1970-01-01", "1999-12-31", "2000-02-29", "2024-02-29", "2026-03-01", "2100-02-28", "2100-03-01"] {
            #expect(Day(text)?.spelled == text)
        }
        #expect(Day("1970-01-01")?.number == 0 && Day("2026-11-21")?.number == 20_778)
        for text in ["2026-13-01", "2026-1", "x", "2026-11-21-1"] { #expect(Day(text) == nil) }
    }
}
