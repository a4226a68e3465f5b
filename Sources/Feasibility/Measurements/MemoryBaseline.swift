package import RuleEngine

/// A simpler way to predict the same figures, to be beaten.
package struct MemoryBaseline: Sendable {
    package let name: String
    private let predict: @Sendable (MeasuredPrediction) -> Double?

    /// GiB, or nil where this way has nothing to say about the row.
    package func gibibytes(_ row: MeasuredPrediction) -> Double? { predict(row) }

    /// The table by model size that the first source prints: full training and QLoRA, by the nearest size.
    package static func sizeTable(_ book: RuleBook) throws(MemoryTableError) -> MemoryBaseline {
        var sizes: [(billion: Double, full: Double, qlora: Double)] = []
        for row in try MemoryTables.rows("hardware_by_model_size", book) {
            sizes.append(
                (try row.needed("parameters_billion"), try row.needed("full_gib"), try row.needed("qlora_gib")))
        }
        let known = sizes
        return MemoryBaseline(name: "table by model size") { row in
            guard let run = row.verdict?.estimate.run else { return nil }
            let billion = run.architecture.parameters / 1e9
            guard let nearest = known.min(by: { abs($0.billion - billion) < abs($1.billion - billion) }) else {
                return nil
            }
            // Between its rows the table means a price per parameter.
            let share = billion / nearest.billion
            if run.method == .full { return nearest.full * share }
            return run.format.isQuantised ? nearest.qlora * share : nil
        }
    }

    /// Parameters times the bytes of their format, and a fifth on top.
    package static let bytesAndAFifth = MemoryBaseline(name: "parameters x bytes x 1.2") { row in
        guard let run = row.verdict?.estimate.run else { return nil }
        let bytes = run.method == .full ? 16 : run.format.bytes
        return run.architecture.parameters * bytes * 1.2 / 1_073_741_824
    }

    /// What another estimator said about these rows, by id.
    package static func recorded(_ name: String, _ figures: [String: Double]) -> MemoryBaseline {
        MemoryBaseline(name: name) { figures[$0.run.id] }
    }
}
