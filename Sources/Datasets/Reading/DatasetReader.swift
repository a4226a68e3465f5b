import Glibc
import JSONText
package import Plan

/// Reads data files of any common spelling into one form.
///
/// One bad row never ends the run: it becomes a `DroppedRow` with its place and reason. The result does not depend on the
/// number of threads.
package struct DatasetReader: Sendable {
    package var format: DataFormat
    package var fields: RowFields
    package var threads: Int
    /// Beyond this much memory only a share of the rows is read, drawn by their bytes, and the others are counted.
    package var memory: ByteCount?

    /// What an audit needs: the program itself, and for each byte and each row of the data. Measured on rows of 230 and of
    /// 770 bytes.
    private static let memoryOfProgram = 40e6
    private static let memoryPerByte = 2.0
    private static let memoryPerRow = 600.0

    /// - Parameter groupField: The member whose equal values keep rows together when splits are drawn.
    package init(
        format: DataFormat = .auto, groupField: String? = nil, fields: RowFields = RowFields(), threads: Int = 1
    ) {
        self.format = format
        self.fields = fields
        if let groupField { self.fields.map(.group, to: groupField) }
        self.threads = threads
    }

    /// Reads files, folders (their data files in order of name) and `-` for standard input.
    package func read(paths: [String]) throws(DatasetError) -> Dataset {
        var files: [(path: String, bytes: FileBytes)] = []
        for path in try DataFolder.files(of: paths) { files.append((path, try FileBytes(path: path))) }
        let all = files.reduce(0) { $0 + $1.bytes.count }
        var dataset = Dataset(files: [], examples: [], dropped: [])
        for file in files {
            append(
                try rows(
                    of: file.bytes, path: file.path, index: dataset.files.count,
                    partOfMemory: Double(file.bytes.count) / Double(max(1, all))), to: &dataset)
        }
        return try usable(dataset, paths: paths)
    }

    /// Reads bytes that are already in memory; `name` stands where a path would.
    package func read(bytes: [UInt8], name: String) throws(DatasetError) -> Dataset {
        var dataset = Dataset(files: [], examples: [], dropped: [])
        append(try rows(of: FileBytes(bytes: bytes), path: name, index: 0, partOfMemory: 1), to: &dataset)
        return try usable(dataset, paths: [name])
    }

    /// The share of the rows that an audit within the limit has room for.
    private func share(of bytes: Int, rows: Int, partOfMemory: Double) -> Double {
        guard let memory else { return 1 }
        let room = max(0, Double(memory.bytes) - Self.memoryOfProgram) * partOfMemory
        return min(1, room / (Self.memoryPerByte * Double(bytes) + Self.memoryPerRow * Double(rows)))
    }

    private func append(_ part: FileRows, to dataset: inout Dataset) {
        dataset.files.append(part.file)
        // Without a copy where there is only one file.
        if dataset.examples.isEmpty { dataset.examples = part.examples } else { dataset.examples += part.examples }
        dataset.dropped += part.dropped
    }

    private func usable(_ dataset: Dataset, paths: [String]) throws(DatasetError) -> Dataset {
        guard dataset.examples.isEmpty else { return dataset }
        guard !dataset.dropped.isEmpty else { throw .empty(paths: paths) }
        throw .noUsableRows(read: dataset.read, reasons: dataset.dropReasons)
    }
}

extension Dataset {
    /// Why rows were dropped, most frequent reason first, each with its first row.
    package var dropReasons: [DatasetError.Reason] {
        var order: [String] = []
        var reasons: [String: DatasetError.Reason] = [:]
        for row in dropped {
            if reasons[row.problem.id] == nil {
                order.append(row.problem.id)
                reasons[row.problem.id] = DatasetError.Reason(
                    problem: row.problem, count: 0, firstPath: files[row.place.file].path, firstPlace: row.place)
            }
            reasons[row.problem.id]?.count += 1
        }
        let found = order.compactMap { reasons[$0] }
        return found.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(
            \.element)
    }
}

