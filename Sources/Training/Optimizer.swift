import Plan
package import Tensors
package import Transformer

/// AdamW over the trainable parameters of a model, with the gradient's length and clipping.
///
/// Every thread of the team owns a fixed range of every tensor; sums are added in thread order, so that equal gradients
/// give equal bits for an equal thread count.
package final class Optimizer {
    /// A parameter with its two moments, both [parameter.count].
    package struct Slot {
        package let parameter: Parameter
        package let firstMoment: Floats
        package let secondMoment: Floats
        /// Norms and biases are not decayed (the rule of `transformers.Trainer`).
        let isDecayed: Bool
    }

    package let slots: [Slot]
    package let adam: AdamW
    package let weightDecay: Double
    private let moments: Buffer
    private let team: ThreadTeam

    package init(parameters: [Parameter], adam: AdamW, weightDecay: Double, team: ThreadTeam) {
        let count = parameters.reduce(0) { $0 + $1.count }
        let moments = Buffer(.float32, count: 2 * count)
        var offset = 0
        slots = parameters.map { parameter in
            defer { offset += parameter.count }
            return Slot(
                parameter: parameter, firstMoment: moments.floats + offset,
                secondMoment: moments.floats + count + offset,
                isDecayed: Self.isDecayed(parameter.name))
        }
        self.moments = moments
        self.adam = adam
        self.weightDecay = weightDecay
        self.team = team
    }

    /// The L2 norm of all gradients together.
    package func gradientNorm() -> Double {
        var sums = [Double](repeating: 0, count: team.count)
        sums.withUnsafeMutableBufferPointer { sums in
            nonisolated(unsafe) let sums = sums
            team.run { member in
                var sum = 0.0
                for slot in slots {
                    guard let gradient = slot.parameter.gradient else { continue }
                    let share = member.share(of: slot.parameter.count, step: 16)
                    sum += Kernels.sumOfSquares(share.count, gradient + share.lowerBound)
                }
                sums[member.index] = sum
            }
        }
        return sums.reduce(0, +).squareRoot()
    }

    /// One update. `step` is 1 for the first; every gradient is multiplied by `gradientScale` first.
    package func update(step: Int, learningRate: Double, gradientScale: Double) {
        team.run { member in
            for slot in slots {
                guard let gradient = slot.parameter.gradient else { continue }
                let share = member.share(of: slot.parameter.count, step: 16)
                adam.update(
                    share.count, step: step, learningRate: learningRate, weightDecay: slot.isDecayed ? weightDecay : 0,
                    gradientScale: gradientScale, gradient: gradient + share.lowerBound,
                    value: slot.parameter.values + share.lowerBound, firstMoment: slot.firstMoment + share.lowerBound,
                    secondMoment: slot.secondMoment + share.lowerBound)
            }
        }
    }

    private static func isDecayed(_ name: String) -> Bool {
        let name = name.lowercased()
        return
            !(name.contains("bias") || name.contains("layernorm") || name.contains("rmsnorm")
            || name.contains("_norm.") || name.hasSuffix("_norm") || name.contains(".norm.") || name.hasSuffix(".norm"))
    }
}
