package import JSONText

/// Predictions for a file of measurements, and how far off they are.
package struct MeasurementReport: Sendable {
    package let rows: [MeasuredPrediction]

    package init(_ runs: [MeasuredRun], _ tables: MemoryTables) {
        rows = runs.map { MeasuredPrediction($0, tables) }
    }

    /// Rows worth measuring an error on: measured with known settings, finished, on one device.
    package var exact: [MeasuredPrediction] {
        rows.filter { $0.run.trust == "A" && $0.relativeError != nil && $0.run.isSingleDevice }
    }

    /// Figures over `rows` that pass, nil without any.
    package static func figures(_ rows: [MeasuredPrediction]) -> ErrorFigures? {
        ErrorFigures(rows.compactMap(\.relativeError))
    }

    package static func figures(_ rows: [MeasuredPrediction], _ baseline: MemoryBaseline) -> ErrorFigures? {
        ErrorFigures(
            rows.compactMap { row in
                guard let measured = row.run.measuredGibibytes, let guess = baseline.gibibytes(row) else { return nil }
                return guess / measured - 1
            })
    }

    /// Groups in the order of their first row.
    package static func groups(_ rows: [MeasuredPrediction], by key: (MeasuredPrediction) -> String) -> [(
        name: String, rows: [MeasuredPrediction]
    )] {
        var order: [String] = []
        var groups: [String: [MeasuredPrediction]] = [:]
        for row in rows {
            let name = key(row)
            if groups[name] == nil { order.append(name) }
            groups[name, default: []].append(row)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }

    /// Share of the rows with trust A on one device, of each source, that hone predicts.
    package var coverage: [(source: String, supported: Int, all: Int)] {
        let wanted = rows.filter { $0.run.trust == "A" && $0.run.isSingleDevice }
        return MeasurementReport.groups(wanted) { $0.run.source }
            .map { ($0.name, $0.rows.count { $0.verdict != nil }, $0.rows.count) }
    }

    /// Runs that died where hone says they fit: must be none.
    package var wronglyFitting: [MeasuredPrediction] {
        rows.filter { $0.run.ranOutOfMemory && $0.verdict?.verdict == .fits }
    }

    package var summary: JSONValue {
        func figures(_ rows: [MeasuredPrediction]) -> JSONValue { MeasurementReport.figures(rows)?.json ?? .null }
        func metric(_ metrics: Set<MeasuredRun.Metric>, fitted: Bool?) -> JSONValue {
            figures(exact.filter { metrics.contains($0.run.metric) && (fitted == nil || $0.wasFitted == fitted) })
        }
        return [
            "summary": [
                "rows": JSONValue(rows.count), "supported": JSONValue(rows.count { $0.verdict != nil }),
                "unsupported": JSONValue(rows.count { $0.verdict == nil }),
                "allocated": metric([.allocated], fitted: nil),
                "allocated_held_out": metric([.allocated], fitted: false),
                "process": metric([.reserved, .process], fitted: nil),
                "process_held_out": metric([.reserved, .process], fitted: false),
                "out_of_memory": JSONValue(rows.count { $0.run.ranOutOfMemory }),
                "out_of_memory_called_fits": JSONValue(wronglyFitting.count),
            ]
        ]
    }
}
