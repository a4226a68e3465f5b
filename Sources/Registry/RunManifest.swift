package import JSONText

/// The root of a run folder: what was decided, trained and measured, by fingerprint (`manifest.json`).
///
/// It names every other file of the run with its SHA-256, so that a reviewer can tell whether something was changed, and
/// repeats the few values a list of runs shows. Fingerprints are lower-case hexadecimal SHA-256.
package struct RunManifest: Sendable, Hashable {
    package static let currentVersion = 1

    package enum Status: String, Sendable, Hashable, CaseIterable { case decided, planned, trained, evaluated, failed }

    /// One measured value with its interval; `count` is the number of items behind it.
    package struct Score: Sendable, Hashable {
        package var arm: String
        package var metric: String
        package var value: Double
        package var low: Double
        package var high: Double
        package var count: Int

        package init(arm: String, metric: String, value: Double, low: Double, high: Double, count: Int) {
            self.arm = arm
            self.metric = metric
            self.value = value
            self.low = low
            self.high = high
            self.count = count
        }
    }

    package var id: String
    /// ISO 8601 in UTC.
    package var createdAt: String
    package var honeVersion: String
    package var status: Status
    /// Relative paths of the plan start here; a resumed run goes back to it.
    package var workingFolder: String?
    /// The command line that made the run, without the machine's paths.
    package var command: String?
    package var verdict: String?
    package var model: String?
    /// The embedded base is a practice model: every figure obtained with it says so.
    package var isPracticeModel = false
    /// Content of what went in and came out, by name: `model`, `data`, `rules`, `plan`, `adapter`, …
    package var fingerprints: [String: String] = [:]
    /// SHA-256 of each file of the run folder, by its path relative to the folder.
    package var files: [String: String] = [:]
    /// Seconds spent, by station: `audit`, `train`, `evaluate`, `report`.
    package var seconds: [String: Double] = [:]
    /// What it ran on: processor, threads, instruction set, memory.
    package var machine: [String: String] = [:]
    package var scores: [Score] = []

    package init(id: String, createdAt: String, honeVersion: String, status: Status) {
        self.id = id
        self.createdAt = createdAt
        self.honeVersion = honeVersion
        self.status = status
    }
}

/// A manifest that is not one: which key is missing or has the wrong type.
package enum RunManifestError: Error, Sendable, Hashable {
    case notAnObject
    case missing(key: String)
    case unknownVersion(Int)
    case unknownStatus(String)
}

extension RunManifest {
    package init(_ json: JSONValue) throws(RunManifestError) {
        guard json.objectValue != nil else { throw .notAnObject }
        guard let version = json["version"]?.intValue else { throw .missing(key: "version") }
        guard version == Self.currentVersion else { throw .unknownVersion(version) }
        guard let id = json["id"]?.stringValue else { throw .missing(key: "id") }
        guard let createdAt = json["created_at"]?.stringValue else { throw .missing(key: "created_at") }
        guard let word = json["status"]?.stringValue else { throw .missing(key: "status") }
        guard let status = Status(rawValue: word) else { throw .unknownStatus(word) }
        self.init(id: id, createdAt: createdAt, honeVersion: json["hone_version"]?.stringValue ?? "", status: status)
        command = json["command"]?.stringValue
        workingFolder = json["working_folder"]?.stringValue
        verdict = json["verdict"]?.stringValue
        model = json["model"]?.stringValue
        isPracticeModel = json["practice_model"]?.boolValue ?? false
        fingerprints = json["fingerprints"]?.dictionary(\.stringValue) ?? [:]
        files = json["files"]?.dictionary(\.stringValue) ?? [:]
        seconds = json["seconds"]?.dictionary(\.doubleValue) ?? [:]
        machine = json["machine"]?.dictionary(\.stringValue) ?? [:]
        scores = (json["scores"]?.arrayValue ?? []).compactMap(Score.init)
    }

    /// Keys in a fixed order, maps sorted by name: equal manifests are equal bytes.
    package var json: JSONValue {
        .object(JSONObject([
            ("version", JSONValue(Self.currentVersion)),
            ("id", JSONValue(id)),
            ("created_at", JSONValue(createdAt)),
            ("hone_version", JSONValue(honeVersion)),
            ("status", JSONValue(status.rawValue)),
            ("command", JSONValue(command) { JSONValue($0) }),
            ("working_folder", JSONValue(workingFolder) { JSONValue($0) }),
            ("verdict", JSONValue(verdict) { JSONValue($0) }),
            ("model", JSONValue(model) { JSONValue($0) }),
            ("practice_model", JSONValue(isPracticeModel)),
            ("fingerprints", .sorted(fingerprints) { JSONValue($0) }),
            ("machine", .sorted(machine) { JSONValue($0) }),
            ("seconds", .sorted(seconds) { JSONValue($0) }),
            ("scores", JSONValue(scores.map(\.json))),
            ("files", .sorted(files) { JSONValue($0) }),
        ]))
    }
}

extension RunManifest.Score {
    fileprivate init?(_ json: JSONValue) {
        guard let arm = json["arm"]?.stringValue, let metric = json["metric"]?.stringValue,
            let value = json["value"]?.doubleValue, let low = json["low"]?.doubleValue,
            let high = json["high"]?.doubleValue, let count = json["n"]?.intValue
        else { return nil }
        self.init(arm: arm, metric: metric, value: value, low: low, high: high, count: count)
    }

    fileprivate var json: JSONValue {
        [
            "arm": JSONValue(arm), "metric": JSONValue(metric), "value": JSONValue(value), "low": JSONValue(low),
            "high": JSONValue(high), "n": JSONValue(count),
        ]
    }
}

extension JSONValue {
    fileprivate func dictionary<Value>(_ read: (JSONValue) -> Value?) -> [String: Value]? {
        objectValue.map { object in
            Dictionary(object.members.compactMap { member in read(member.value).map { (member.key, $0) } }) { $1 }
        }
    }

    fileprivate static func sorted<Value>(_ map: [String: Value], _ write: (Value) -> JSONValue) -> JSONValue {
        .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, write($0.value)) }))
    }
}
