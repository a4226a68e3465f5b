import FileStore
package import JSONText

/// `trail.jsonl`: what people and rules decided about a run, in order. Every line holds the fingerprint of the one before, so
/// that a line that was changed, moved or taken out is noticed.
package struct Trail: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case answers, decision, override, exception, check, gates, review, pilot, signature
    }

    package struct Entry: Sendable, Hashable {
        /// Counted from one.
        package let number: Int
        /// ISO 8601 in UTC.
        package let time: String
        package let kind: Kind
        package let data: JSONValue
        /// Fingerprint of the entry before; zeros for the first.
        package let previous: String
        package let hash: String

        init(number: Int, time: String, kind: Kind, data: JSONValue, previous: String) {
            self.number = number
            self.time = time
            self.kind = kind
            self.data = data
            self.previous = previous
            let body = Self.members(number, time, kind, data, previous)
            hash = Fingerprint(of: JSONValue.object(JSONObject(body)).text()).hex
        }

        private static func members(
            _ number: Int, _ time: String, _ kind: Kind, _ data: JSONValue, _ previous: String
        ) -> [(String, JSONValue)] {
            [
                ("number", JSONValue(number)), ("time", JSONValue(time)), ("kind", JSONValue(kind.rawValue)),
                ("data", data), ("previous", JSONValue(previous)),
            ]
        }

        var line: String {
            let members = Self.members(number, time, kind, data, previous) + [("hash", JSONValue(hash))]
            return JSONValue.object(JSONObject(members)).text()
        }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    /// Reads a trail and checks its chain.
    package init(_ text: String) throws(TrailError) {
        for (index, line) in text.split(separator: "\n").enumerated() {
            guard let json = try? JSONValue.parse(String(line)), let number = json["number"]?.intValue,
                let time = json["time"]?.stringValue, let kind = json["kind"]?.stringValue.flatMap(Kind.init),
                let data = json["data"], let previous = json["previous"]?.stringValue,
                let hash = json["hash"]?.stringValue
            else { throw .notAnEntry(line: index + 1) }
            let entry = Entry(number: number, time: time, kind: kind, data: data, previous: previous)
            guard entry.hash == hash else { throw .changed(line: index + 1) }
            guard number == index + 1, previous == head else { throw .notChained(line: index + 1) }
            entries.append(entry)
        }
    }

    /// Adds an entry and returns the line to write.
    package mutating func append(_ kind: Kind, _ data: JSONValue, at time: String) -> String {
        let entry = Entry(number: entries.count + 1, time: time, kind: kind, data: data, previous: head)
        entries.append(entry)
        return entry.line
    }

    /// Fingerprint of the last entry.
    package var head: String { entries.last?.hash ?? String(repeating: "0", count: 64) }
}

/// Why a trail cannot be relied on, and from which line on.
package enum TrailError: Error, Sendable, Hashable {
    case notAnEntry(line: Int)
    /// The line says something else than when it was written.
    case changed(line: Int)
    /// A line before it was taken out, put in or moved.
    case notChained(line: Int)
}
