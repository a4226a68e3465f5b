package import FileStore
package import JSONText

/// `trail.jsonl` of a run: what people said and what gates answered, in order.
///
/// Every line holds the fingerprint of the line before it, so a line that is changed, moved or left out later breaks
/// the chain. Only the parent process writes it.
package struct RunTrail {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case answers, decision, exception, gate, signature
    }

    private let log: LineLog
    private let time: String
    private var last: String

    /// Opens the trail at this path, or begins one. `time` is ISO 8601 and stands in every line added.
    package init(path: String, time: String, store: FileStore = FileStore()) throws {
        let lines = store.isFile(path) ? try store.readText(path).split(separator: "\n") : []
        last = lines.last.map { Fingerprint(of: String($0)).hex } ?? ""
        log = try LineLog(path: path, store: store)
        self.time = time
    }

    package mutating func add(_ kind: Kind, _ facts: JSONObject) throws(FileStoreError) {
        var line: JSONObject = ["time": .string(time), "kind": .string(kind.rawValue)]
        for member in facts { line[member.key] = member.value }
        line["previous"] = .string(last)
        let text = JSONValue.object(line).text()
        try log.append(text)
        last = Fingerprint(of: text).hex
    }

    /// The number of the first line, counted from 1, that does not follow from the one before it; nil where all do.
    package static func firstBreak(in text: String) -> Int? {
        var previous = ""
        for (number, line) in text.split(separator: "\n").enumerated() {
            guard (try? JSONValue.parse(String(line)))?["previous"]?.stringValue == previous else { return number + 1 }
            previous = Fingerprint(of: String(line)).hex
        }
        return nil
    }
}
