import JSONText
import Testing

@testable import Evaluation

@Suite("Agreement of raters")
struct RatersTests {
    private func fixture() throws -> JSONValue { try OracleFile.json("raters/raters.json", from: #filePath) }

    /// Ratings by thing from a table with one line per rater.
    private func units(_ panel: JSONValue) -> [[Double]] {
        let raters = (panel.arrayValue ?? []).map { $0.arrayValue ?? [] }
        return (raters.first ?? []).indices.map { place in raters.compactMap { $0[place].doubleValue } }
    }

    @Test("Krippendorff's alpha agrees with the package krippendorff to 1e-9, for every kind of scale")
    func alpha() throws {
        let panels = try #require(try fixture()["panels"]?.arrayValue)
        #expect(panels.count == 9)
        for row in panels {
            let units = units(try #require(row["panel"]))
            for level in KrippendorffAlpha.Level.allCases {
                let expected = try #require(row["alpha"]?[level.rawValue]?.doubleValue)
                let alpha = try #require(KrippendorffAlpha(units: units, level: level).value)
                #expect(abs(alpha - expected) < 1e-9, "\(level)")
            }
        }
    }

    @Test(
        "Krippendorff's own example has the published values",
        arguments: [
            (KrippendorffAlpha.Level.nominal, 0.743421), (.ordinal, 0.815388), (.interval, 0.849107),
            (.ratio, 0.797403),
        ])
    func classic(level: KrippendorffAlpha.Level, expected: Double) throws {
        let first = try #require(try fixture()["panels"]?[0]?["panel"])
        #expect(abs(try #require(KrippendorffAlpha(units: units(first), level: level).value) - expected) < 1e-6)
    }

    @Test("agreement is undefined without variation and without a second rater, never 0 or 1")
    func undefined() {
        #expect(KrippendorffAlpha(units: [[3, 3], [3, 3, 3]], level: .ordinal).value == nil)
        #expect(KrippendorffAlpha(units: [[1], [5], [2]], level: .ordinal).value == nil)
        #expect(KrippendorffAlpha(units: [], level: .nominal).value == nil)
        let interval = KrippendorffAlpha.interval(units: [[3, 3], [3, 3]], level: .ordinal)
        #expect(interval == nil)
        #expect(WeightedKappa.value([(2, 2), (2, 2)], weights: .linear) == nil)
        #expect(WeightedKappa.value([], weights: .quadratic, scale: [1, 2, 3, 4, 5]) == nil)
    }

    @Test("weighted kappa agrees with scikit-learn to 1e-9, over the values used and over the whole scale")
    func kappa() throws {
        for row in try #require(try fixture()["kappas"]?.arrayValue) {
            let first = (row["first"]?.arrayValue ?? []).compactMap(\.intValue)
            let pairs = Array(zip(first, (row["second"]?.arrayValue ?? []).compactMap(\.intValue)))
            for weights in WeightedKappa.Weights.allCases {
                let used = try #require(WeightedKappa.value(pairs, weights: weights))
                #expect(abs(used - (row[weights.rawValue]?.doubleValue ?? .nan)) < 1e-9, "\(weights)")
                let all = try #require(WeightedKappa.value(pairs, weights: weights, scale: [1, 2, 3, 4, 5]))
                #expect(abs(all - (row[weights.rawValue + "_of_five"]?.doubleValue ?? .nan)) < 1e-9, "\(weights)")
            }
        }
    }

    @Test("an interval of alpha holds alpha and does not change from one call to the next")
    func interval() throws {
        let panel = try #require(try fixture()["panels"]?[2]?["panel"])
        let units = units(panel)
        let alpha = try #require(KrippendorffAlpha(units: units, level: .ordinal).value)
        let ends = try #require(KrippendorffAlpha.interval(units: units, level: .ordinal))
        #expect(ends.low < alpha && alpha < ends.high)
        let again = try #require(KrippendorffAlpha.interval(units: units, level: .ordinal))
        #expect(again.low == ends.low && again.high == ends.high)
    }
}
