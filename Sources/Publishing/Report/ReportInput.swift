package import Evaluation
package import Plan
package import Registry

/// Everything a report says, as values: made from a run folder, or in memory by a test.
///
/// Reports know the run's files and nothing of the modules that wrote them, so that a report can be made again from the
/// folder alone and every number in it leads to a file and a key.
package struct ReportInput: Sendable {
    package var run: RunManifest
    /// What the person said, in the order of the answer file.
    package var answers: [Answer] = []
    package var decision: DecisionRecord?
    package var audit: AuditRecord?
    package var check: CheckRecord?
    package var plan: RunPlan?
    package var events = EventLog()
    package var evaluation: EvaluationResult?
    /// What a tuned model must pass, as it was judged; and what that adds up to.
    package var gates: [GateRecord] = []
    package var readiness: String?
    /// What the forms it is shipped in did, where they were asked.
    package var ladder: ShippingLadder?
    /// What people said who judged its answers, and what a pilot with real requests came to.
    package var panel: PanelResult?
    package var pilot: PilotResult?
    package var signatures: [SignatureRecord] = []
    /// Files beside the report that are ready for use.
    package var deliverables: [Deliverable] = []
    package init(run: RunManifest) { self.run = run }

    package struct Answer: Sendable, Hashable {
        package var fact: String
        package var value: String

        package init(fact: String, value: String) {
            self.fact = fact
            self.value = value
        }
    }

    /// A file a team can use as it is.
    package struct Deliverable: Sendable, Hashable {
        package var file: String
        package var text: String

        package init(file: String, text: String) {
            self.file = file
            self.text = text
        }
    }

    /// What the task is called in one line; else the case's own name, which follows the time stamp in the run's id.
    package var title: String {
        if let summary = answer("task.summary") { return summary }
        let name = run.id.drop { $0.isNumber || $0 == "-" }
        return name.isEmpty ? run.id : String(name)
    }

    /// Of what a decision can ask for besides training, what this run did.
    var followUpsDone: Set<String> {
        var done: Set<String> = []
        if let start = events.start, start.generalExamples > 0 { done.insert("general_data_mix") }
        if evaluation?.probe?.comparison != nil { done.insert("forgetting_probe") }
        if let panel, !panel.isSynthetic { done.insert("human_review") }
        return done
    }

    /// Ratings, a pilot or a signature that a script made, by what they are.
    package var synthetic: [String] {
        [
            panel?.isSynthetic == true ? "raters" : nil, pilot?.isSynthetic == true ? "pilot" : nil,
            signatures.contains(where: \.isSynthetic) ? "signature" : nil,
        ].compactMap(\.self)
    }

    /// The parts the rows were divided into: as their owner did it, else as the run used them.
    var parts: [AuditRecord.Count] {
        if let given = audit?.splits, given.count > 1 { return given }
        guard let start = events.start else { return [] }
        var parts = [AuditRecord.Count(name: "train", count: start.trainExamples)]
        parts.append(AuditRecord.Count(name: "validation", count: start.validationExamples))
        if let evaluation { parts.append(AuditRecord.Count(name: evaluation.split, count: evaluation.items)) }
        return parts
    }
}
