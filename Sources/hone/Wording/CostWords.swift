import Advisor

extension CostComparison.Line.Way {
    var words: String {
        switch self {
        case .prompting: "a long prompt"
        case .prompting_cached: "a long prompt, cached"
        case .few_shot: "a long prompt with more examples"
        case .rag: "a long prompt with retrieved passages"
        case .tuned_hosted: "a tuned hosted model, short prompt"
        case .tuned_own: "a tuned model on your own machine"
        }
    }
}

extension CostComparison {
    /// Nil while the listed price is young enough, or was not used.
    var priceWarning: String? {
        guard let listed, let days = listedPriceIsOld else { return nil }
        return "the listed price of \(listed.model) is \(days) days old: look it up again before you rely on it"
    }
}

extension CostComparison.Part.Kind {
    var words: String {
        switch self {
        case .labelling: "labels that are missing"
        case .training: "training runs until one is good"
        case .evaluation: "one evaluation"
        case .retraining: "training anew as the task changes"
        }
    }
}

extension CostComparison.Span {
    /// One number where both ends are the same.
    func usd(digits: Int) -> String {
        func spelled(_ value: Double) -> String {
            digits > 0 || abs(value) >= 1e15 ? fixed(value, digits) : grouped(Int(value.rounded()))
        }
        let (from, to) = (spelled(low), spelled(high))
        return from == to ? from : "\(from) to \(to)"
    }

    var gib: String { usd(digits: low < 10 ? 1 : 0) }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
