import Advisor
import Foundation
import Plan
import RuleEngine
import Testing

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

@Suite("The plans shown in docs/plans.md")
struct ShownPlansTests {
    /// `HONE_WRITE_DOCS=1` writes them anew after a rule was changed on purpose.
    @Test("the plans in docs/plans are those the rules give today")
    func shown() throws {
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
        let file = root + "/rules/cases/plans/named.yaml"
        let situations = try PlanSituation.read(String(contentsOfFile: file, encoding: .utf8), file: file, book)
        let names = ["task-api", "laptop-0.5b", "t4-3b", "four-a100-8b"]
        #expect(situations.count == names.count)
        for (situation, name) in zip(situations, names) {
            let path = root + "/docs/plans/\(name).yaml"
            let text = "# \(situation.name)\n" + (try situation.plan(book).plan.yaml)
            if ProcessInfo.processInfo.environment["HONE_WRITE_DOCS"] != nil {
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text, "\(name)")
        }
    }
}
