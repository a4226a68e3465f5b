package import FileStore
import JSONText
package import Plan

/// A split as files: one per part, rows marked real once more in a file of their own, and a manifest that lets anyone check
/// that nothing was moved later.
package struct SplitFiles: Sendable {
    /// Name and content, the manifest last.
    package private(set) var files: [(name: String, bytes: [UInt8])] = []
    static let manifestName = "manifest.json"
    static let realTestName = "test-real.jsonl"
    package private(set) var counts: [Split.Part: Int] = [:]

    package init(_ dataset: Dataset, _ split: Split, settings: SplitSettings) {
        var entries: [JSONValue] = []
        func add(_ name: String, _ indices: [Int]) -> (name: String, bytes: [UInt8]) {
            let bytes = indices.flatMap { dataset.examples[$0].jsonLine }
            entries.append([
                "file": .string(name), "rows": JSONValue(indices.count), "sha256": .string(Fingerprint(of: bytes).hex),
            ])
            return (name, bytes)
        }
        for part in Split.Part.allCases {
            counts[part] = split[part].count
            guard !split[part].isEmpty else { continue }
            files.append(add("\(part.rawValue).jsonl", split[part]))
        }
        let real = split.test.filter { dataset.examples[$0].isReal }
        if !real.isEmpty, real.count < split.test.count { files.append(add(Self.realTestName, real)) }
        let manifest: JSONValue = [
            "seed": JSONValue(settings.seed), "validation_share": JSONValue(settings.validation),
            "test_share": JSONValue(settings.test),
            "drawn_by": .string(split.origin.rawValue),
            "kept_together": ["equal group", "equal request", "nearly equal request and answer"],
            "sources": .array(dataset.files.map { .string($0.path) }),
            "files": .array(entries),
        ]
        files.append((Self.manifestName, manifest.utf8(.pretty) + [0x0A]))
    }

    /// Writes into `folder`, which is created when missing.
    package func write(to folder: String, _ store: FileStore) throws(FileStoreError) {
        try store.createFolder(folder)
        for file in files { try store.write(file.bytes, to: folder + "/" + file.name) }
    }
}

extension DatasetAudit {
    /// Sets of rows that say nearly the same, which must not be divided between parts.
    package func nearlyEqual(_ dataset: Dataset) -> [[Int]] {
        let examples = dataset.rows
        let labels = LabelInventory(examples, limits: rules.labelLimits)
        let repetition = Repetition(examples, rules: rules, isClassification: labels != nil, threads: threads)
        let near = NearRepetition(examples, repetition, parts: [], rules: rules, threads: threads)
        return near.repeats.map { [$0.first, $0.row] }
    }
}
