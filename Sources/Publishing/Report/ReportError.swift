package import FileStore
package import JSONText
package import Plan
package import Registry
package import YAMLText

/// Why there is no report.
package enum ReportError: Error, Sendable, Hashable {
    case templateMissing(name: String)
    case templateBroken(name: String, problem: String)
    case wordsBroken(YAMLError)
    case file(FileStoreError)
    /// The folder has no `manifest.json`.
    case notARun(folder: String)
    case recordBroken(path: String, RecordProblem)

    package enum RecordProblem: Sendable, Hashable {
        case notJSON(JSONSyntaxError)
        case manifest(RunManifestError)
        case plan(PlanError)
        case trail(TrailError)
        /// JSON, but without the keys this record must have.
        case wrongShape
    }
}
