import ModelFiles
import Plan
import Tensors
import Testing

@testable import Transformer

@Suite("Losses of many targets")
struct HeadLossTests {
    /// More targets than fit one chunk of the head, the last chunk shorter than the others: there the members' shares of
    /// rows shift, and one that is quick must not write over one that is still at work.
    @Test("are the same with several threads as with one, every time")
    func shiftingShares() throws {
        let shape = ModelShape(
            vocabularySize: 4096, hiddenSize: 32, intermediateSize: 48, layerCount: 1, attentionHeadCount: 2,
            keyValueHeadCount: 1, headSize: 16)
        func model(threads: Int) -> LlamaModel {
            LlamaModel(
                shape: shape, trainable: .none, team: ThreadTeam(threads: threads), maxBatchTokens: 1400
            ) { name, dimensions, values in
                for place in 0..<dimensions.reduce(1, *) {
                    values[place] =
                        name.contains("norm") ? 1 : Float((place &* 7919 &+ name.count &* 31) % 997) / 997 - 0.5
                }
            }
        }
        let ids = (0..<1300).map { Int32(($0 &* 271) % 4096) }
        let batch = PackedBatch(rows: [(ids, ids.indices.map { $0 > 0 })])
        let expected = try model(threads: 1).evaluateLoss(batch)
        #expect(expected.count == 1299)
        let shared = model(threads: 3)
        for _ in 0..<12 {
            let worst = zip(try shared.evaluateLoss(batch), expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-3)
        }
    }
}
