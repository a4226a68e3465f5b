import Feasibility
import JSONText
import Testing

@Suite("Published measurements")
struct MeasurementTests {
    private let report: MeasurementReport

    init() throws { report = MeasurementReport(try Checkout.measurements(), try Checkout.tables()) }

    private func held(_ metrics: Set<MeasuredRun.Metric>) -> ErrorFigures? {
        MeasurementReport.figures(report.exact.filter { metrics.contains($0.run.metric) && !$0.wasFitted })
    }

    @Test("allocated memory is predicted within 3 % in half of the rows nobody fitted to, and within 5 % on average")
    func allocated() throws {
        let figures = try #require(held([.allocated]))
        #expect(figures.count >= 18)
        #expect(figures.median <= 0.03 && figures.mean <= 0.05)
    }

    @Test("process memory is predicted within 6 % in half of the rows, 8 % on average, 15 % in nineteen of twenty")
    func process() throws {
        let all = try #require(MeasurementReport.figures(report.exact.filter { $0.run.metric != .allocated }))
        #expect(all.median <= 0.06 && all.mean <= 0.08 && all.highest95 <= 0.15)
        let figures = try #require(held([.reserved, .process]))
        #expect(figures.median <= 0.06 && figures.mean <= 0.08 && figures.highest95 <= 0.15)
    }

    @Test("no run that ran out of memory is said to fit")
    func boundaries() {
        #expect(report.rows.contains { $0.run.ranOutOfMemory && $0.verdict != nil })
        #expect(report.wronglyFitting.map(\.run.id) == [])
    }

    @Test("at least four fifths of the exact rows of each source have a prediction")
    func coverage() {
        for source in report.coverage where source.all >= 5 {
            #expect(Double(source.supported) >= 0.8 * Double(source.all), "\(source.source)")
        }
    }

    @Test("hone is nearer than every simpler way on the same rows")
    func baselines() throws {
        for baseline in [try MemoryBaseline.sizeTable(try Checkout.book()), .bytesAndAFifth] {
            let rows = report.exact.filter { baseline.gibibytes($0) != nil }
            let ours = try #require(MeasurementReport.figures(rows)),
                theirs = try #require(MeasurementReport.figures(rows, baseline))
            #expect(ours.mean * 4 < theirs.mean)
        }
    }

    @Test("a sum over devices is compared per device, and GB stay GB only in the source")
    func scopes() throws {
        let sum = try #require(report.rows.first { $0.run.id == "m292" })
        #expect(abs(try #require(sum.run.measuredGibibytes) - 74.7 / 4) < 1e-9)
    }

    @Test("a row without its row length is unsupported, with the reason")
    func unsupported() throws {
        let row = MeasuredRun(cells: ["id": "x", "model": "Qwen/Qwen3-8B", "method": "LoRA"], line: 2)
        let prediction = MeasuredPrediction(row, try Checkout.tables())
        #expect(prediction.unsupported == .notStated("seq_len"))
        #expect(prediction.json["unsupported"]?.stringValue == "seq_len is not stated")
    }
}
