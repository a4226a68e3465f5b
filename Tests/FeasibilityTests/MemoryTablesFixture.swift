import Datasets
import Feasibility
import FileStore
import Foundation
import RuleEngine

/// The rule book and the measurements of this checkout.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func book() throws -> RuleBook { try RuleBook.load(try RuleFolder(path: root + "/rules"), withCases: false) }

    static func tables() throws -> MemoryTables { try MemoryTables(book()) }

    static func measurements() throws -> [MeasuredRun] {
        let bytes = try FileStore().read(root + "/Tests/Oracles/memory/measurements.csv")
        guard let table = CSVTable(bytes) else { return [] }
        return table.rows.map { row in
            MeasuredRun(cells: Dictionary(zip(table.header, row.cells)) { first, _ in first }, line: row.line)
        }
    }
}
