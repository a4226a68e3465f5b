package import Feasibility
import Plan

/// Models x methods x devices: a cell for each, coloured by whether it fits, with the GiB it needs.
package struct MemoryMatrixChart {
    private let matrix: DeviceMatrix
    private let labelWidth = 300.0
    private let rowHeight = 26.0
    private let top = 84.0

    package init(_ matrix: DeviceMatrix) { self.matrix = matrix }

    package func svg(_ theme: Theme) -> String { canvas().document(theme) }

    func canvas() -> SVGCanvas {
        let width = 820.0
        let question = matrix.question
        let settings =
            "rows of \(question.maxLength) tokens x \(question.microBatch), \(question.framework), "
            + "loss \(question.loss), checkpointing \(question.checkpointing ? "on" : "off")"
        let fitting = matrix.rows.reduce(0) { $0 + $1.cells.count { $0?.verdict == .fits } }
        var canvas = SVGCanvas(
            width: width, height: top + rowHeight * Double(matrix.rows.count) + 34,
            title: "Which training run fits on which device",
            summary:
                "\(matrix.rows.count) runs on \(matrix.devices.count) devices; \(fitting) combinations fit. \(settings)"
        )
        canvas.text("What a run needs, in GiB of one device (p50)", x: 16, y: 28, size: 15, weight: .strong)
        canvas.text(settings, x: 16, y: 48, size: 12, colour: .muted)
        let cell = (width - labelWidth - 16) / Double(max(1, matrix.devices.count))
        for (index, device) in matrix.devices.enumerated() {
            let middle = labelWidth + cell * (Double(index) + 0.5)
            canvas.text(device.name, x: middle, y: top - 18, size: 11, anchor: .middle, weight: .strong)
            canvas.text(
                "\(device.usableGibibytes) GiB", x: middle, y: top - 5, size: 10, anchor: .middle, colour: .muted)
        }
        for (index, row) in matrix.rows.enumerated() {
            draw(row, &canvas, y: top + rowHeight * Double(index), cell: cell)
        }
        let bottom = top + rowHeight * Double(matrix.rows.count) + 22
        canvas.text(
            "✓ fits   ~ tight: try two steps first   ✗ does not fit   ? no formula", x: 16, y: bottom, size: 12,
            colour: .muted)
        return canvas
    }

    private func draw(_ row: DeviceMatrix.Row, _ canvas: inout SVGCanvas, y: Double, cell: Double) {
        let name = row.model.split(separator: "/").last.map(String.init) ?? row.model
        canvas.text("\(name)  \(row.method)", x: 16, y: y + 17, size: 12.5)
        for (index, entry) in row.cells.enumerated() {
            guard let entry else { continue }
            let x = labelWidth + cell * Double(index)
            let (colour, mark): (Colour, String) =
                switch entry.verdict {
                case .fits: (.good, "✓")
                case .tight: (.neutral, "~")
                case .doesNotFit: (.bad, "✗")
                case .unknown: (.panel, "?")
                }
            canvas.rectangle(
                x: x + 1, y: y + 1, width: cell - 2, height: rowHeight - 2, colour: colour, radius: 3, opacity: 0.22)
            let need = (entry.p50.gibibytes * 10).rounded() / 10
            canvas.text("\(mark) \(need)", x: x + cell / 2, y: y + 17, size: 12, anchor: .middle)
        }
    }
}