/// What one file holds.
struct FileRows {
    var file: SourceFile
    var examples: [Example]
    var dropped: [DroppedRow]
}

extension DatasetReader {
    func rows(
        of file: FileBytes, path: String, index: Int, partOfMemory: Double
    ) throws(DatasetError) -> FileRows {
        let part = Split.Part(path: path)
        var found = try find(in: file, path: path)
        let share = share(of: file.count, rows: found.rows.count, partOfMemory: partOfMemory)
        if share < 1 { file.withBytes { found.keep(share: share, of: $0) } }
        file.release(0..<file.count)
        let converter = RowConverter(format: RowShape(format), fields: fields, part: part)
        var result = FileRows(
            file: SourceFile(
                path: path, container: found.container, byteCount: file.count, notes: file.notes + found.notes,
                part: part),
            examples: [], dropped: [])
        result.examples.reserveCapacity(found.rows.count)
        // A few pieces at a time: all of them beside their sum would need the memory twice.
        let rows = found
        let pieces = ranges(of: rows.rows.count, size: 2048)
        for wave in ranges(of: pieces.count, size: 4 * max(1, threads)) {
            let parsed = inParallel(pieces: wave.count, threads: threads) { place in
                parse(pieces[wave.lowerBound + place], of: rows, in: file, index: index, converter)
            }
            for (examples, dropped) in parsed {
                result.examples += examples
                result.dropped += dropped
            }
        }
        return result
    }

    private func parse(
        _ places: Range<Int>, of rows: FoundRows, in file: FileBytes, index: Int, _ converter: RowConverter
    ) -> ([Example], [DroppedRow]) {
        defer { file.release(rows.rows[places.lowerBound].start..<rows.rows[places.upperBound - 1].end) }
        return file.withBytes { bytes in
            var converter = converter
            var examples: [Example] = []
            var dropped: [DroppedRow] = []
            for number in places {
                let row = rows.rows[number]
                let place = RowPlace(file: index, line: row.line, byteOffset: row.start)
                do throws(RowProblem) {
                    let value = try rows.value(at: number, in: bytes)
                    var example = try converter.example(from: value, at: place)
                    if row.end > row.start {
                        example.rowHash = TextKey.hash(UnsafeBufferPointer(rebasing: bytes[row.start..<row.end]))
                    }
                    examples.append(example)
                } catch {
                    dropped.append(DroppedRow(place: place, problem: error))
                }
            }
            return (examples, dropped)
        }
    }

    private func find(in file: FileBytes, path: String) throws(DatasetError) -> FoundRows {
        let name = path.lowercased()
        let isTable = format == .csv || [".csv", ".tsv"].contains { name.contains($0) }
        let found = file.withBytes { bytes in
            isTable
                ? FoundRows(tableIn: bytes, from: file.start, delimiter: name.contains(".tsv") ? 0x09 : nil)
                : FoundRows(jsonIn: bytes, from: file.start)
        }
        guard let found else {
            let beginning = file.withBytes { bytes in
                String(decoding: bytes[file.start...].prefix(60).prefix { $0 != 0x0A }, as: UTF8.self)
            }
            throw .unknownFormat(path: path, beginning: beginning)
        }
        return found
    }
}

extension RowShape {
    /// The shape a plan demands; nil where every row is looked at.
    fileprivate init?(_ format: DataFormat) {
        switch format {
        case .auto, .csv, .conversations: return nil
        case .messages: self = .messages
        case .alpaca: self = .alpaca
        case .promptCompletion: self = .promptCompletion
        case .text: self = .text
        }
    }
}

extension Split.Part {
    /// What a file's name says: `train.jsonl`, `clinc150.validation.jsonl`, `my-test.csv`.
    init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        let words = name.split { !$0.isLetter }.map(String.init)
        for word in words { if let part = Split.Part(name: word) { self = part; return } }
        return nil
    }
}
