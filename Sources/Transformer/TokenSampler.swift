import Foundation
import Randomness

/// Draws a token from logits by temperature and nucleus (top-p, arXiv 1904.09751).
struct TokenSampler {
    /// 0 means the most likely token.
    let temperature: Double
    let topP: Double

    func sample(_ logits: UnsafeBufferPointer<Float>, seed: Int, prompt: Int, token: Int) -> Int32 {
        let order = logits.indices.sorted { logits[$0] > logits[$1] }
        guard let best = order.first else { return 0 }
        guard temperature > 0 else { return Int32(best) }
        let weights = order.map { exp(Double(logits[$0] - logits[best]) / temperature) }
        let total = weights.reduce(0, +)
        var kept = 0, mass = 0.0
        while kept < weights.count, kept == 0 || mass < topP * total {
            mass += weights[kept]
            kept += 1
        }
        var generator = CounterGenerator(seed: seed, place: .init(step: token, row: prompt))
        var left = generator.uniform() * mass
        for index in 0..<kept {
            left -= weights[index]
            if left < 0 { return Int32(order[index]) }
        }
        return Int32(order[kept - 1])
    }
}
