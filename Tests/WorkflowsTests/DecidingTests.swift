import Advisor
import Foundation
import RuleEngine
import Testing
import Workflows

@Suite("From answers and data to a decision")
struct DecidingTests {
    private func costs(on day: Day) throws -> CostComparison? {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
        let path = root + "/examples/support-json/answers.yaml"
        let answers = try Answers.read(
            try String(contentsOfFile: path, encoding: .utf8), file: path, book.vocabulary)
        return try Deciding(book, today: day, threads: 1).decide(answers, dataPaths: []).decision.costs
    }

    @Test("a listed price that has grown old is named in a run as it is in advice")
    func oldPrices() throws {
        let first = try #require(try costs(on: Day(number: 0)))
        let checked = try #require(first.listed?.checkedOn.flatMap { Day($0) })
        #expect(first.listedPriceIsOld == nil)
        #expect(try costs(on: Day(number: checked.number + 61))?.listedPriceIsOld == 61)
    }

    @Test("the day of a moment is that of Greenwich")
    func day() {
        #expect(Day(Date(timeIntervalSince1970: 86_399)).number == 0)
        #expect(Day(Date(timeIntervalSince1970: 86_400)).spelled == "1970-01-02")
    }
}
