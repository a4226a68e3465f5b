import Foundation
import RuleEngine
import Testing

@Suite("Every item of the sources is carried")
struct RuleCoverageTests {
    @Test("no item is missing, and no threshold, checklist item, metric or pitfall is only said")
    func complete() throws {
        let coverage = RuleCoverage(try ShippedRuleBook.load(withCases: true))
        #expect(coverage.lines.count == 301)
        for problem in coverage.problems { Issue.record("\(problem.place): \(problem.kind)") }
    }

    @Test("every test named as proof is there")
    func proofs() throws {
        let book = try ShippedRuleBook.load(withCases: true)
        let named = book.carried.filter { $0.how == .does }.map(\.by) + book.tables.compactMap(\.provenBy)
        #expect(named.count >= 40)
        for proof in named {
            let parts = proof.split(separator: ":", maxSplits: 1).map(String.init)
            let title = try #require(parts.last).trimmingCharacters(in: .whitespaces)
            let target = try #require(parts.first)
            #expect(tests(of: target).contains("\"" + title), "\(proof)")
        }
    }

    @Test("whatever is planned names the open issue it belongs to")
    func planned() throws {
        for carried in try ShippedRuleBook.load().carried where carried.how == .planned {
            let issue = carried.by.split(separator: ":").first.map(String.init) ?? ""
            #expect(["issue 4", "issue 5", "issue 9", "issue 10"].contains(issue), "\(carried.item): \(carried.by)")
        }
    }

    @Test("every text named as saying something is there")
    func texts() throws {
        let root = ShippedRuleBook.path + "/../"
        for carried in try ShippedRuleBook.load().carried where carried.how == .says && !carried.by.hasPrefix("rule ") {
            let path = String(carried.by.prefix { $0 != ":" })
            #expect(FileManager.default.fileExists(atPath: root + path), "\(carried.item): \(path)")
        }
    }

    @Test("there are at least 120 cases, each with a name")
    func cases() throws {
        let cases = try ShippedRuleBook.load(withCases: true).cases
        #expect(cases.count >= 120 && Set(cases.map(\.name)).count == cases.count)
    }

    /// All test files of one target, as one text.
    private func tests(of target: String) -> String {
        let folder = ShippedRuleBook.path + "/../Tests/" + target
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".swift") }.compactMap {
            try? String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
        }
        .joined()
    }
}
