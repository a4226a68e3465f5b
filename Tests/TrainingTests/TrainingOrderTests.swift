import Plan
import Testing
import Training

@Suite("The order of training")
struct TrainingOrderTests {
    private func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.batching = .rows(2)
        settings.gradientAccumulationSteps = 2
        settings.duration = .epochs(2)
        change(&settings)
        return settings
    }

    @Test("with compat trl, rows come in the order of torch.randperm with seed + epoch")
    func trlOrder() {
        let order = TrainingOrder(lengths: Array(repeating: 5, count: 11), settings: settings(), compat: .trl)
        // Permutations from Tests/Oracles/torch-rng.
        #expect(order.epoch(after: 0).steps == [[[6, 8], [9, 2]], [[1, 10], [0, 7]], [[3, 5], [4]]])
        #expect(order.epoch(after: 3).steps == [[[3, 9], [4, 2]], [[8, 7], [6, 10]], [[1, 5], [0]]])
        #expect(order.epoch(after: 3).firstStep == 3)
        #expect(order.totalSteps == 6)
    }

    @Test("a part of an epoch is rounded up to whole steps")
    func partialEpochs() {
        let lengths = Array(repeating: 5, count: 11)
        #expect(
            TrainingOrder(lengths: lengths, settings: settings { $0.duration = .epochs(1.5) }, compat: .hone).totalSteps
                == 5)
        #expect(
            TrainingOrder(lengths: lengths, settings: settings { $0.duration = .steps(7) }, compat: .hone).totalSteps
                == 7)
    }

    @Test("every row is seen once in every epoch, packed or not", arguments: [Batching.rows(3), .packed(tokens: 40)])
    func everyRowOnce(batching: Batching) {
        let lengths = (0..<2500).map { 3 + $0 * 7 % 45 }
        let order = TrainingOrder(lengths: lengths, settings: settings { $0.batching = batching }, compat: .hone)
        let first = order.epoch(after: 0), second = order.epoch(after: first.steps.count)
        #expect(first.steps.joined().joined().sorted() == Array(0..<2500))
        #expect(second.steps.joined().joined().sorted() == Array(0..<2500))
        #expect(first.steps != second.steps)
        #expect(order.totalSteps == first.steps.count + second.steps.count)
    }

    @Test("packed micro-batches hold whole rows within the budget and waste little of it")
    func packing() {
        let lengths = (0..<2500).map { 3 + $0 * 7 % 45 }
        let order = TrainingOrder(
            lengths: lengths, settings: settings { $0.batching = .packed(tokens: 256) }, compat: .hone)
        let sizes = order.epoch(after: 0).steps.joined().map { rows in rows.map { lengths[$0] }.reduce(0, +) }
        #expect(sizes.allSatisfy { $0 <= 256 })
        let share = Double(sizes.reduce(0, +)) / Double(256 * sizes.count)
        #expect(share > 0.97)
    }

    @Test("unshuffled, packed micro-batches follow the order of the rows, whatever their lengths")
    func unshuffledPacking() {
        let lengths = (0..<2500).map { 3 + $0 * 7 % 45 }
        let order = TrainingOrder(
            lengths: lengths,
            settings: settings {
                $0.batching = .packed(tokens: 256)
                $0.shuffle = false
            }, compat: .hone)
        let first = order.epoch(after: 0).steps.joined().map { $0[0] }
        #expect(first == first.sorted())
    }

    @Test("a row longer than the budget has a micro-batch of its own")
    func longRows() {
        let order = TrainingOrder(
            lengths: [10, 90, 10], settings: settings { $0.batching = .packed(tokens: 40) }, compat: .hone)
        #expect(Set(order.epoch(after: 0).steps.joined().map { Set($0) }) == [[1], [0, 2]])
    }

    @Test("with a curriculum every epoch goes stage after stage, shuffled within, packed or not")
    func curriculum() {
        let lengths = (0..<300).map { 3 + $0 * 7 % 45 }, stages = (0..<300).map { $0 % 3 }
        for batching in [Batching.rows(4), .packed(tokens: 128)] {
            let order = TrainingOrder(
                lengths: lengths, stages: stages,
                settings: settings {
                    $0.batching = batching
                    $0.curriculum = .generalToFormat
                }, compat: .hone)
            let microBatches = order.epoch(after: 0).steps.joined()
            #expect(microBatches.allSatisfy { rows in Set(rows.map { stages[$0] }).count == 1 })
            let met = microBatches.map { stages[$0[0]] }
            #expect(met == met.sorted() && Set(met) == [0, 1, 2])
            #expect(microBatches.joined().sorted() == Array(0..<300))
        }
        let plain = TrainingOrder(lengths: lengths, stages: stages, settings: settings(), compat: .hone)
        let without = TrainingOrder(lengths: lengths, settings: settings(), compat: .hone)
        #expect(plain.epoch(after: 0) == without.epoch(after: 0))
    }

    @Test("without shuffling, rows keep the order of the file")
    func unshuffled() {
        let order = TrainingOrder(
            lengths: [5, 5, 5, 5, 5], settings: settings { $0.shuffle = false }, compat: .hone)
        #expect(Array(order.epoch(after: 0).steps.joined().joined()) == [0, 1, 2, 3, 4])
    }
}
