internal import Foundation

/// One way of turning queries and keys by their positions.
package struct RotaryEmbedding: Sendable, Hashable {
    package var theta: Double
    package var scaling: RopeScaling

    package init(theta: Double, scaling: RopeScaling = .none) {
        self.theta = theta
        self.scaling = scaling
    }
}

/// How rotary frequencies were stretched after pre-training to reach further than the model was first trained for.
package enum RopeScaling: Sendable, Hashable {
    case none
    case linear(factor: Double)
    /// Stretches only sequences that are longer than the model's positions, which hone does not compute.
    case dynamic(factor: Double)
    /// Llama 3.1 and later: long wavelengths are stretched, short ones kept, those between are blended.
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
    /// YaRN (arXiv 2309.00071): a blend between two numbers of turns, and louder attention.
    case yarn(
        factor: Double, originalPositions: Int, fastTurns: Double, slowTurns: Double, attentionFactor: Double,
        truncates: Bool)
    /// LongRoPE (arXiv 2402.13753): every frequency has its own factor, one set for rows within the original positions
    /// and one for longer rows.
    case longrope(short: [Double], long: [Double], originalPositions: Int, attentionFactor: Double)
}

extension RotaryEmbedding {
    /// What cosines and sines are multiplied by.
    @inline(never)
    package var attentionFactor: Float {
        switch scaling {
        case .yarn(_, _, _, _, let factor, _), .longrope(_, _, _, let factor): Float(factor)
        case .none, .linear, .dynamic, .llama3: 1
        }
    }

    /// Rows with more positions than this turn by other frequencies; nil when all turn alike.
    ///
    /// Not inlined: Swift 6.3's optimiser fails on the copy it makes elsewhere of a case with such a payload.
    @inline(never)
    package var shortPositions: Int? {
        switch scaling {
        case .longrope(_, _, let positions, _): positions
        case .none, .linear, .dynamic, .llama3, .yarn: nil
        }
    }

    /// Radians per position for each pair of the `rotated` dimensions of a head, rounded as transformers rounds them.
    package func frequencies(rotated: Int, isLong: Bool = false) -> [Float] {
        let base = (0..<rotated / 2).map { Float(1 / pow(theta, Double(2 * $0) / Double(rotated))) }
        switch scaling {
        case .none, .dynamic: return base
        case .linear(let factor): return base.map { $0 / Float(factor) }
        case .llama3(let factor, let low, let high, let positions):
            return base.map { frequency in
                let wavesInContext = Float(positions) * frequency / (2 * .pi)
                if wavesInContext < Float(low) { return frequency / Float(factor) }
                if wavesInContext > Float(high) { return frequency }
                let share = (wavesInContext - Float(low)) / Float(high - low)
                return (1 - share) * frequency / Float(factor) + share * frequency
            }
        case .yarn(let factor, let positions, let fast, let slow, _, let truncates):
            func dimension(turns: Double) -> Double {
                Double(rotated) * log(Double(positions) / (turns * 2 * .pi)) / (2 * log(theta))
            }
            var low = dimension(turns: fast), high = dimension(turns: slow)
            if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
            (low, high) = (max(low, 0), min(high, Double(rotated - 1)))
            if low == high { high += 0.001 }
            return base.enumerated().map { index, frequency in
                let stretched = Float(min(max((Double(index) - low) / (high - low), 0), 1))
                return frequency / Float(factor) * stretched + frequency * (1 - stretched)
            }
        case .longrope(let short, let long, _, _):
            return zip(base, isLong ? long : short).map { $0 / Float($1) }
        }
    }
}
