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
    /// Only an audit can do with rows that are not in memory.
    package var memory = MemoryLimit.unlimited

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
        return try usable(try read(files), paths: paths)
    }

    /// Reads bytes that are already in memory; `name` stands where a path would.
    package func read(bytes: [UInt8], name: String) throws(DatasetError) -> Dataset {
        try usable(try read([(name, FileBytes(bytes: bytes))]), paths: [name])
    }

    private func read(_ files: [(path: String, bytes: FileBytes)]) throws(DatasetError) -> Dataset {
        var parsers: [RowParser] = []
        for (index, file) in files.enumerated() {
            let found = try find(in: file.bytes, path: file.path)
            file.bytes.release(0..<file.bytes.count)
            let converter = RowConverter(
                format: RowShape(format), fields: fields, part: Split.Part(path: file.path))
            parsers.append(RowParser(index: index, file: file.bytes, found: found, converter: converter))
        }
        let need = AuditMemory(
            bytes: parsers.reduce(0) { $0 + $1.file.count }, rows: parsers.reduce(0) { $0 + $1.found.rows.count })
        let room = need.room(within: memory)
        var dataset = Dataset(files: [], examples: [], dropped: [])
        var stored: [RowParser] = []
        for var parser in parsers {
            if case .share(let share) = room { parser.keep(share: share) }
            dataset.files.append(
                SourceFile(
                    path: files[parser.index].path, container: parser.found.container, byteCount: parser.file.count,
                    notes: parser.file.notes + parser.found.notes, part: Split.Part(path: files[parser.index].path)))
            if room == .everything {
                let read = parser.examples(threads: threads)
                // Without a copy where there is only one file.
                if dataset.examples.isEmpty { dataset.examples = read.kept } else { dataset.examples += read.kept }
                dataset.dropped += read.dropped
            } else {
                dataset.dropped += parser.dropUnreadable(threads: threads)
                stored.append(parser)
            }
        }
        if room != .everything { dataset.keepOnDisk(stored) }
        return dataset
    }

    private func usable(_ dataset: Dataset, paths: [String]) throws(DatasetError) -> Dataset {
        guard dataset.kept == 0 else { return dataset }
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

extension DatasetReader {
    private func find(in file: FileBytes, path: String) throws(DatasetError) -> FoundRows {
        let name = path.lowercased()
        let isTable = format == .csv || [".csv", ".tsv"].contains { name.contains($0) }
        var released = 0
        func passed(_ end: Int) {
            guard end - released >= StoredRows.mostBytesMapped else { return }
            file.release(released..<end)
            released = end
        }
        let found = file.withBytes { bytes in
            isTable
                ? FoundRows(
                    tableIn: bytes, from: file.start, delimiter: name.contains(".tsv") ? 0x09 : nil, passed: passed)
                : FoundRows(jsonIn: bytes, from: file.start, passed: passed)
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
