import Plan

/// Loss over the steps: each step, their moving mean, and the validation rows.
struct LossChart {
    let title: String
    let summary: String
    let steps: [StepMetrics]
    let evals: [EvalMetrics]

    private let left = 64.0
    private let right = 804.0
    private let top = 76.0
    private let bottom = 300.0

    func canvas() -> SVGCanvas {
        var canvas = SVGCanvas(height: 344, title: title, summary: summary)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        let scale = Scale(steps: steps, evals: evals)
        drawAxes(&canvas, scale)
        drawLegend(&canvas)
        let raw = steps.map { (x: x($0.globalStep, scale), y: y($0.loss, scale)) }
        canvas.polyline(raw, colour: .before, width: 1, opacity: 0.55)
        let means = movingMeans()
        canvas.polyline(
            zip(steps, means).map { (x: x($0.globalStep, scale), y: y($1, scale)) }, colour: .after, width: 2.25)
        for eval in evals {
            canvas.dot(x: x(eval.globalStep, scale), y: y(eval.loss, scale), radius: 4, colour: .good, isHollow: true)
        }
        if let best = evals.min(by: { $0.loss < $1.loss }) {
            canvas.dot(x: x(best.globalStep, scale), y: y(best.loss, scale), radius: 4, colour: .good)
            let isLate = x(best.globalStep, scale) > right - 130
            canvas.text(
                "best \(Figure.fixed(best.loss, digits: 3)) at step \(best.globalStep.number)",
                x: x(best.globalStep, scale) + (isLate ? 2 : 8), y: y(best.loss, scale) - 12, size: 12,
                anchor: isLate ? .end : .start, colour: .good)
        }
        return canvas
    }

    private func drawLegend(_ canvas: inout SVGCanvas) {
        canvas.line(16, 49, 34, 49, colour: .after, width: 2.5)
        canvas.text("training loss, moving mean", x: 40, y: 53.5, size: 12.5, colour: .muted)
        canvas.line(228, 49, 246, 49, colour: .before, width: 1)
        canvas.text("each step", x: 252, y: 53.5, size: 12.5, colour: .muted)
        guard !evals.isEmpty else { return }
        canvas.dot(x: 341, y: 49, radius: 4, colour: .good, isHollow: true)
        canvas.text("validation loss (filled: lowest)", x: 352, y: 53.5, size: 12.5, colour: .muted)
    }

    private func drawAxes(_ canvas: inout SVGCanvas, _ scale: Scale) {
        for tick in scale.lossTicks {
            canvas.line(left, y(tick, scale), right, y(tick, scale), colour: .grid)
            canvas.text(
                Figure.fixed(tick, digits: scale.lossDigits), x: left - 10, y: y(tick, scale) + 4.5, size: 12,
                anchor: .end, colour: .muted)
        }
        for tick in scale.stepTicks {
            canvas.text(
                Figure.count(tick), x: x(GlobalStep(tick), scale), y: bottom + 20, size: 12, anchor: .middle,
                colour: .muted)
        }
        canvas.text("optimizer step", x: (left + right) / 2, y: bottom + 38, size: 12, anchor: .middle, colour: .muted)
        canvas.text("nats per token", x: right, y: 53.5, size: 12, anchor: .end, colour: .muted)
    }

    private func x(_ step: GlobalStep, _ scale: Scale) -> Double {
        left + (right - left) * Double(step.number) / Double(scale.lastStep)
    }

    private func y(_ loss: Double, _ scale: Scale) -> Double {
        bottom - (bottom - top) * min(1, max(0, loss / scale.highestLoss))
    }

    /// Over a twentieth of the steps, looking back only: no value moves before it happened.
    private func movingMeans() -> [Double] {
        let window = max(1, steps.count / 20)
        return steps.indices.map { place in
            let part = steps[max(0, place - window + 1)...place]
            return part.reduce(0) { $0 + $1.loss } / Double(part.count)
        }
    }

    private struct Scale {
        let lastStep: Int
        let highestLoss: Double
        let lossTicks: [Double]
        let lossDigits: Int
        let stepTicks: [Int]

        init(steps: [StepMetrics], evals: [EvalMetrics]) {
            lastStep = max(1, max(steps.last?.globalStep.number ?? 1, evals.last?.globalStep.number ?? 1))
            let highest = (steps.map(\.loss) + evals.map(\.loss)).filter(\.isFinite).max() ?? 1
            let gap = Scale.niceGap(max(highest, 1e-6) / 4)
            highestLoss = (max(highest, 1e-6) / gap).rounded(.up) * gap
            lossTicks = Array(stride(from: 0, through: highestLoss * 1.0001, by: gap))
            lossDigits = gap >= 1 ? 0 : gap >= 0.1 ? 1 : gap >= 0.01 ? 2 : 3
            let stepGap = max(1, Int(Scale.niceGap(Double(lastStep) / 6)))
            stepTicks = Array(stride(from: 0, through: lastStep, by: stepGap))
        }

        /// 1, 2 or 5 times a power of ten, at least `least`.
        private static func niceGap(_ least: Double) -> Double {
            var power = 1.0
            while power > least { power /= 10 }
            while power * 10 <= least { power *= 10 }
            for factor in [1.0, 2, 5] where power * factor >= least { return power * factor }
            return power * 10
        }
    }
}
