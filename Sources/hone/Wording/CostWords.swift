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
        let (from, to) = (fixed(low, digits), fixed(high, digits))
        return from == to ? from : "\(from) to \(to)"
    }

    var gib: String { usd(digits: low < 10 ? 1 : 0) }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
