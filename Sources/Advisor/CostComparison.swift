import RuleEngine

/// What each way of solving the task costs per request, and from which traffic on a fine-tune pays back.
///
/// With F fixed prompt tokens, i input and o output tokens a request costs `F p_in + i p_in + o p_out`; a tuned model
/// needs almost no F but may cost a surcharge or a machine of its own. One-off costs are labels, trial runs and retraining
/// within the horizon. Everything assumed is a span from the table `cost_model`, so the result is a span.
package struct CostComparison: Sendable, Hashable {
    package struct Span: Sendable, Hashable {
        package let low: Double
        package let high: Double
    }

    package struct Line: Sendable, Hashable {
        package enum Way: String, Sendable, Hashable { case prompting, prompting_cached, tuned_hosted, tuned_own }
        package let way: Way
        /// USD per request, without one-off costs. Own hardware is spread over today's traffic.
        package let perRequest: Span
    }

    package let lines: [Line]
    /// USD before the first request is saved: labels, trial runs, retraining within the horizon.
    package let oneOff: Span
    package let horizonDays: Double
    /// Requests a day from which the fine-tune pays back within the horizon; an end that no traffic reaches is infinite.
    package let breakEven: Span
    package let requestsPerDay: Double?
    /// The facts whose values were assumed.
    package let assumed: [String]

    /// Yes or no where the whole span agrees, otherwise nil: then the price alone does not decide.
    package var isReached: Bool? {
        guard let requestsPerDay else { return nil }
        if requestsPerDay >= breakEven.high { return true }
        return requestsPerDay < breakEven.low ? false : nil
    }
}

/// The numbers of the table `cost_model`, read once.
struct CostModel: Sendable {
    private let spans: [String: CostComparison.Span]

    init(_ book: RuleBook) {
        var spans: [String: CostComparison.Span] = [:]
        for row in book.table("cost_model")?.rows ?? [] {
            if let low = row.number("low"), let high = row.number("high") {
                spans[row.id] = CostComparison.Span(low: low, high: high)
            }
        }
        self.spans = spans
    }

    subscript(id: String) -> CostComparison.Span? { spans[id] }

    /// Nil while the prices or the lengths of a request are unknown: a made-up price decides nothing.
    func compare(_ facts: Facts) -> CostComparison? {
        func number(_ fact: String) -> Double? { facts[fact]?.number }
        guard let input = number("cost.input_per_million_usd"), let output = number("cost.output_per_million_usd"),
            let fixed = number("prompt.tokens"), let changing = number("request.input_tokens"),
            let answer = number("request.output_tokens"), let cachedPrice = self["cached_price_share"],
            let surcharge = self["tuned_surcharge"], let rest = self["tuned_prompt_tokens"], let oneOff = oneOff(facts),
            let horizon = number("cost.horizon_days") ?? self["horizon_days"]?.high
        else { return nil }
        let perToken = input / 1e6
        let body = changing * perToken + answer * output / 1e6
        let plain = fixed * perToken + body
        let share = number("prompt.cached_share")
        func cached(_ price: Double, _ share: Double) -> Double { fixed * perToken * (1 - share + share * price) + body }
        var lines = [CostComparison.Line(way: .prompting, perRequest: .init(low: plain, high: plain))]
        // Without a word about caching it may be anything between none and all of the fixed prompt.
        let best = CostComparison.Span(low: cached(cachedPrice.low, share ?? 1), high: cached(cachedPrice.high, share ?? 0))
        lines.append(.init(way: .prompting_cached, perRequest: best))
        let requests = number("traffic.requests_per_day")
        let tuned: CostComparison.Span
        var fixedPerDay = 0.0
        let isOwn = facts["deployment.target"].map { [.text("own_server"), .text("local_runner")].contains($0) } ?? false
        if isOwn {
            guard let hour = number("cost.gpu_hour_usd") else { return nil }
            fixedPerDay = 24 * hour
            tuned = .init(low: 0, high: 0)
            if let requests, requests > 0 {
                lines.append(.init(way: .tuned_own, perRequest: .init(low: fixedPerDay / requests, high: fixedPerDay / requests)))
            }
        } else {
            func hosted(_ surcharge: Double, _ rest: Double) -> Double { surcharge * (min(rest, fixed) * perToken + body) }
            tuned = .init(low: hosted(surcharge.low, rest.low), high: hosted(surcharge.high, rest.high))
            lines.append(.init(way: .tuned_hosted, perRequest: tuned))
        }
        func breakEven(_ oneOff: Double, saving: Double) -> Double {
            saving > 0 ? (oneOff / horizon + fixedPerDay) / saving : .infinity
        }
        return CostComparison(
            lines: lines, oneOff: oneOff, horizonDays: horizon,
            breakEven: .init(
                low: breakEven(oneOff.low, saving: best.high - tuned.low),
                high: breakEven(oneOff.high, saving: best.low - tuned.high)),
            requestsPerDay: requests,
            assumed: ["cost.horizon_days", "cost.label_usd", "cost.training_budget_usd", "prompt.cached_share"]
                .filter { facts[$0] == nil })
    }

    private func oneOff(_ facts: Facts) -> CostComparison.Span? {
        guard let trials = self["trials"], let training = self["training_usd"], let labels = self["label_usd"] else { return nil }
        let changes = facts["task.changes"]?.text ?? "rarely"
        let perYear = self["retrains_\(changes)"]?.high ?? 1
        let years = (facts["cost.horizon_days"]?.number ?? self["horizon_days"]?.high ?? 365) / 365
        let missing = max(0, (facts["derived.enough_examples"]?.number ?? 500) - (facts["data.examples"]?.number ?? 0))
        let budget = facts["cost.training_budget_usd"]?.number
        let price = facts["cost.label_usd"]?.number
        func total(_ trials: Double, _ run: Double, _ label: Double) -> Double {
            (budget ?? trials * run) + perYear * years * run + missing * label
        }
        return .init(
            low: total(trials.low, training.low, price ?? labels.low),
            high: total(trials.high, training.high, price ?? labels.high))
    }
}
