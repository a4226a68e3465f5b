import Advisor
import RuleEngine
import Testing

@Suite("What it costs")
struct CostComparisonTests {
    private let advisor = RandomCases.advisor

    private func decide(_ settings: [String]) throws -> Decision {
        var answers = Answers(RandomCases.vocabulary)
        for setting in settings { try answers.set(setting) }
        return advisor.decide(Situation(answers), search: .none)
    }

    /// The worked example of `feasibility.md` section 9: F 3,000, i 300, o 150, prices of gpt-4.1-mini.
    private let worked = [
        "prompt.tokens=3000", "request.input_tokens=300", "request.output_tokens=150", "cost.input_per_million_usd=0.4",
        "cost.output_per_million_usd=1.6", "deployment.target=api", "data.examples=600",
    ]

    @Test("the worked example gives 0.00156 USD without caching and 0.00066 with a quarter price for the cached prompt")
    func workedExample() throws {
        let costs = try #require(try decide(worked + ["prompt.cached_share=1"]).costs)
        let plain = try #require(costs.lines.first { $0.way == .prompting }).perRequest
        let cached = try #require(costs.lines.first { $0.way == .prompting_cached }).perRequest
        #expect(abs(plain.low - 0.00156) < 1e-9)
        #expect(abs(cached.high - 0.00066) < 1e-9)
    }

    @Test("a cached prompt makes a tuned hosted model of the same tier never pay back for sure")
    func cachingEndsIt() throws {
        let costs = try #require(try decide(worked + ["prompt.cached_share=1", "traffic.requests_per_day=1000000"]).costs)
        #expect(costs.breakEven.high.isInfinite)
        #expect(costs.isReached != true)
    }

    @Test("an own machine pays back above its daily price divided by the saving")
    func ownMachine() throws {
        let settings = worked + [
            "prompt.cached_share=0", "cost.gpu_hour_usd=0.8", "cost.training_budget_usd=0", "cost.horizon_days=365",
        ]
        let costs = try #require(try decide(settings.map { $0 == "deployment.target=api" ? "deployment.target=own_server" : $0 }).costs)
        // 24 × 0.8 / 0.00156 = 12,308 requests a day, and a little more for the yearly retraining.
        #expect(costs.breakEven.low > 12_307 && costs.breakEven.low < 12_400)
    }

    @Test("without prices nothing is calculated and the number of the source stands in")
    func unknownPrices() throws {
        let decision = try decide([
            "task.kind=summarization", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
            "data.examples=2000", "latency.sensitive=no", "differentiation.matters=no", "traffic.requests_per_day=2000",
        ])
        #expect(decision.costs == nil)
        #expect(decision.decidedBy.first == "approach.sft-at-high-volume")
    }

    @Test("with prices the break-even decides, not the number of the source")
    func breakEvenDecides() throws {
        let base = [
            "task.kind=summarization", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
            "latency.sensitive=no", "differentiation.matters=no", "prompt.tokens=3000", "request.input_tokens=300",
            "request.output_tokens=150", "cost.input_per_million_usd=0.4", "cost.output_per_million_usd=1.6",
            "data.examples=2000", "prompt.cached_share=0", "deployment.target=own_server", "cost.gpu_hour_usd=0.8",
        ]
        #expect(try decide(base + ["traffic.requests_per_day=5000"]).verdict == .few_shot)
        #expect(try decide(base + ["traffic.requests_per_day=50000"]).verdict == .sft)
    }

    @Test("the shortlist offers two or three models that the licence and the memory allow")
    func shortlist() throws {
        for kind in ["format", "reasoning", "generation"] {
            for memory in ["6", "14.74", "80"] {
                var answers = Answers(RandomCases.vocabulary)
                for setting in [
                    "task.kind=\(kind)", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
                    "few_shot.result=falls_short", "constrained.result=falls_short", "data.examples=2000",
                    "hardware.free_memory_gib=\(memory)", "license.commercial=yes",
                ] { try answers.set(setting) }
                let decision = advisor.decide(Situation(answers))
                let models = try #require(decision.models)
                #expect((2...3).contains(models.candidates.count))
                for candidate in models.candidates {
                    #expect(candidate.row.text("commercial") != "no")
                    #expect((candidate.qlora?.high ?? 0) <= (Double(memory) ?? 0))
                }
            }
        }
    }
}
