internal import FileStore
internal import JSONText
internal import ModelFiles
internal import Plan

/// Where a run stands beside its weights: what `state.json` of a checkpoint holds.
///
/// Order, learning rate and dropout are functions of the step number, so the number is all the random state there is.
struct TrainingState: Sendable, Hashable {
    static let currentVersion = 1

    var globalStep = 0
    /// Tokens trained so far.
    var tokens = 0
    /// Seconds of training so far, over all sittings.
    var seconds = 0.0
    /// The lowest validation loss and where it was; looks at the validation rows since then.
    var best: Best?
    var looksSinceBest = 0

    struct Best: Sendable, Hashable {
        var globalStep: Int
        var loss: Double
        /// The task metric, where the plan stops by one.
        var score: Double?

        var json: JSONValue {
            [
                "global_step": JSONValue(globalStep), "loss": JSONValue(loss),
                "score": JSONValue(score) { JSONValue($0) },
            ]
        }

        /// By the task metric where there is one, equal scores by loss.
        func isBetter(than earlier: Best) -> Bool {
            guard let score, let before = earlier.score, score != before else { return loss < earlier.loss }
            return score > before
        }
    }
}

/// What must be equal for a checkpoint to be continued, and what should be.
struct RunIdentity: Sendable, Hashable {
    /// Another value here is another run: plan and data, by fingerprint, and the number of steps.
    var must: [String: String]
    /// Another value here changes the last bits: `threads`, `instruction_set`, `blas_core`.
    var should: [String: String]
}

/// Why a run cannot go on from a checkpoint.
package enum CheckpointError: Error, Sendable, Hashable {
    /// The folder holds no checkpoint at all.
    case none(path: String)
    /// A file is missing, changed or not what it should be.
    case damaged(path: String, file: String)
    /// It belongs to a run with another plan, other data or another length.
    case otherRun(path: String, key: String, found: String, expected: String)
}

/// A folder with everything needed to go on bit for bit: weights, both moments of the optimizer, state.
///
/// It appears under its name only when all of it is on the disk, and it is used only when every file still has the
/// fingerprint that `state.json` names.
struct Checkpoint {
    let path: String
    let state: TrainingState
    let identity: RunIdentity

    static let optimizerName = "optimizer.safetensors"
    static let stateName = "state.json"

    /// Reads and verifies a checkpoint's state; the tensors are only hashed.
    init(path: String, store: FileStore) throws {
        self.path = path
        let damage = CheckpointError.damaged(path: path, file: Self.stateName)
        guard let text = try? store.read(path + "/" + Self.stateName), let json = try? JSONValue.parse(utf8: text),
            json["version"]?.intValue == TrainingState.currentVersion, let state = TrainingState(json),
            let identity = RunIdentity(json), let files = json["files"]?.objectValue, !files.isEmpty
        else { throw damage }
        self.state = state
        self.identity = identity
        for file in files {
            guard let found = try? store.fingerprint(ofFile: path + "/" + file.key), found.hex == file.value.stringValue
            else {
                throw CheckpointError.damaged(path: path, file: file.key)
            }
        }
    }

    /// Writes a checkpoint; an interruption at any moment leaves no folder of that name, or a whole one.
    static func write(
        _ state: TrainingState, _ identity: RunIdentity, to path: String, weightsName: String,
        weights: [OutgoingTensor],
        moments: [OutgoingTensor], store: FileStore
    ) throws {
        try store.publishFolder(path) { (temporary) throws in
            let writer = SafetensorsWriter(store: store)
            let files: JSONObject = [
                weightsName: JSONValue(
                    try writer.write(
                        weights, metadata: AdapterFolder.metadata(base: identity.must["model"]),
                        to: temporary + "/" + weightsName
                    ).hex),
                optimizerName: JSONValue(try writer.write(moments, to: temporary + "/" + optimizerName).hex),
            ]
            var json = JSONObject(
                [("version", JSONValue(TrainingState.currentVersion))] + state.members + identity.members)
            json["files"] = .object(files)
            try store.write(JSONValue.object(json).text(.pretty) + "\n", to: temporary + "/" + stateName)
        }
    }

    /// Throws unless this checkpoint belongs to the run `expected` describes.
    func require(_ expected: RunIdentity) throws(CheckpointError) {
        for (key, value) in expected.must.sorted(by: { $0.key < $1.key }) where identity.must[key] != value {
            throw .otherRun(path: path, key: key, found: identity.must[key] ?? "", expected: value)
        }
    }
}

extension TrainingState {
    init?(_ json: JSONValue) {
        guard let step = json["global_step"]?.intValue, let tokens = json["tokens"]?.intValue,
            let seconds = json["seconds"]?.doubleValue
        else { return nil }
        globalStep = step
        self.tokens = tokens
        self.seconds = seconds
        looksSinceBest = json["looks_since_best"]?.intValue ?? 0
        if let best = json["best"], let step = best["global_step"]?.intValue, let loss = best["loss"]?.doubleValue {
            self.best = Best(globalStep: step, loss: loss, score: best["score"]?.doubleValue)
        }
    }

    var members: [(String, JSONValue)] {
        [
            ("global_step", JSONValue(globalStep)), ("tokens", JSONValue(tokens)), ("seconds", JSONValue(seconds)),
            ("best", JSONValue(best) { $0.json }),
            ("looks_since_best", JSONValue(looksSinceBest)),
        ]
    }
}

extension RunIdentity {
    init?(_ json: JSONValue) {
        guard let must = json["run"]?.objectValue, let should = json["computed_with"]?.objectValue else { return nil }
        self.must = Self.strings(must)
        self.should = Self.strings(should)
    }

    var members: [(String, JSONValue)] { [("run", Self.json(must)), ("computed_with", Self.json(should))] }

    private static func strings(_ object: JSONObject) -> [String: String] {
        Dictionary(object.members.compactMap { member in member.value.stringValue.map { (member.key, $0) } }) { $1 }
    }

    private static func json(_ map: [String: String]) -> JSONValue {
        .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) }))
    }
}
