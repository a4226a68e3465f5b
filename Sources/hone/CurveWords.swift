import Evaluation

/// What a learning curve says, in a sentence or two; where it says nothing, that.
struct CurveWords {
    let curve: LearningCurve

    var text: String {
        let points = curve.points.map { "\(grouped($0.rows)) rows \(fixed($0.score.value * 100, 1))" }
        return "learning curve: " + points.joined(separator: ", ") + "; " + conclusion
    }

    private var conclusion: String {
        let slope = "error falls with rows to the power \(fixed(-curve.slope.value, 2)) "
            + "(\(fixed(-curve.slope.high, 2)) to \(fixed(-curve.slope.low, 2)))"
        guard let forecast = curve.forecast else {
            return curve.isRising == false
                ? slope + ": more rows made it worse" : slope + ": these held-out rows cannot tell whether more data would help"
        }
        var words =
            slope + "; at \(grouped(forecast.rows)) rows at most about \(fixed(forecast.score.value * 100, 1)) "
            + "(\(fixed(forecast.score.low * 100, 1)) to \(fixed(forecast.score.high * 100, 1)))"
        if let need = curve.need, let last = curve.points.last {
            let target = "the target of \(fixed(need.target * 100, 0))"
            func more(_ rows: Int?) -> String { rows.map { grouped(max(0, $0 - last.rows)) } ?? "beyond reach" }
            words +=
                need.rows == nil
                ? "; \(target) is beyond a hundred times the rows there are"
                : "; collect at least \(more(need.rows)) more rows (\(more(need.low)) to \(more(need.high))) for \(target)"
        }
        return words
    }
}
