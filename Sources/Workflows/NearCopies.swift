import Datasets
import RuleEngine

/// Rows that nearly equal a training row: what they score is partly memory.
struct NearCopies {
    /// Indices into the rows of the dataset.
    let rows: Set<Int>

    init(_ dataset: Dataset, of training: [Int], book: RuleBook, threads: Int) throws {
        let trained = Set(training)
        var rows: Set<Int> = []
        for set in try DatasetAudit(book: book, threads: threads).nearlyEqual(dataset)
        where set.contains(where: trained.contains) {
            rows.formUnion(set.filter { !trained.contains($0) })
        }
        self.rows = rows
    }
}
