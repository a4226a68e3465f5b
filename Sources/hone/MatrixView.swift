import Feasibility
import Plan

extension DeviceMatrix {
    /// For a terminal: GiB of the best guess, marked by whether it fits.
    var table: String {
        var lines = [
            "GiB of one device (p50): ✓ fits, ~ tight, ✗ does not fit, ? no formula   (estimates)", settings, "",
        ]
        lines.append(
            padded("model and method", 38) + devices.map { padded(shortName($0), 12) }.joined() + "table by size, GiB")
        lines.append(padded("usable GiB", 38) + devices.map { padded("\($0.usableGibibytes)", 12) }.joined())
        for row in rows {
            lines.append(
                padded(name(row), 38) + row.cells.map { padded(cell($0), 12) }.joined()
                    + (row.tableGibibytes.map { fixed($0, 0) } ?? "-"))
        }
        return (lines + ["", why]).joined(separator: "\n")
    }

    var markdown: String {
        var lines = ["| model and method | " + devices.map(\.name).joined(separator: " | ") + " | table by size, GiB |"]
        lines.append("|" + String(repeating: "---|", count: devices.count + 2))
        lines.append("| usable GiB | " + devices.map { "\($0.usableGibibytes)" }.joined(separator: " | ") + " | |")
        for row in rows {
            let cells = row.cells.map { cell($0) }.joined(separator: " | ")
            lines.append("| \(name(row)) | \(cells) | \(row.tableGibibytes.map { fixed($0, 0) } ?? "-") |")
        }
        return (lines + ["", settings, "", why]).joined(separator: "\n")
    }

    var csv: String {
        var lines = ["model,method,parameters_billion,device,usable_gib,p50_gib,p95_gib,verdict,table_by_size_gib"]
        for row in rows {
            for (device, cell) in zip(devices, row.cells) {
                guard let cell else { continue }
                let figures = [fixed(cell.p50.gibibytes, 2), fixed(cell.p95.gibibytes, 2), cell.verdict.rawValue]
                lines.append(
                    ([row.model, row.method, fixed(row.billions, 3), device.id, "\(device.usableGibibytes)"] + figures
                        + [row.tableGibibytes.map { "\($0)" } ?? ""]).joined(separator: ","))
            }
        }
        return lines.joined(separator: "\n")
    }

    private var settings: String {
        "rows of \(question.maxLength) tokens x \(question.microBatch), framework \(question.framework), "
            + "loss \(question.loss), checkpointing \(question.checkpointing ? "on" : "off")"
    }

    private var why: String {
        "The table by size knows neither row length nor vocabulary, loss or optimizer: its full column is 8 bytes "
            + "per parameter without activations, its QLoRA column rounds the weights up. A T4 gives 14.74 GiB, not 16 GB."
    }

    private func name(_ row: Row) -> String {
        "\(row.model.split(separator: "/").last.map(String.init) ?? row.model) \(row.method)"
    }

    private func shortName(_ device: Device) -> String { String(device.name.prefix(11)) }

    private func cell(_ cell: Cell?) -> String {
        guard let cell else { return "" }
        let mark =
            switch cell.verdict {
            case .fits: "✓"
            case .tight: "~"
            case .doesNotFit: "✗"
            case .unknown: "?"
            }
        return mark + " " + fixed(cell.p50.gibibytes, 1)
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
