import Datasets
import Feasibility
import FileStore
import JSONText
import RuleEngine

/// `hone check --measurements FILE`: what hone says about published measurements.
struct MeasurementsCheck {
    let path: String
    let book: RuleBook

    func run(json: Bool) throws {
        let tables = try MemoryTables(book)
        let report = MeasurementReport(try MeasurementsCheck.runs(path), tables)
        guard !json else {
            for row in report.rows { Terminal.data(row.json.text()) }
            Terminal.data(report.summary.text())
            return
        }
        var baselines = [try MemoryBaseline.sizeTable(book), .bytesAndAFifth]
        // Recorded beside the measurements, since it is a Python program.
        let recorded = String(path.reversed().drop { $0 != "/" }.reversed()) + "fitcheck.csv"
        if FileStore().isFile(recorded) {
            baselines.append(.recorded("fitcheck-llm 0.3.1", try MeasurementsCheck.figures(recorded)))
        }
        Terminal.data(report.table(beside: baselines))
    }

    private static func runs(_ path: String) throws -> [MeasuredRun] {
        try table(path).map { MeasuredRun(cells: $0.cells, line: $0.line) }
    }

    private static func figures(_ path: String) throws -> [String: Double] {
        var figures: [String: Double] = [:]
        for row in try table(path) {
            if let id = row.cells["id"], let value = row.cells["predicted_gib"].flatMap(Double.init) {
                figures[id] = value
            }
        }
        return figures
    }

    private static func table(_ path: String) throws -> [(line: Int, cells: [String: String])] {
        guard let table = CSVTable(try FileStore().read(path)) else { throw MeasurementFileError.empty(path) }
        if let line = table.brokenLines.first { throw MeasurementFileError.brokenRow(path: path, line: line) }
        for column in ["id"] where !table.header.contains(column) {
            throw MeasurementFileError.missingColumn(column, path: path)
        }
        return table.rows.map { row in
            (row.line, Dictionary(zip(table.header, row.cells)) { first, _ in first })
        }
    }
}

/// Why a file of measurements cannot be used.
enum MeasurementFileError: Error {
    case empty(String)
    case brokenRow(path: String, line: Int)
    case missingColumn(String, path: String)
}

extension MeasurementFileError: Explained {
    var explanation: Explanation {
        switch self {
        case .empty(let path): Explanation("\(path) holds no rows", exitCode: .wrongUsage)
        case .brokenRow(let path, let line):
            Explanation(
                "\(path):\(line): an open quote, or another number of cells than the header", hint: "mend this row",
                exitCode: .wrongUsage)
        case .missingColumn(let column, let path):
            Explanation(
                "\(path): there is no column `\(column)`",
                hint: "the columns are those of Tests/Oracles/memory/measurements.csv", exitCode: .wrongUsage)
        }
    }
}
