import RuleEngine

/// What each way of solving the task costs per request, and from which traffic on a fine-tune pays back.
///
/// With F fixed prompt tokens, i input and o output tokens a request costs `F p_in + i p_in + o p_out`; a tuned model
/// needs almost no F but may cost a surcharge or a machine of its own. One-off costs are labels, trial runs, evaluation
/// and retraining within the horizon. Everything assumed is a span from the table `cost_model`, so the result is a span.
package struct CostComparison: Sendable, Hashable {
    package struct Span: Sendable, Hashable {
        package let low: Double
        package let high: Double

        package init(low: Double, high: Double) {
            self.low = low
            self.high = high
        }

        init(_ value: Double) { self.init(low: value, high: value) }

        static func + (one: Span, other: Span) -> Span { Span(low: one.low + other.low, high: one.high + other.high) }
        static func * (span: Span, factor: Double) -> Span { Span(low: span.low * factor, high: span.high * factor) }
        static func * (one: Span, other: Span) -> Span { Span(low: one.low * other.low, high: one.high * other.high) }
    }

    package struct Line: Sendable, Hashable {
        package enum Way: String, Sendable, Hashable {
            case prompting, prompting_cached, few_shot, rag, tuned_hosted, tuned_own
        }
        package let way: Way
        /// USD per request, without one-off costs. Own hardware is spread over today's traffic.
        package let perRequest: Span
    }

    /// A part of what is paid before the first request is saved.
    package struct Part: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable { case labelling, training, evaluation, retraining }
        package let kind: Kind
        package let usd: Span
    }

    package let lines: [Line]
    /// Labels that are missing, trial runs, one evaluation, retraining and re-evaluation within the horizon.
    package let parts: [Part]
    package let horizonDays: Double
    /// Requests a day from which the fine-tune pays back within the horizon; an end no traffic reaches is infinite.
    package let breakEven: Span
    package let requestsPerDay: Double?
    /// The facts whose values were assumed.
    package let assumed: [String]
    /// The listed price that stands in for a price nobody gave.
    package let listed: ListedPrice?
    /// Days since that price was checked, once they are so many that it should be looked up again.
    package let listedPriceIsOld: Int?

    /// USD before the first request is saved.
    package var oneOff: Span { parts.reduce(Span(0)) { $0 + $1.usd } }

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
    /// USD per hour by device.
    private let hours: [String: CostComparison.Span]
    private let today: Day?

    init(_ book: RuleBook, today: Day?) {
        var spans: [String: CostComparison.Span] = [:], hours: [String: CostComparison.Span] = [:]
        for row in book.table("cost_model")?.rows ?? [] {
            if let low = row.number("low"), let high = row.number("high") {
                spans[row.id] = .init(low: low, high: high)
            }
        }
        for row in book.table("devices")?.rows ?? [] {
            if let low = row.number("price_low_usd"), let high = row.number("price_high_usd") {
                hours[row.id] = .init(low: low, high: high)
            }
        }
        self.spans = spans
        self.hours = hours
        self.today = today
    }

    subscript(id: String) -> CostComparison.Span? { spans[id] }

    /// Nil while the prices or the lengths of a request are unknown: a made-up price decides nothing.
    func compare(_ facts: Facts, listed: ListedPrice?) -> CostComparison? {
        func number(_ fact: String) -> Double? { facts[fact]?.number }
        guard let input = number("cost.input_per_million_usd"), let output = number("cost.output_per_million_usd"),
            let fixed = number("prompt.tokens"), let changing = number("request.input_tokens"),
            let answer = number("request.output_tokens"), let cachedPrice = cachedPrice(listed),
            let parts = parts(facts), let horizon = number("cost.horizon_days") ?? self["horizon_days"]?.high
        else { return nil }
        let perToken = input / 1e6
        let body = changing * perToken + answer * output / 1e6
        let share = number("prompt.cached_share")
        func cached(_ price: Double, _ share: Double) -> Double {
            fixed * perToken * (1 - share + share * price) + body
        }
        // Without a word about caching it may be anything between none and all of the fixed prompt.
        let best = CostComparison.Span(
            low: cached(cachedPrice.low, share ?? 1), high: cached(cachedPrice.high, share ?? 0))
        var lines = [
            CostComparison.Line(way: .prompting, perRequest: .init(fixed * perToken + body)),
            .init(way: .prompting_cached, perRequest: best),
        ]
        if let more = self["few_shot_tokens"] {
            lines.append(.init(way: .few_shot, perRequest: best + more * perToken))
        }
        // Passages differ from request to request, so nothing of them is cached.
        if let more = self["retrieval_tokens"] { lines.append(.init(way: .rag, perRequest: best + more * perToken)) }
        let requests = number("traffic.requests_per_day")
        guard let tuned = tuned(facts, fixed: fixed * perToken, perToken: perToken, body: body) else { return nil }
        if tuned.isOwn {
            if let requests, requests > 0 {
                lines.append(.init(way: .tuned_own, perRequest: tuned.perDay * (1 / requests)))
            }
        } else {
            lines.append(.init(way: .tuned_hosted, perRequest: tuned.perRequest))
        }
        let oneOff = parts.reduce(CostComparison.Span(0)) { $0 + $1.usd }
        func breakEven(_ oneOff: Double, perDay: Double, saving: Double) -> Double {
            saving > 0 ? (oneOff / horizon + perDay) / saving : .infinity
        }
        return CostComparison(
            lines: lines, parts: parts, horizonDays: horizon,
            breakEven: .init(
                low: breakEven(oneOff.low, perDay: tuned.perDay.low, saving: best.high - tuned.perRequest.low),
                high: breakEven(oneOff.high, perDay: tuned.perDay.high, saving: best.low - tuned.perRequest.high)),
            requestsPerDay: requests, assumed: assumed(facts, isOwn: tuned.isOwn), listed: listed,
            listedPriceIsOld: age(of: listed))
    }

    private func assumed(_ facts: Facts, isOwn: Bool) -> [String] {
        ["cost.horizon_days", "cost.label_usd", "cost.training_budget_usd", "prompt.cached_share"].filter {
            facts[$0] == nil
        }
            + (isOwn && facts["cost.gpu_hour_usd"] == nil ? ["cost.gpu_hour_usd"] : [])
    }

    private func cachedPrice(_ listed: ListedPrice?) -> CostComparison.Span? {
        if let listed, let cached = listed.cached, listed.input > 0 { return .init(cached / listed.input) }
        return self["cached_price_share"]
    }

    /// What a tuned model costs: a surcharge on every token where it is hosted, else a machine around the clock.
    private func tuned(
        _ facts: Facts, fixed: Double, perToken: Double, body: Double
    ) -> (perRequest: CostComparison.Span, perDay: CostComparison.Span, isOwn: Bool)? {
        let target = facts["deployment.target"]?.text
        if target == "own_server" || target == "local_runner" {
            let device = facts["hardware.device"]?.text
            let hour =
                facts["cost.gpu_hour_usd"]?.number.map { CostComparison.Span($0) } ?? device.flatMap { hours[$0] }
            return hour.map { (.init(0), $0 * 24, true) }
        }
        guard let surcharge = self["tuned_surcharge"], let rest = self["tuned_prompt_tokens"] else { return nil }
        func hosted(_ surcharge: Double, _ rest: Double) -> Double { surcharge * (min(rest * perToken, fixed) + body) }
        let perRequest = CostComparison.Span(
            low: hosted(surcharge.low, rest.low), high: hosted(surcharge.high, rest.high))
        return (perRequest, .init(0), false)
    }

    private func parts(_ facts: Facts) -> [CostComparison.Part]? {
        guard let trials = self["trials"], let training = self["training_usd"], let labels = self["label_usd"],
            let evaluation = self["evaluation_usd"]
        else { return nil }
        let changes = facts["task.changes"]?.text ?? "rarely"
        let perYear = self["retrains_\(changes)"]?.high ?? 1
        let years = (facts["cost.horizon_days"]?.number ?? self["horizon_days"]?.high ?? 365) / 365
        let missing = max(0, (facts["derived.enough_examples"]?.number ?? 500) - (facts["data.examples"]?.number ?? 0))
        let label = facts["cost.label_usd"]?.number.map { CostComparison.Span($0) } ?? labels
        let budget = facts["cost.training_budget_usd"]?.number.map { CostComparison.Span($0) }
        return [
            .init(kind: .labelling, usd: label * missing),
            .init(kind: .training, usd: budget ?? trials * training),
            .init(kind: .evaluation, usd: evaluation),
            .init(kind: .retraining, usd: training * (perYear * years)),
        ]
    }

    private func age(of listed: ListedPrice?) -> Int? {
        guard let today, let limit = self["price_age_days"]?.high, let day = listed?.checkedOn.flatMap({ Day($0) })
        else { return nil }
        let age = today.number - day.number
        return Double(age) > limit ? age : nil
    }
}
