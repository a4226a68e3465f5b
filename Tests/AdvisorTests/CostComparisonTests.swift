import Advisor
import JSONText
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
        let costs = try #require(
            try decide(worked + ["prompt.cached_share=1", "traffic.requests_per_day=1000000"]).costs)
        #expect(costs.breakEven.high.isInfinite)
        #expect(costs.isReached != true)
    }

    @Test("an own machine pays back above its daily price divided by the saving")
    func ownMachine() throws {
        let settings =
            worked + [
                "prompt.cached_share=0", "cost.gpu_hour_usd=0.8", "cost.training_budget_usd=0", "cost.horizon_days=365",
            ]
        let costs = try #require(
            try decide(settings.map { $0 == "deployment.target=api" ? "deployment.target=own_server" : $0 }).costs)
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

    @Test("every licence of the model table is named with what it obliges to")
    func licences() throws {
        let book = advisor.book
        let rows = try #require(book.table("models")).rows
        let licences = try #require(book.table("licences"))
        for row in rows {
            let licence = try #require(row.text("licence"))
            #expect(licences.row(where: "licence", is: licence)?.text("obliges")?.isEmpty == false, "\(licence)")
        }
        let models = try #require(try trained(["license.commercial=yes"]).models)
        for candidate in models.candidates { #expect(candidate.obligations?.isEmpty == false, "\(candidate.row.id)") }
    }

    @Test("a comparison written as JSON reads back as it was")
    func roundTrip() throws {
        for settings in [["traffic.requests_per_day=100"], ["deployment.target=api", "prompting.model=gpt-4.1-mini"]] {
            let stated = settings.count > 1 ? worked.filter { !$0.hasPrefix("cost.") } : worked
            let decision = try decide(stated + settings)
            let costs = try #require(decision.costs)
            let json = try #require(decision.json(advisor.book.sources, next: "")["costs"])
            let again = CostComparison(json: try JSONValue.parse(json.text()))
            #expect(again == costs)
        }
    }

    @Test("a listed price stands in for a price nobody gave, and is named when it is old")
    func listedPrice() throws {
        let settings =
            worked.filter { !$0.hasPrefix("cost.") } + ["prompting.model=gpt-4.1-mini", "prompt.cached_share=1"]
        let decision = try decide(settings)
        let costs = try #require(decision.costs)
        #expect(abs(try #require(costs.lines.first).perRequest.low - 0.00156) < 1e-9)
        #expect(costs.listed?.row == "prices#openai-gpt-4.1-mini" && costs.listedPriceIsOld == nil)
        #expect(decision.situation.origin(of: "cost.input_per_million_usd")?.name == "assumed")
        // A quarter of the price for cached input stands in the list too.
        #expect(abs(try #require(costs.lines.first { $0.way == .prompting_cached }).perRequest.low - 0.00066) < 1e-9)
        let own = try decide(settings + ["cost.input_per_million_usd=1", "cost.output_per_million_usd=1"])
        #expect(own.costs?.listed == nil && own.situation.origin(of: "cost.input_per_million_usd") == .answered)

        let date = try #require(costs.listed?.checkedOn)
        let checked = try #require(Day(date))
        for (age, isOld) in [(60, false), (61, true)] {
            let later = try Advisor(RandomCases.advisor.book, today: Day(number: checked.number + age))
            var answers = Answers(RandomCases.vocabulary)
            for setting in settings { try answers.set(setting) }
            #expect(later.decide(Situation(answers), search: .none).costs?.listedPriceIsOld == (isOld ? age : nil))
        }
    }

    @Test("every way has its price, and what is paid once is the sum of its parts")
    func everyWay() throws {
        let costs = try #require(try decide(worked + ["prompt.cached_share=0", "traffic.requests_per_day=100"]).costs)
        #expect(costs.lines.map(\.way) == [.prompting, .prompting_cached, .few_shot, .rag, .tuned_hosted])
        #expect(costs.parts.map(\.kind) == [.labelling, .training, .evaluation, .retraining])
        #expect(costs.oneOff.low == costs.parts.map(\.usd.low).reduce(0, +))
        let plain = try #require(costs.lines.first?.perRequest.low)
        for line in costs.lines where line.way == .few_shot || line.way == .rag { #expect(line.perRequest.low > plain) }
    }

    private func trained(_ settings: [String]) throws -> Decision {
        var answers = Answers(RandomCases.vocabulary)
        let base = [
            "task.kind=generation", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
            "few_shot.result=falls_short", "data.examples=2000",
        ]
        for setting in base + settings { try answers.set(setting) }
        return advisor.decide(Situation(answers))
    }

    @Test("the memory of a named device decides between LoRA and QLoRA")
    func deviceMemory() throws {
        #expect(try trained(["hardware.device=t4", "model.id=llama-3.1-8b-instruct"]).method == "qlora")
        #expect(try trained(["hardware.device=a100-80gb-sxm", "model.id=llama-3.1-8b-instruct"]).method == "lora")
        // A model is known by its name on the hub too.
        #expect(try trained(["hardware.device=t4", "model.id=meta-llama/Llama-3.1-8B-Instruct"]).method == "qlora")
    }

    @Test("an accelerator or model that nobody knows is refused with the one that was meant")
    func unknownIDs() throws {
        var answers = Answers(RandomCases.vocabulary)
        #expect(throws: AdvisorError.self) { try answers.set("hardware.device=rtx4090") }
        #expect(throws: AdvisorError.self) { try answers.set("model.id=llama-3.1-8b-instuct") }
        try answers.set("hardware.device=this_machine")
        try answers.set("model.id=models/base")
    }

    @Test("the shortlist shows what the source says beside its own estimate")
    func printedMemory() throws {
        let models = try #require(try trained(["hardware.free_memory_gib=80"]).models)
        #expect(models.candidates.contains { $0.printed?.number("qlora_gib") != nil })
    }

    @Test("every model of the shortlist is made for chat")
    func chatModels() throws {
        for kind in ["format", "reasoning", "generation"] {
            let models = try #require(try trained(["task.kind=\(kind)", "constrained.result=falls_short"]).models)
            for candidate in models.candidates { #expect(candidate.row.text("template")?.isEmpty == false) }
        }
    }
}
