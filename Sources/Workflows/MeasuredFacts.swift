package import Advisor
package import Evaluation
import RuleEngine

extension Situation {
    /// Takes over what was measured on held-out rows. A figure from another model than the one in question, the practice
    /// model above all, is not among the facts that rules decide by; a text classifier has no model and counts as it is.
    package mutating func take(_ options: MeasuredOptions) {
        if let classifier = options.classifier, let score = options.score(classifier) {
            measure("measured.classifier_score", .number(score))
            if let reaches = options.reachesTarget(classifier) {
                measure("measured.classifier_reaches_target", .flag(reaches))
            }
        }
        guard options.isOnModelInQuestion else { return }
        let model = options.bestCheap?.arm.arm.model ?? options.tuned?.arm.model
        measure("measured.on_target_model", .flag(true), model: model)
        if let best = options.bestCheap {
            measure("measured.best_cheap_arm", .text(best.means.rawValue), model: model)
            if let reaches = options.reachesTarget(best.arm) {
                measure("measured.cheap_arm_reaches_target", .flag(reaches), model: model)
            }
        }
        if let curve = options.curve {
            if let rises = curve.isRising {
                measure("measured.learning_curve_rising", .flag(rises), model: options.tuned?.arm.model)
            }
            if let more = curve.moreRows {
                measure("measured.more_rows_to_target", .number(Double(more)), model: options.tuned?.arm.model)
            }
        }
        if let low = options.gainLowPoints {
            measure("measured.tuned_gain_low_points", .number(low), model: options.tuned?.arm.model)
            if let reaches = options.reachesTarget(options.tuned) {
                measure("measured.tuned_reaches_target", .flag(reaches), model: options.tuned?.arm.model)
            }
        }
    }

    /// What measuring has to know about the case.
    package var armQuestion: ArmMeasuring.Question {
        var question = ArmMeasuring.Question()
        question.taskKind = facts["task.kind"]?.text
        question.task = facts["task.summary"]?.text
        question.modelInQuestion = facts["model.id"]?.text
        question.prices = tokenPrices
        question.domain = facts["stakes.domain"]?.text
        question.target = target(facts["task.target"]?.number, metric: facts["task.metric"]?.text.flatMap(Metric.init))
        return question
    }

    /// A share may be written as a percentage: 85 is 0.85.
    private func target(_ value: Double?, metric: Metric?) -> Double? {
        guard let value else { return nil }
        return value > 1 && metric?.scale != .ratio ? value / 100 : value
    }

    /// The prices of tokens, where somebody said them or they are listed.
    private var tokenPrices: TokenPrices? {
        guard let input = facts["cost.input_per_million_usd"]?.number,
            let output = facts["cost.output_per_million_usd"]?.number
        else { return nil }
        return TokenPrices(inputPerMillion: input, outputPerMillion: output)
    }
}
