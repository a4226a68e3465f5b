package import Feasibility
import Plan

/// How the memory of a run grows with one of its numbers.
package struct MemorySweepChart {
    private let sweep: DeviceSweep
    /// A line to stay below, where a device is named.
    private let usable: (name: String, gibibytes: Double)?
    private let left = 64.0
    private let right = 800.0
    private let top = 64.0
    private let bottom = 340.0

    package init(_ sweep: DeviceSweep, usable: (name: String, gibibytes: Double)? = nil) {
        self.sweep = sweep
        self.usable = usable
    }

    package func svg(_ theme: Theme) -> String { canvas().document(theme) }

    func canvas() -> SVGCanvas {
        let first = sweep.points.first, last = sweep.points.last
        let low = Double(first?.value ?? 0), high = Double(last?.value ?? 1)
        let ceiling = max(sweep.points.map(\.p95.gibibytes).max() ?? 1, usable?.gibibytes ?? 0) * 1.05
        func x(_ value: Double) -> Double { left + (value - low) / max(1, high - low) * (right - left) }
        func y(_ gibibytes: Double) -> Double { bottom - gibibytes / ceiling * (bottom - top) }
        let axis = sweep.axis.rawValue
        let name = sweep.question.model.split(separator: "/").last.map(String.init) ?? sweep.question.model
        var canvas = SVGCanvas(
            height: 400, title: "Memory of \(name), \(sweep.question.method), by \(axis)",
            summary:
                "From \(rounded(first?.p50.gibibytes)) GiB at \(axis) \(Int(low)) "
                + "to \(rounded(last?.p50.gibibytes)) GiB at \(Int(high))"
        )
        canvas.text(
            "\(name), \(sweep.question.method): peak memory by \(axis)", x: 16, y: 28, size: 15, weight: .strong)
        canvas.text(
            "line: process, best guess (p50) · thin: exceeded in one run of twenty (p95) and allocated", x: 16, y: 47,
            size: 12, colour: .muted)
        for share in [0.0, 0.25, 0.5, 0.75, 1] {
            let value = ceiling * share
            canvas.line(left, y(value), right, y(value))
            canvas.text("\(rounded(value))", x: left - 8, y: y(value) + 4, size: 11, anchor: .end, colour: .muted)
            let number = low + (high - low) * share
            canvas.text("\(Int(number))", x: x(number), y: bottom + 20, size: 11, anchor: .middle, colour: .muted)
        }
        canvas.text("GiB", x: 16, y: top - 4, size: 11, colour: .muted)
        canvas.text(axis, x: right, y: bottom + 42, size: 12, anchor: .end, colour: .muted)
        if let usable {
            canvas.line(left, y(usable.gibibytes), right, y(usable.gibibytes), colour: .bad, width: 1.5, isDashed: true)
            canvas.text(
                "usable on \(usable.name)", x: right, y: y(usable.gibibytes) - 6, size: 12, anchor: .end, colour: .bad)
        }
        func points(_ figure: (DeviceSweep.Point) -> Double) -> [(x: Double, y: Double)] {
            sweep.points.map { (x(Double($0.value)), y(figure($0))) }
        }
        canvas.polyline(points { $0.allocated.gibibytes }, colour: .before, width: 1)
        canvas.polyline(points { $0.p95.gibibytes }, colour: .after, width: 1, opacity: 0.6)
        canvas.polyline(points { $0.p50.gibibytes }, colour: .after, width: 2.5)
        return canvas
    }

    private func rounded(_ value: Double?) -> Double { ((value ?? 0) * 10).rounded() / 10 }
}
