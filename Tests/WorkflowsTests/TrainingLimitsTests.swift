import RuleEngine
import Testing
import Training
import Workflows

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

@Suite("Limits of training")
struct TrainingLimitsTests {
    @Test("every number the trainer watches by is a row of the table")
    func rows() throws {
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
        let limits = try TrainingLimits(book)
        #expect(limits.diskRetryFirst > 0 && limits.diskRetryFactor > 1)
        #expect(limits.diskRetryLongest > limits.diskRetryFirst && limits.memoryReserve > 0)
        var asked: [String] = []
        _ = TrainingLimits { row in
            asked.append(row)
            return 0
        }
        #expect(asked.sorted() == book.table("training_limits")?.rows.map(\.id).sorted())
    }
}
