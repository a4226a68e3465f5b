import Feasibility

extension MeasurementReport {
    /// Errors by metric, source, method and framework, beside simpler ways to predict the same rows.
    func table(beside baselines: [MemoryBaseline]) -> String {
        var lines = [
            "Published measurements against hone's memory check",
            "(trust A, one device; errors are shares of the measured figure)",
            "",
        ]
        lines.append(heading("Figures"))
        let metrics: [(String, Set<MeasuredRun.Metric>)] = [
            ("allocated", [.allocated]), ("process and reserved", [.reserved, .process]),
        ]
        for (name, metrics) in metrics {
            let rows = exact.filter { metrics.contains($0.run.metric) }
            lines += line(name + ", all", rows) + line(name + ", fitted on", rows.filter(\.wasFitted))
            lines += line(name + ", held out", rows.filter { !$0.wasFitted })
        }
        for baseline in baselines {
            lines += [
                "",
                "On the \(exact.count { baseline.gibibytes($0) != nil }) rows where \(baseline.name) says something:",
                heading(""),
            ]
            let both = exact.filter { baseline.gibibytes($0) != nil }
            lines += line("hone", both) + figures(baseline.name, MeasurementReport.figures(both, baseline))
        }
        for (title, key) in [
            ("By source", \MeasuredPrediction.run.source), ("By method", \.run.methodName),
            ("By framework", \.run.framework),
            ("By profile", \.profileName),
        ] {
            lines += ["", heading(title)]
            for group in MeasurementReport.groups(exact, by: { $0[keyPath: key] }) {
                lines += line(shortened(group.name), group.rows)
            }
        }
        lines += ["", "Coverage of trust-A rows on one device, by source"]
        for source in coverage { lines.append("  \(source.supported) of \(source.all)  \(source.source)") }
        let reasons = MeasurementReport.groups(rows.filter { $0.verdict == nil }) { $0.unsupported?.words ?? "" }
        lines += ["", "Unsupported: \(rows.count { $0.verdict == nil }) of \(rows.count) rows"]
        lines += reasons.sorted { $0.rows.count > $1.rows.count }.map { "  \($0.rows.count)  \($0.name)" }
        let died = rows.filter { $0.run.ranOutOfMemory && $0.verdict != nil }
        lines += [
            "", "Runs that ran out of memory: \(died.count) predicted, \(wronglyFitting.count) of them called `fits`",
        ]
        return lines.joined(separator: "\n")
    }

    private func heading(_ title: String) -> String {
        column(title, 58) + ["rows", "median", "mean", "p95", "worst", "bias", "<-10%"].map { column($0, -8) }.joined()
    }

    private func line(_ name: String, _ rows: [MeasuredPrediction]) -> [String] {
        figures(name, MeasurementReport.figures(rows))
    }

    private func figures(_ name: String, _ figures: ErrorFigures?) -> [String] {
        guard let figures else { return [] }
        let shares = [figures.median, figures.mean, figures.highest95, figures.worst, figures.bias, figures.tooLow]
        return [
            column("  " + name, 58) + column("\(figures.count)", -8)
                + shares.map { column(fixed($0 * 100, 1) + " %", -8) }.joined()
        ]
    }

    private func shortened(_ text: String) -> String { text.count <= 54 ? text : "…" + text.suffix(53) }

    /// Padded on the right, or on the left where the width is negative.
    private func column(_ text: String, _ width: Int) -> String {
        let space = String(repeating: " ", count: max(1, abs(width) - text.count))
        return width < 0 ? space + text : text + space
    }
}

extension MeasuredPrediction {
    var profileName: String { profile?.id ?? "" }
}
