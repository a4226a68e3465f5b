import Datasets

/// The pictures of an audit: where the rows went, how labels are balanced, how often examples are repeated.
struct AuditCharts {
    private(set) var rows: ReportCharts.Picture?
    private(set) var labels: ReportCharts.Picture?
    private(set) var copies: ReportCharts.Picture?
    private(set) var lengths: ReportCharts.Picture?
    private(set) var files: [Report.File] = []

    /// Labels shown at each end of the balance.
    private static let labelsPerEnd = 8

    init(_ profile: DatasetProfile) {
        rows = written(Self.rowChart(profile), as: "audit-rows")
        labels = profile.labels.flatMap { written(Self.labelChart($0), as: "audit-labels") }
        copies = written(Self.copyChart(profile), as: "audit-copies")
        lengths = written(Self.lengthChart(profile), as: "audit-lengths")
    }

    private mutating func written(_ chart: RowFlowChart?, as name: String) -> ReportCharts.Picture? {
        guard let canvas = chart?.canvas() else { return nil }
        files.append(Report.File(name: "\(name).svg", text: canvas.document(.light)))
        files.append(Report.File(name: "\(name)-dark.svg", text: canvas.document(.dark)))
        return ReportCharts.Picture(canvas, light: "\(name).svg", dark: "\(name)-dark.svg")
    }

    private static func rowChart(_ profile: DatasetProfile) -> RowFlowChart {
        let copies = profile.kept - profile.multiplicities.values.reduce(0, +)
        let contradicting = max(0, profile.kept - copies - profile.effectiveExamples)
        var bars = [RowFlowChart.Bar(name: "rows read", count: profile.read, colour: .muted, offset: 0)]
        func lose(_ name: String, _ count: Int, of left: Int) {
            if count > 0 { bars.append(RowFlowChart.Bar(name: name, count: count, colour: .bad, offset: left - count)) }
        }
        lose("cannot be used", profile.dropped, of: profile.read)
        lose("repeat another row", copies, of: profile.kept)
        lose("contradict another row", contradicting, of: profile.kept - copies)
        bars.append(
            RowFlowChart.Bar(name: "effective examples", count: profile.effectiveExamples, colour: .after, offset: 0))
        return RowFlowChart(
            title: "From rows to effective examples",
            summary: bars.map { "\($0.name) \(Figure.count($0.count))" }.joined(separator: ", ") + ".",
            bars: bars)
    }

    private static func labelChart(_ inventory: LabelInventory) -> RowFlowChart? {
        let all = inventory.labels
        guard all.count > 1 else { return nil }
        let shown = all.count <= 2 * labelsPerEnd ? all : Array(all.prefix(labelsPerEnd) + all.suffix(labelsPerEnd))
        let bars = shown.map { label in
            RowFlowChart.Bar(
                name: MarkdownText.shortened(label.text, to: 28), count: label.count, colour: .after, offset: 0)
        }
        let title =
            shown.count == all.count
            ? "Rows of each label"
            : "The \(labelsPerEnd) most frequent and the \(labelsPerEnd) rarest of \(all.count) labels"
        return RowFlowChart(
            title: title,
            summary: "\(title): from \(Figure.count(all[0].count)) to \(Figure.count(all[all.count - 1].count)) rows.",
            bars: bars)
    }

    /// Rows by length, in tokens where a model was given; rows behind the maximum length stand out.
    private static func lengthChart(_ profile: DatasetProfile) -> RowFlowChart? {
        let unit = profile.histogram == nil ? "bytes" : "tokens"
        let histogram = profile.histogram ?? profile.characters.histogram
        guard histogram.bins.count > 1 else { return nil }
        let bars = histogram.bins.map { bin in
            let isCut = histogram.limit.map { bin.from > $0 } ?? false
            let name =
                bin.to.map { "\(Figure.count(bin.from)) to \(Figure.count($0 - 1))" }
                ?? "\(Figure.count(bin.from)) and more"
            return RowFlowChart.Bar(name: name, count: bin.rows, colour: isCut ? .bad : .after, offset: 0)
        }
        let limit = histogram.limit.map { ", cut behind \(Figure.count($0))" } ?? ""
        let title = "Rows by their length in \(unit)\(limit)"
        return RowFlowChart(
            title: title,
            summary: "\(title): "
                + bars.map { "\($0.name) \(unit) \(Figure.count($0.count)) rows" }.joined(separator: ", ") + ".",
            bars: bars)
    }

    /// Nil where nothing is repeated: a picture of one bar says less than the sentence above it.
    private static func copyChart(_ profile: DatasetProfile) -> RowFlowChart? {
        let repeated = profile.multiplicities.filter { $0.key > 1 }.sorted { $0.key < $1.key }
        guard !repeated.isEmpty else { return nil }
        let bars = repeated.prefix(12).map { times, examples in
            RowFlowChart.Bar(name: "written \(times) times", count: examples, colour: .after, offset: 0)
        }
        return RowFlowChart(
            title: "Examples that are written more than once",
            summary: bars.map { "\($0.name): \(Figure.count($0.count)) examples" }.joined(separator: ", ") + ".",
            bars: bars)
    }
}
