import Evaluation
package import FileStore
import JSONText
package import Plan
import Registry
import YAMLText

extension ReportInput {
    /// Reads what a run left behind. Only the manifest has to be there: a run that ended early still has a report.
    ///
    /// A file that is there and broken is an error, because a report that silently leaves out a record would be wrong.
    package init(folder: RunFolder, _ store: FileStore) throws(ReportError) {
        let reader = RecordReader(store: store)
        guard let manifest = try reader.json(folder.manifest) else { throw .notARun(folder: folder.path) }
        do {
            self.init(run: try RunManifest(manifest))
        } catch {
            throw .recordBroken(path: folder.manifest, .manifest(error))
        }
        answers = try reader.answers(folder.answers)
        decision = try reader.record(folder.decision, DecisionRecord.init(json:))
        audit = try reader.record(folder.audit, AuditRecord.init(json:))
        check = try reader.record(folder.check, CheckRecord.init(json:))
        plan = try reader.plan(folder.plan)
        events = EventLog(try reader.text(folder.events) ?? "")
        evaluation = try reader.evaluation(folder)
        if let summary = try reader.json(folder.evalSummary) {
            gates = GateRecord.all(in: summary)
            readiness = summary["verdict"]?.stringValue
        }
        panel = try reader.record(folder.panel, PanelResult.init(json:))
        pilot = try reader.record(folder.pilot, PilotResult.init(json:))
        ladder = try reader.record(folder.exportCheck, ShippingLadder.init(json:))
        signatures = try reader.trail(folder.trail).entries.compactMap(SignatureRecord.init)
        for file in Deliverables.fileNames {
            if let text = try reader.text(folder.report + "/" + file) {
                deliverables.append(Deliverable(file: file, text: text))
            }
        }
    }
}

private struct RecordReader {
    let store: FileStore

    /// Nil where there is no such file.
    func text(_ path: String) throws(ReportError) -> String? {
        guard store.exists(path) else { return nil }
        do { return try store.readText(path) } catch { throw .file(error) }
    }

    func json(_ path: String) throws(ReportError) -> JSONValue? {
        guard let text = try text(path) else { return nil }
        do { return try JSONValue.parse(text) } catch { throw .recordBroken(path: path, .notJSON(error)) }
    }

    func trail(_ path: String) throws(ReportError) -> Trail {
        guard let text = try text(path) else { return Trail() }
        do { return try Trail(text) } catch { throw .recordBroken(path: path, .trail(error)) }
    }

    func record<Record>(_ path: String, _ read: (JSONValue) -> Record?) throws(ReportError) -> Record? {
        guard let json = try json(path) else { return nil }
        guard let record = read(json) else { throw .recordBroken(path: path, .wrongShape) }
        return record
    }

    func plan(_ path: String) throws(ReportError) -> RunPlan? {
        guard let text = try text(path) else { return nil }
        do { return try RunPlan(yaml: text, file: path) } catch { throw .recordBroken(path: path, .plan(error)) }
    }

    func answers(_ path: String) throws(ReportError) -> [ReportInput.Answer] {
        guard let text = try text(path), text.contains(":") else { return [] }
        do {
            var answers: [ReportInput.Answer] = []
            for (fact, node) in try YAMLNode.parse(text, file: path).map().entries where !node.isNull {
                answers.append(.init(fact: fact.text, value: try node.strings().joined(separator: ", ")))
            }
            return answers
        } catch {
            throw .wordsBroken(error)
        }
    }

    func evaluation(_ folder: RunFolder) throws(ReportError) -> EvaluationResult? {
        guard let summary = try json(folder.evalSummary) else { return nil }
        var items: [String: [ItemResult]] = [:]
        for name in EvaluationResult.itemFiles(of: summary) {
            let path = folder.evalItems(arm: name)
            guard let text = try text(path) else { continue }
            var results: [ItemResult] = []
            for line in text.split(separator: "\n") {
                guard let json = try? JSONValue.parse(String(line)), let item = ItemResult(json: json) else {
                    throw .recordBroken(path: path, .wrongShape)
                }
                results.append(item)
            }
            items[name] = results
        }
        guard let result = EvaluationResult(json: summary, items: items) else {
            throw .recordBroken(path: folder.evalSummary, .wrongShape)
        }
        return result
    }
}
