/// A small CSV file as texts: header and rows, each row with its line.
package struct CSVTable: Sendable {
    package struct Row: Sendable {
        package let line: Int
        package let cells: [String]
    }

    package let header: [String]
    /// Rows with as many cells as the header.
    package let rows: [Row]
    /// Lines of rows that are broken or have another number of cells.
    package let brokenLines: [Int]

    /// Nil when there is not even a header.
    package init?(_ bytes: [UInt8]) {
        let read = bytes.withUnsafeBufferPointer { buffer -> (header: [String], rows: [CSVRows.Row])? in
            CSVRows(buffer, from: 0, delimiter: nil).map { ($0.header.names, $0.rows()) }
        }
        guard let read else { return nil }
        header = read.header
        rows = read.rows.filter { !$0.isBroken && $0.cells.count == read.header.count }
            .map { Row(line: $0.line, cells: $0.cells) }
        brokenLines = read.rows.filter { $0.isBroken || $0.cells.count != read.header.count }.map(\.line)
    }
}
