/// Why there is no dataset at all. Trouble with single rows is a `DroppedRow`.
package enum DatasetError: Error, Sendable, Hashable {
    case unreadable(path: String, errno: Int32)
    /// What comes through a pipe is kept on disk, and there it cannot be written.
    case noRoomToSpool(folder: String, errno: Int32)
    /// Nothing but space in any of the files.
    case empty(paths: [String])
    case noDataFiles(folder: String, looked: [String])
    case unsupportedFormat(path: String, Unsupported)
    /// The bytes begin like no format hone reads.
    case unknownFormat(path: String, beginning: String)
    /// Every row was dropped. The reasons are counted, most frequent first; the place is the first row's.
    case noUsableRows(read: Int, reasons: [Reason])
    /// The program that unpacks this kind of file is not installed.
    case noDecompressor(path: String, program: String)
    case decompressionFailed(path: String, program: String, status: Int32)
    case badHeader(path: String, columns: [String])

    package enum Unsupported: String, Sendable, Hashable {
        case parquet, arrow, utf16, utf32, excel, pickle
    }

    package struct Reason: Sendable, Hashable {
        package var problem: RowProblem
        package var count: Int
        package var firstPath: String
        package var firstPlace: RowPlace

        package init(problem: RowProblem, count: Int, firstPath: String, firstPlace: RowPlace) {
            self.problem = problem
            self.count = count
            self.firstPath = firstPath
            self.firstPlace = firstPlace
        }
    }
}
