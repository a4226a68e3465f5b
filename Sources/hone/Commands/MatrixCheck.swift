import Feasibility
import FileStore
import Plan
import Publishing
import RuleEngine
import YAMLText

/// `hone check --matrix` and `hone check --sweep`.
struct MatrixCheck {
    let options: DeviceOptions
    let book: RuleBook

    /// Prints the table; `--svg FILE` writes the picture, and its dark twin beside it.
    func matrix(markdown: Bool, csv: Bool, svg: String?) throws {
        let tables = try MemoryTables(book)
        var base = DeviceQuestion(model: "")
        if let model = options.model { base.model = model }
        base = try options.settings(base)
        let models = options.model.map { [$0] } ?? DeviceMatrix.models
        let devices = DeviceMatrix.deviceIDs.compactMap { tables.device($0) }
        let matrix = try DeviceMatrix(
            base, models: models, methods: ["qlora", "lora", "full"], devices: devices, tables, book)
        Terminal.data(markdown ? matrix.markdown : csv ? matrix.csv : matrix.table)
        if let svg { try MatrixCheck.write(svg) { MemoryMatrixChart(matrix).svg($0) } }
    }

    /// `max_length=512:8192`.
    func sweep(_ text: String, svg: String?) throws {
        let tables = try MemoryTables(book)
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let ends = (parts.last ?? "").split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2, ends.count == 2, let low = ends.first, let high = ends.last else {
            throw SweepError(text: text)
        }
        let names = DeviceSweep.Axis.allCases.map(\.rawValue)
        guard let axis = DeviceSweep.Axis(rawValue: parts[0]) else {
            throw DeviceQuestionError.unknownWord(
                option: "--sweep", word: parts[0], suggestion: didYouMean(parts[0], among: names), known: names)
        }
        let sweep = try DeviceSweep(
            try options.question(), architecture: try options.localArchitecture(), axis: axis, from: low, to: high,
            tables)
        Terminal.data("\(axis.rawValue)  allocated GiB  p50 GiB  p95 GiB")
        for point in sweep.points {
            Terminal.data(
                "\(point.value)  \(fixed(point.allocated.gibibytes, 2))  \(fixed(point.p50.gibibytes, 2))  "
                    + fixed(point.p95.gibibytes, 2))
        }
        let device = tables.device(options.device).map { (name: $0.name, gibibytes: $0.usableGibibytes) }
        if let svg { try MatrixCheck.write(svg) { MemorySweepChart(sweep, usable: device).svg($0) } }
    }

    private static func write(_ path: String, _ drawing: (Theme) -> String) throws {
        try FileStore().write(drawing(.light), to: path)
        let stem = path.hasSuffix(".svg") ? String(path.dropLast(4)) : path
        try FileStore().write(drawing(.dark), to: stem + "-dark.svg")
        Terminal.say("written: \(path), \(stem)-dark.svg")
    }
}

/// `--sweep` with something that is no span.
struct SweepError: Explained {
    let text: String

    var explanation: Explanation {
        Explanation("`--sweep \(text)` is no span", hint: "write --sweep max_length=512:8192", exitCode: .wrongUsage)
    }
}
