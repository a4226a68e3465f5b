import Datasets
import ModelFiles
import Plan
import Tensors
import Testing
import Transformer

@testable import Training

@Suite("Beginnings that rows have in common")
struct SharedPrefixTests {
    private static let system = (0..<40).map { Int32($0 % 23 + 5) }

    /// Rows under one of two long instructions, and one that is like no other; the last tokens are to be learned.
    private let rows: [EncodedExample] = {
        let other = Self.system.map { $0 + 1 }
        let beginnings: [[Int32]] = [Self.system, other, Self.system, Self.system, other, [9, 8, 7]]
        return beginnings.enumerated().map { number, beginning in
            let own = (0..<5).map { Int32((number * 5 + $0) % 29 + 1) }
            return EncodedExample(
                index: number, line: number + 1, inputIDs: beginning + own,
                isTarget: beginning.map { _ in false } + [false, false, true, true, true])
        }
    }()

    private func model() -> LlamaModel {
        let shape = ModelShape(
            vocabularySize: 37, hiddenSize: 24, intermediateSize: 40, layerCount: 2, attentionHeadCount: 4,
            keyValueHeadCount: 2, headSize: 6, maxPositions: 64)
        return LlamaModel(shape: shape, trainable: .full, team: ThreadTeam(threads: 2), maxBatchTokens: 300) {
            _, dimensions, values in
            for index in 0..<dimensions.reduce(1, *) {
                values[index] = dimensions.count == 1 ? 1 : 0.3 * Float((index * 7919) % 101 - 50) / 50
            }
        }
    }

    @Test("rows are grouped by what they begin with, up to where they part or learning starts")
    func groups() {
        let places = SharedPrefixes(rows).places
        #expect(places.map { $0?.count } == [40, 40, 40, 40, 40, nil])
        #expect(places[0]?.group == places[2]?.group && places[2]?.group == places[3]?.group)
        #expect(places[1]?.group == places[4]?.group && places[0]?.group != places[1]?.group)
        let learned = rows.prefix(5).map {
            var row = $0
            row.isTarget[20] = true
            return row
        }
        // The token before the first one to be learned predicts it, and stays with its row.
        #expect(SharedPrefixes(Array(learned)).places.allSatisfy { $0?.count == 19 })
    }

    @Test("losses and gradients are those of rows computed one by one")
    func exact() throws {
        let prefixes = SharedPrefixes(rows), order = [3, 1, 5, 0, 4, 2]
        let shared = PackedBatch(order, of: rows, sharing: prefixes), apart = PackedBatch(order, of: rows, sharing: nil)
        #expect(shared.tokenCount == apart.tokenCount - 3 * 40)
        let models = [model(), model()]
        let losses = [try models[0].forwardBackward(shared), try models[1].forwardBackward(apart)]
        #expect(losses[0].targetTokens == losses[1].targetTokens)
        #expect(abs(losses[0].lossSum - losses[1].lossSum) < 1e-5 * losses[1].lossSum)
        // Parameters point into their models.
        defer { withExtendedLifetime(models) {} }
        for (one, other) in zip(models[0].parameters, models[1].parameters) {
            let found = try #require(one.gradient), expected = try #require(other.gradient)
            let largest = (0..<other.count).map { abs(expected[$0]) }.max() ?? 0
            let difference = (0..<other.count).map { abs(found[$0] - expected[$0]) }.max() ?? 0
            #expect(difference <= 1e-5 * largest, "\(one.name)")
        }
    }

    @Test("a packed micro-batch makes room for a common beginning once, and rows that share one come together")
    func packing() {
        let many = (0..<60).map { number in
            var row = rows[number % 2]
            row.inputIDs[42] = Int32(number % 30)
            return row
        }
        var settings = TrainingSettings()
        settings.batching = .packed(tokens: 100)
        let prefixes = SharedPrefixes(many)
        let order = TrainingOrder(lengths: many.map(\.count), prefixes: prefixes, settings: settings, compat: .hone)
        let batches = order.epoch(after: 0).steps.joined()
        #expect(batches.joined().sorted() == Array(0..<60))
        #expect(batches.allSatisfy { PackedBatch($0, of: many, sharing: prefixes).tokenCount <= 100 })
        // Twelve rows of five tokens fit behind their beginning of 40: 30 rows of either need two and a half batches.
        #expect(batches.count == 5)
    }
}
