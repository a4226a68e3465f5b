import JSONText
import Testing

@testable import Evaluation

@Suite("Statistics")
struct StatisticsTests {
    @Test(
        "Wilson intervals are those of the published examples",
        arguments: [
            (85, 100, 0.767164, 0.906940), (43, 50, 0.738138, 0.930492), (0, 50, 0, 0.071348),
        ])
    func wilsonGolden(successes: Int, n: Int, low: Double, high: Double) throws {
        let interval = try #require(Interval.wilson(successes: successes, of: n))
        #expect(abs(interval.low - low) < 1e-6)
        #expect(abs(interval.high - high) < 1e-6)
    }

    @Test("Wilson and Clopper-Pearson agree with scipy to 1e-9")
    func proportionsMatchScipy() throws {
        let fixture = try StatisticsFixture()
        for row in fixture.rows("wilson") {
            let interval = try #require(Interval.wilson(successes: row.int("successes"), of: row.int("n")))
            #expect(abs(interval.low - row.double("low")) < 1e-9)
            #expect(abs(interval.high - row.double("high")) < 1e-9)
        }
        for row in fixture.rows("clopper_pearson") {
            let interval = try #require(Interval.clopperPearson(successes: row.int("successes"), of: row.int("n")))
            #expect(abs(interval.low - row.double("low")) < 1e-9)
            #expect(abs(interval.high - row.double("high")) < 1e-9)
        }
    }

    @Test("no rows give no interval")
    func nothingMeasured() {
        #expect(Interval.wilson(successes: 0, of: 0) == nil)
        #expect(Interval.clopperPearson(successes: 0, of: 0) == nil)
        #expect(Bootstrap().interval(ClusterSums([])) == nil)
    }

    @Test(
        "McNemar's exact test agrees with the published examples",
        arguments: [
            (10, 2, 0.038574), (5, 0, 0.0625), (30, 12, 0.007916), (0, 0, 1),
        ])
    func mcNemarGolden(first: Int, second: Int, p: Double) {
        #expect(abs(PairedTest.mcNemar(onlyFirst: first, onlySecond: second) - p) < 1e-6)
    }

    @Test("McNemar's test and the exact permutation test agree with scipy to 1e-9")
    func pairedTestsMatchScipy() throws {
        let fixture = try StatisticsFixture()
        for row in fixture.rows("mcnemar") {
            let p = PairedTest.mcNemar(onlyFirst: row.int("first"), onlySecond: row.int("second"))
            #expect(abs(p - row.double("p")) < 1e-9)
        }
        for row in fixture.rows("permutation") {
            let p = PairedTest.permutation(differences: row.doubles("differences"), seed: 1)
            #expect(abs(p - row.double("p")) < 1e-9)
        }
    }

    @Test("the random permutation test comes close to the exact binomial one")
    func randomPermutations() {
        let differences = [Double](repeating: 1, count: 30) + [Double](repeating: -1, count: 12)
        let p = PairedTest.permutation(differences: differences, seed: 3)
        #expect(abs(p - PairedTest.mcNemar(onlyFirst: 30, onlySecond: 12)) < 0.004)
    }

    @Test("bootstrap intervals of a mean lie where scipy's lie")
    func bootstrapMatchesScipy() throws {
        for row in try StatisticsFixture().rows("bootstrap") {
            let sums = ClusterSums(row.doubles("values").map { (nil, $0, 1) })
            let interval = try #require(Bootstrap().interval(sums))
            #expect(abs(interval.low - row.double("low")) < 0.01)
            #expect(abs(interval.high - row.double("high")) < 0.01)
        }
    }

    @Test("equal items give equal intervals")
    func bootstrapIsReproducible() {
        let sums = ClusterSums((0..<40).map { (nil, Double($0 % 7), 1) })
        #expect(Bootstrap().interval(sums) == Bootstrap().interval(sums))
    }

    @Test("rows of one group count as one draw, so the interval is wider")
    func groupsWidenIntervals() throws {
        let scores = (0..<200).map { ($0 / 10, $0 / 10 % 3 == 0 ? 0.0 : 1.0) }
        let alone = ClusterSums(scores.map { (nil, $0.1, 1) })
        let grouped = ClusterSums(scores.map { (String($0.0), $0.1, 1) })
        let narrow = try #require(Bootstrap().interval(alone)), wide = try #require(Bootstrap().interval(grouped))
        #expect(grouped.count == 20)
        #expect((wide.high - wide.low) > 2.5 * (narrow.high - narrow.low))
        let successes = scores.count { $0.1 == 1 }
        let few = try #require(Interval.wilson(successes: successes, of: 200, clusterSums: grouped))
        let many = try #require(Interval.wilson(successes: successes, of: 200))
        #expect((few.high - few.low) > 2.5 * (many.high - many.low))
    }

    @Test("twenty groups that are right throughout say as much as twenty rows")
    func agreementOfGroups() throws {
        let grouped = ClusterSums((0..<200).map { (String($0 / 10), 1.0, 1) })
        let interval = try #require(Interval.wilson(successes: 200, of: 200, clusterSums: grouped))
        let twenty = try #require(Interval.wilson(successes: 20, of: 20))
        #expect(abs(interval.low - twenty.low) < 1e-12)
        #expect(interval.high == 1)
    }

    @Test(
        "the smallest detectable difference is that of the published table",
        arguments: [
            (50, 0.1, 10), (50, 0.2, 17), (50, 0.3, 21), (100, 0.1, 9), (100, 0.2, 12), (100, 0.3, 15),
            (200, 0.1, 6), (200, 0.2, 9), (200, 0.3, 11), (500, 0.1, 4), (500, 0.2, 6), (500, 0.3, 7),
            (1000, 0.1, 3), (1000, 0.2, 4), (1000, 0.3, 5),
        ])
    func detectable(rows: Int, share: Double, points: Double) throws {
        let effect = try #require(DetectableEffect.paired(rows: rows, discordantShare: share))
        #expect((effect * 100).rounded() == points)
    }
}

/// `Tests/Oracles/statistics/statistics.json`, made by the script beside it.
struct StatisticsFixture {
    let root: JSONValue

    init(file: String = #filePath) throws {
        root = try OracleFile.json("statistics/statistics.json", from: file)
    }

    func rows(_ key: String) -> [FixtureRow] { (root[key]?.arrayValue ?? []).map(FixtureRow.init) }
}

/// A row whose missing numbers are NaN, so that a comparison with them fails.
struct FixtureRow {
    let value: JSONValue

    func int(_ key: String) -> Int { value[key]?.intValue ?? -1 }
    func double(_ key: String) -> Double { value[key]?.doubleValue ?? .nan }
    func text(_ key: String) -> String { value[key]?.stringValue ?? "missing" }
    func doubles(_ key: String) -> [Double] { value[key]?.arrayValue?.compactMap(\.doubleValue) ?? [] }
    func ints(_ key: String) -> [Int] { value[key]?.arrayValue?.compactMap(\.intValue) ?? [] }
}
