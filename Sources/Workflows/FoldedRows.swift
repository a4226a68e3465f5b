import Datasets
import Evaluation
import RuleEngine
import Tokenization

/// Every row of a small dataset, ready to be asked part by part by the arms that train nothing.
struct FoldedRows {
    let rows: [HeldOutRow]
    let folds: Folds

    /// Nil where the held-out rows alone are asked: there are rows enough, or their owner chose what is measured on.
    ///
    /// - Parameter wanted: Parts somebody asked for, 0 or 1 for none; nil lets the rule book say.
    init?(
        _ dataset: Dataset, _ split: Split, wanted: Int?, seed: Int, _ encoder: ChatEncoder, book: RuleBook,
        threads: Int
    ) throws {
        let defaults = book.table("training_defaults")
        let limit = defaults?["k_fold_below_rows"]?.number("number") ?? 0
        let isUsual = Double(dataset.kept) < limit && split.origin == .drawn
        let usual = isUsual ? defaults?["folds"]?.number("number").map { Int($0) } : nil
        guard let count = wanted ?? usual, count > 1 else { return nil }
        let copies = try DatasetAudit(book: book, threads: threads).nearlyEqual(dataset)
        guard let folds = Folds(dataset, count: count, seed: seed, together: copies) else { return nil }
        let whole = DatasetEncoder(encoder: encoder, maxLength: .max, threads: threads)
        rows = try dataset.examples.enumerated().map { place, example in
            try HeldOutRow(example, encoded: try whole.encode(example, index: place), encoder)
        }
        self.folds = folds
    }

    /// The smallest difference these rows show, copies of one row counted once.
    func detectable(differingShare share: Double) -> Double? {
        let copies = folds.together.reduce(0) { $0 + $1.count - 1 }
        return DetectableEffect.paired(rows: rows.count - copies, discordantShare: share)
    }

    func arms(_ metrics: MetricSet, suite: (ArmSuite.Material) -> ArmSuite) -> ArmFolds {
        ArmFolds(rows, parts: folds.parts, together: folds.together, metrics, suite: suite)
    }
}
