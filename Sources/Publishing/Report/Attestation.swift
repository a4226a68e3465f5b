import FileStore
import JSONText
import Plan
import Registry

/// `attestation.json`: an in-toto Statement (v1) with SLSA provenance (v1): which files came out, of what, by which command.
///
/// Unsigned: it binds contents to each other by SHA-256. Whoever publishes the model can sign it as it is.
struct Attestation {
    let json: JSONValue

    /// - Parameter files: The report's own files.
    init(_ input: ReportInput, _ files: [Report.File]) {
        let run = input.run
        func subject(_ name: String, _ sha256: String) -> JSONValue {
            ["name": JSONValue(name), "digest": ["sha256": JSONValue(sha256)]]
        }
        let outputs = run.files.filter { $0.key.hasPrefix("adapter/") || $0.key.hasPrefix("model/") }
        let records = run.files.filter { !outputs.keys.contains($0.key) && !$0.key.hasPrefix("report/") }
        // What signatures were added to later is the trail; it is left out so that a signature changes no other file.
        let byproducts = records.filter { $0.key != "trail.jsonl" }.sorted { $0.key < $1.key }
        let dependencies = ["data", "model", "rules", "encoder"].compactMap { name in
            run.fingerprints[name].map { subject(name, $0) }
        }
        let subjects =
            outputs.sorted { $0.key < $1.key }.map { subject($0.key, $0.value) }
            + files.map { subject("report/" + $0.name, Fingerprint(of: $0.text).hex) }
        var parameters: JSONObject = ["command": JSONValue(run.command) { JSONValue($0) }]
        parameters["plan"] = run.fingerprints["plan"].map { ["sha256": JSONValue($0)] }
        var internals: JSONObject = [:]
        if let training = input.plan?.training {
            internals["seed"] = JSONValue(training.seed)
            internals["threads"] = JSONValue(training.threads)
        }
        internals["practice_model"] = JSONValue(run.isPracticeModel)
        internals["synthetic"] = .array(input.synthetic.filter { $0 != "signature" }.map { JSONValue($0) })
        let seconds = JSONObject(run.seconds.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) })
        let machine = JSONObject(run.machine.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) })
        json = [
            "_type": "https://in-toto.io/Statement/v1",
            "subject": .array(subjects),
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": [
                "buildDefinition": [
                    "buildType": "https://hone.invalid/run/v1",
                    "externalParameters": .object(parameters),
                    "internalParameters": .object(internals),
                    "resolvedDependencies": .array(dependencies),
                ],
                "runDetails": [
                    "builder": [
                        "id": "https://hone.invalid/hone", "version": ["hone": JSONValue(run.honeVersion)],
                    ],
                    "metadata": ["invocationId": JSONValue(run.id), "startedOn": JSONValue(run.createdAt)],
                    "byproducts": .array(
                        byproducts.map { subject($0.key, $0.value) } + [
                            ["name": "seconds", "annotations": .object(seconds)],
                            ["name": "machine", "annotations": .object(machine)],
                        ]),
                ],
            ],
        ]
    }

    var file: Report.File { Report.File(name: "attestation.json", text: json.text(.pretty) + "\n") }
}
