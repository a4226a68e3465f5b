import FileStore
import Foundation
import Testing

@testable import Search

@Suite("An index of passages")
struct PassageStoreTests {
    private func withIndex(_ body: (PassageStore, String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let index = try PassageStore(
            path: path,
            entries: [
                .init(source: "2026-01.md", heading: "Prices", text: "Standard plan costs 40 euros"),
                .init(source: "2026-02.md", heading: "Prices", text: "Standard plan costs 45 euros"),
                .init(source: "rules.md", heading: "Returns", text: "Café orders can be returned within 14 days"),
            ])
        try body(index, path)
    }

    @Test("the newest of equal passages comes first, and accents and case do not count")
    func order() throws {
        try withIndex { index, path in
            let prices = try index.search("What does the standard plan cost?", count: 2)
            let returns = try PassageStore(path: path).search("CAFE", count: 3), count = try index.count()
            #expect(count == 3)
            #expect(prices.first?.entry.source == "2026-02.md")
            #expect(returns.map(\.entry.source) == ["rules.md"])
        }
    }

    @Test(
        "a question may hold anything",
        arguments: ["", "   ", "\" OR 1=1 --", "NEAR(", "a* AND NOT b", "heading: x", "🙂", "'; DROP TABLE passage;"])
    func hostile(question: String) throws {
        try withIndex { index, _ in
            _ = try index.search(question, count: 5)
            #expect(try index.count() == 3)
        }
    }

    @Test("a database without passages is refused")
    func otherDatabase() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileStore().write([UInt8](), to: path)
        #expect(throws: (any Error).self) { try PassageStore(path: path) }
    }
}
