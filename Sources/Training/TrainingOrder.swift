package import Plan
internal import Randomness

/// Which rows make up which optimizer step.
///
/// A pure function of the rows' lengths and the settings: a resumed run needs nothing but the number of its step. With
/// `compat: trl` the order is that of a Hugging Face Trainer with the same seed, row for row, packed or not.
package struct TrainingOrder: Sendable {
    /// The optimizer steps of one pass over the rows; each is a list of micro-batches, each a list of row indices.
    package struct Epoch: Sendable, Hashable {
        package let number: Int
        /// Steps taken before this epoch.
        package let firstStep: Int
        package let steps: [[[Int]]]

        /// How many epochs are over after `taken` steps: counted in micro-batches, as Hugging Face counts.
        package func position(after taken: Int) -> Double {
            let done = steps.prefix(taken - firstStep).reduce(0) { $0 + $1.count }
            return Double(number) + Double(done) / Double(max(1, steps.reduce(0) { $0 + $1.count }))
        }
    }

    package let totalSteps: Int
    private let lengths: [Int]
    /// Where a curriculum puts each row; empty without one.
    private let stages: [Int]
    private let prefixes: SharedPrefixes
    private let settings: TrainingSettings
    private let compat: Compatibility

    /// - Parameters:
    ///   - stages: One number per row; with a curriculum the rows of a lower one come first in every epoch.
    ///   - prefixes: Beginnings that packed micro-batches make room for once; nil where nothing is shared.
    package init(
        lengths: [Int], stages: [Int] = [], prefixes: SharedPrefixes? = nil, settings: TrainingSettings,
        compat: Compatibility
    ) {
        let prefixes = prefixes ?? SharedPrefixes(none: lengths.count)
        self.prefixes = prefixes
        let stages = settings.curriculum == .none || stages.count != lengths.count ? [] : stages
        self.lengths = lengths
        self.stages = stages
        self.settings = settings
        self.compat = compat
        totalSteps = Self.totalSteps(settings, lengths.count) { epoch in
            Self.steps(Self.microBatches(epoch: epoch, lengths, stages, prefixes, settings, compat), settings).count
        }
    }

    /// Tokens of an optimizer step, on average over `epoch`.
    func meanStepTokens(of epoch: Epoch) -> Double { Double(lengths.reduce(0, +)) / Double(max(1, epoch.steps.count)) }

    /// The epoch that holds the step after `taken` steps.
    package func epoch(after taken: Int) -> Epoch {
        var number = 0, first = 0
        while true {
            let steps = Self.steps(
                Self.microBatches(epoch: number, lengths, stages, prefixes, settings, compat), settings)
            if taken < first + steps.count || steps.isEmpty {
                return Epoch(number: number, firstStep: first, steps: steps)
            }
            first += steps.count
            number += 1
        }
    }

    /// A last epoch that is only partly trained counts as many steps as Hugging Face counts: the share, rounded up.
    private static func totalSteps(_ settings: TrainingSettings, _ rows: Int, stepsOf: (Int) -> Int) -> Int {
        guard rows > 0 else { return 0 }
        switch settings.duration {
        case .steps(let count): return count
        case .epochs(let epochs):
            let whole = Int(epochs)
            let full = (0..<whole).reduce(0) { $0 + stepsOf($1) }
            let share = epochs - Double(whole)
            return full + (share > 0 ? Int((share * Double(stepsOf(whole))).rounded(.up)) : 0)
        }
    }

    /// Micro-batches in groups of the accumulation; the last group of an epoch may be shorter.
    private static func steps(_ microBatches: [[Int]], _ settings: TrainingSettings) -> [[[Int]]] {
        let size = max(1, settings.gradientAccumulationSteps)
        return stride(from: 0, to: microBatches.count, by: size).map {
            Array(microBatches[$0..<min($0 + size, microBatches.count)])
        }
    }

    private static func microBatches(
        epoch: Int, _ lengths: [Int], _ stages: [Int], _ prefixes: SharedPrefixes, _ settings: TrainingSettings,
        _ compat: Compatibility
    ) -> [[Int]] {
        if compat == .trl, case .packed = settings.batching {
            return packedAsTRL(epoch: epoch, lengths, stages, settings)
        }
        var random = CounterGenerator(seed: settings.seed, place: .init(step: epoch))
        let order = rowOrder(lengths.count, epoch, settings, compat, &random)
        guard !stages.isEmpty else { return microBatches(of: order, lengths, prefixes, settings, &random) }
        // Stage after stage, each shuffled and packed on its own, so that no micro-batch mixes two of them.
        return Set(stages).sorted().flatMap { stage in
            microBatches(of: order.filter { stages[$0] == stage }, lengths, prefixes, settings, &random)
        }
    }

    /// Sequences are packed once, in the order of the rows; every epoch they are shuffled and taken several at a time.
    private static func packedAsTRL(
        epoch: Int, _ lengths: [Int], _ stages: [Int], _ settings: TrainingSettings
    ) -> [[Int]] {
        var generator = MersenneTwister(seed: settings.seed + epoch)
        let atOnce = settings.sequencesPerMicroBatch
        return (stages.isEmpty ? [nil] : Set(stages).sorted().map(Optional.some)).flatMap { stage -> [[Int]] in
            let rows = lengths.indices.filter { stage == nil || stages[$0] == stage }
            let sequences =
                settings.packingStrategy == .wrapped
                ? rows.map { [$0] }
                : TRLPacking.bestFitDecreasing(rows, lengths, maxLength: settings.maxLength)
            let order = settings.shuffle ? generator.permutation(sequences.count) : Array(sequences.indices)
            return stride(from: 0, to: order.count, by: atOnce).map { start in
                order[start..<min(start + atOnce, order.count)].flatMap { sequences[$0] }
            }
        }
    }

    private static func microBatches(
        of order: [Int], _ lengths: [Int], _ prefixes: SharedPrefixes, _ settings: TrainingSettings,
        _ random: inout CounterGenerator
    ) -> [[Int]] {
        switch settings.batching {
        case .rows(let size):
            return stride(from: 0, to: order.count, by: max(1, size)).map {
                Array(order[$0..<min($0 + max(1, size), order.count)])
            }
        case .packed(let tokens):
            return stride(from: 0, to: order.count, by: packingWindow).flatMap { start in
                let bins = bestFit(order[start..<min(start + packingWindow, order.count)], lengths, prefixes, tokens)
                // Filled longest row first; unshuffled, the micro-batches follow the order of the rows all the same.
                return settings.shuffle
                    ? random.permutation(bins.count).map { bins[$0] } : bins.sorted { $0[0] < $1[0] }
            }
        }
    }

    private static func rowOrder(
        _ count: Int, _ epoch: Int, _ settings: TrainingSettings, _ compat: Compatibility,
        _ random: inout CounterGenerator
    ) -> [Int] {
        guard settings.shuffle else { return Array(0..<count) }
        switch compat {
        case .hone: return random.permutation(count)
        case .trl:
            var generator = MersenneTwister(seed: settings.seed + epoch)
            return generator.permutation(count)
        }
    }

    /// Rows are packed among this many neighbours in the shuffled order, as TRL does: enough to fill micro-batches, few
    /// enough that sorting by length does not undo the shuffle.
    private static let packingWindow = 1000

    /// Longest first, each into the micro-batch to which it adds least, of those into the fullest that still has room; a
    /// row longer than all room stands alone. Rows with a common beginning come one after the other.
    private static func bestFit(
        _ rows: ArraySlice<Int>, _ lengths: [Int], _ prefixes: SharedPrefixes, _ tokens: Int
    ) -> [[Int]] {
        var bins: [[Int]] = [], room: [Int] = [], groups: [Set<Int>] = []
        func rank(_ row: Int) -> Int { prefixes.places[row]?.group ?? .max }
        let sorted = rows.enumerated().sorted { one, other in
            (rank(one.element), lengths[other.element], one.offset) < (
                rank(other.element), lengths[one.element], other.offset
            )
        }
        for row in sorted {
            let length = lengths[row.element], place = prefixes.places[row.element]
            var best: (bin: Int, cost: Int)?
            for bin in bins.indices {
                let cost = place.map { groups[bin].contains($0.group) ? length - $0.count : length } ?? length
                guard room[bin] >= cost else { continue }
                if best.map({ (cost, room[bin]) < ($0.cost, room[$0.bin]) }) ?? true { best = (bin, cost) }
            }
            if best == nil {
                bins.append([])
                room.append(max(tokens, length))
                groups.append([])
            }
            let (bin, cost) = best ?? (bins.count - 1, length)
            bins[bin].append(row.element)
            room[bin] -= cost
            if let place { groups[bin].insert(place.group) }
        }
        return bins
    }
}
