import Testing

@testable import Evaluation

@Suite("Learning curve")
struct LearningCurveTests {
    @Test("a power law is the line through the logarithms that numpy's polyfit finds")
    func law() throws {
        for row in try StatisticsFixture().rows("power_law") {
            let rows = row.doubles("rows"), errors = row.doubles("errors")
            let law = try #require(PowerLaw(zip(rows, errors).map { ($0, $1) }))
            #expect(abs(law.slope - row.double("slope")) < 1e-9)
            #expect(abs(law.scale - row.double("scale")) < 1e-9 * row.double("scale"))
            #expect(abs(law.error(rows: 2 * rows[rows.count - 1]) - row.double("error_at_twice")) < 1e-9)
            #expect(abs(law.rows(forError: 0.01) - row.double("rows_for_error_0.01")) < 1e-6 * row.double("rows_for_error_0.01"))
        }
        #expect(PowerLaw([(100, 0.2)]) == nil && PowerLaw([(100, 0.2), (100, 0.1)]) == nil)
    }

    @Test("errors that halve again and again are continued, with an interval and the rows a target needs")
    func rising() throws {
        let curve = try #require(self.curve([(100, 240), (200, 120), (400, 60)], of: 600, target: 0.95))
        #expect(abs(curve.slope.value - 1) < 1e-9 && curve.isRising == true)
        let forecast = try #require(curve.forecast)
        #expect(forecast.rows == 800 && abs(forecast.score.value - 0.95) < 1e-9)
        #expect(forecast.score.low < 0.95 && forecast.score.high > 0.95)
        let need = try #require(curve.need)
        #expect(abs((need.rows ?? 0) - 800) <= 1 && (need.low ?? 0) < 800 && (need.high ?? 0) > 800)
        #expect(abs((curve.moreRows ?? 0) - 400) <= 1)
        #expect(LearningCurve(json: curve.json) == curve)
    }

    @Test("a flat curve promises nothing, and one that falls says so")
    func flat() throws {
        let flat = try #require(self.curve([(100, 30), (200, 32), (400, 29)], of: 150, target: 0.95))
        #expect(flat.isRising == nil && flat.forecast == nil && flat.need == nil && flat.moreRows == nil)
        let falling = try #require(self.curve([(100, 60), (200, 120), (400, 240)], of: 600, target: nil))
        #expect(falling.isRising == false && falling.forecast == nil)
        #expect(LearningCurve(json: falling.json) == falling)
    }

    @Test("no error at all, two sizes and a metric without shares are no reason to stumble")
    func edges() throws {
        #expect(curve([(100, 10), (200, 5)], of: 50, target: nil) == nil)
        let perfect = try #require(curve([(100, 20), (200, 5), (400, 0)], of: 100, target: 0.99))
        #expect(perfect.need == nil && perfect.slope.value.isFinite)
        let arms = [(100, 10), (200, 5), (400, 2)].map { ($0.0, arm($0.1, of: 50)) }
        #expect(LearningCurve(.bleu, of: arms.map { (rows: $0.0, result: $0.1) }, target: nil) == nil)
    }

    private func curve(_ points: [(rows: Int, wrong: Int)], of count: Int, target: Double?) -> LearningCurve? {
        LearningCurve(.exactMatch, of: points.map { ($0.rows, arm($0.wrong, of: count)) }, target: target)
    }

    private func arm(_ wrong: Int, of count: Int) -> ArmResult {
        let items = (0..<count).map {
            ItemResult(line: $0 + 1, prompt: "q\($0)", expected: "yes", output: $0 < wrong ? "no" : "yes")
        }
        return ArmResult(
            arm: Arm(name: "probe", kind: .probe, model: "m"), items: items,
            scoring: ItemScoring(metrics: [.exactMatch], expected: ["yes"]))
    }
}
