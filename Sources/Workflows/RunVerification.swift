package import FileStore
package import Plan
package import Publishing
package import Registry
package import RuleEngine

/// Whether a run folder is still what its records say: every file, the chain of the trail, and every byte of the report.
package struct RunVerification: Sendable {
    package enum Difference: Sendable, Hashable {
        /// A file the manifest names is gone, or has another content.
        case missing(String), changed(String)
        case trail(TrailError)
        /// It is not what the files that people handed in add up to.
        case notRecomputed(String)
        /// The report has no such file, or the records give another one.
        case reportMissing(String), reportChanged(String)
    }

    package let differences: [Difference]
    package let filesChecked: Int
    package let entries: Int
    /// Signatures under a report that is no longer this one.
    package let voidSignatures: [SignatureRecord]

    /// - Parameters:
    ///   - reportFolder: Where the report lies, when not in the run folder.
    ///   - book: Its numbers say what counts as a low rating; nil leaves what people said as it is recorded.
    package init(
        _ run: RunFolder, reportFolder: String? = nil, templates: ReportTemplates, book: RuleBook? = nil,
        store: FileStore = FileStore()
    ) throws {
        let manifest = try RunManifest.read(run, store: store)
        var differences: [Difference] = []
        for (name, fingerprint) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let path = run.path + "/" + name
            if !store.isFile(path) {
                differences.append(.missing(name))
            } else if try store.fingerprint(ofFile: path).hex != fingerprint {
                differences.append(.changed(name))
            }
        }
        filesChecked = manifest.files.count
        var trail = Trail()
        do { trail = try AuditTrail(run, store: store).read() } catch let error as TrailError {
            differences.append(.trail(error))
        }
        entries = trail.entries.count
        // From damaged records no report can be made; they are named already.
        if differences.isEmpty {
            let input = try ReportInput(folder: run, store)
            if let book {
                let reviewing = Reviewing(book: book, store: store)
                if try reviewing.panel(of: run) != input.panel {
                    differences.append(.notRecomputed("review/panel.json"))
                }
                if try reviewing.pilot(of: run) != input.pilot {
                    differences.append(.notRecomputed("review/pilot.json"))
                }
            }
            let report = try Report(input, templates)
            voidSignatures = input.signatures.filter { $0.report != report.fingerprint }
            let place = reportFolder ?? run.report
            for file in report.files {
                let path = place + "/" + file.name
                if !store.isFile(path) {
                    differences.append(.reportMissing(file.name))
                } else if try store.read(path) != Array(file.text.utf8) {
                    differences.append(.reportChanged(file.name))
                }
            }
        } else {
            voidSignatures = []
        }
        self.differences = differences
    }
}

/// Signs the report of a run as it is, which ends up in the trail and in the report itself.
package struct Signing {
    private let templates: ReportTemplates
    private let store: FileStore

    package init(templates: ReportTemplates, store: FileStore = FileStore()) {
        self.templates = templates
        self.store = store
    }

    package func sign(
        _ run: RunFolder, reportFolder: String? = nil, as name: String, role: String, _ choice: SignatureRecord.Choice,
        because: String, isSynthetic: Bool = false, at time: String
    ) throws {
        let verification = try RunVerification(run, reportFolder: reportFolder, templates: templates, store: store)
        guard verification.differences.isEmpty else { throw SigningError.notAsRecorded(verification.differences) }
        let signed = try Report(try ReportInput(folder: run, store), templates)
        let signature = SignatureRecord(
            name: name, role: role, choice: choice, because: because, time: time, report: signed.fingerprint,
            isSynthetic: isSynthetic)
        try AuditTrail(run, store: store).append(.signature, signature.json, at: time)
        var record = RunRecord(run, manifest: try RunManifest.read(run, store: store), store: store)
        try record.save()
        try Report(try ReportInput(folder: run, store), templates).write(to: reportFolder ?? run.report, store)
    }
}

package enum SigningError: Error, Sendable, Hashable {
    /// Nobody should sign what was changed.
    case notAsRecorded([RunVerification.Difference])
}
