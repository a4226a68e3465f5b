import Evaluation
import Plan
import Registry

/// What the templates see: a value per placeholder. Texts are plain here; the template's content type escapes them.
struct ReportPage {
    let title: String
    let run: String
    let date: String
    let version: String
    let alert: String
    let outcome: String
    let verdict: Verdict?
    let practiceModel: String?
    let results: Results?
    let arms: ArmsPart?
    let curve: CurvePart?
    let probes: ProbesPart?
    let target: Target?
    /// Trained to see what the data can teach, before a verdict was reached.
    let isTrial: Bool
    let cost: [Fact]
    let dataLine: String?
    let decision: DecisionPart?
    let answers: [Fact]
    let data: DataPart?
    let examples: ExamplesPart?
    let notMeasured: [Note]
    let settings: SettingsPart?
    let training: TrainingPart?
    let predictions: [Prediction]
    let deliverables: [Deliverable]
    let environment: [Fact]
    let seconds: [Fact]
    let fingerprints: [Fact]
    let commands: [String]
    let next: String?
    let readiness: ReadinessPart?
    let shipping: ShippingPart?
    let signatures: [Signature]
    let people: PeoplePart?
    let remaining: RemainingPart
    let monitoring: MonitoringPart?
    /// What a script made in place of people, in words; empty in a real run.
    let synthetic: [Item]
    let appendices: [Deliverable]

    /// - Parameter fingerprint: Of the report as it is now; a signature under another one is void.
    init(_ input: ReportInput, _ words: Words, signed fingerprint: String) {
        let run = input.run
        title = input.title
        self.run = run.id
        date = run.createdAt
        version = run.honeVersion
        results = input.evaluation.flatMap { Results($0, words) }
        arms = input.evaluation.flatMap { ArmsPart($0, words) }
        curve = input.evaluation?.curve.flatMap { CurvePart($0, words) }
        probes = input.evaluation.flatMap { ProbesPart($0, words) }
        target = Target(input, words)
        let outcome = Self.outcome(input, results, target)
        isTrial = results != nil && outcome == "undecided"
        alert = words.alert(outcome)
        self.outcome = words.name(.outcomes, outcome)
        // What was done counts: a rule on the model's size may have changed the method that was decided.
        verdict = input.decision.map { decision in
            Verdict(decision, method: decision.method.map { input.plan?.method.kind.rawValue ?? $0 }, words)
        }
        practiceModel = run.isPracticeModel ? run.model ?? "hone's practice model" : nil
        cost = Self.cost(input)
        dataLine = Self.dataLine(input)
        decision = input.decision.map { DecisionPart($0, done: input.followUpsDone, words) }
        answers = input.answers.map { Fact(name: $0.fact, value: $0.value) }
        data = input.audit.map { DataPart($0, parts: input.parts, answers: input.answers, words) }
        examples = input.evaluation.flatMap { ExamplesPart($0, words) }
        notMeasured = Self.notMeasured(input).map { Note(text: words.name(.notMeasured, $0)) }
        settings = input.plan.map { SettingsPart($0) }
        training = TrainingPart(input.events)
        predictions = Prediction.all(input)
        // What the verdict asks for comes first.
        let isRetrieval = input.decision?.verdict == "rag"
        let files = input.deliverables.map(\.file)
        deliverables =
            (files.filter { $0.hasPrefix("retrieval") == isRetrieval }
            + files.filter { $0.hasPrefix("retrieval") != isRetrieval })
            .map { Deliverable(file: $0, purpose: words.name(.files, $0)) }
        environment = run.machine.sorted { $0.key < $1.key }.map { Fact(name: $0.key, value: $0.value) }
        seconds = run.seconds.sorted { $0.key < $1.key }.map { Fact(name: $0.key, value: Figure.duration($0.value)) }
        fingerprints = run.fingerprints.sorted { $0.key < $1.key }.map { Fact(name: $0.key, value: $0.value) }
        commands = (run.command.map { [$0] } ?? []) + ["hone report runs/\(run.id)"]
        next = input.decision?.next.flatMap { $0.isEmpty ? nil : $0 }
        readiness = ReadinessPart(input, words)
        shipping = input.ladder.map { ShippingPart($0, words) }
        people = PeoplePart(input, words)
        remaining = RemainingPart(input, words)
        monitoring = MonitoringPart(input, words)
        synthetic = input.synthetic.map { Item(text: words.name(.synthetic, $0)) }
        appendices = Appendix.all(for: input).map { Deliverable(file: $0.file, purpose: words.name(.files, $0.file)) }
        signatures = input.signatures.map { Signature($0, words, isVoid: $0.report != fingerprint) }
    }

    /// A line of a two-column table.
    struct Fact {
        let name: String
        let value: String
    }

    /// Text that is Markdown already.
    struct Note {
        let text: String
    }

    struct Deliverable {
        let file: String
        let purpose: String
    }

    struct Verdict {
        let id: String
        let title: String
        /// Nil without a verdict: there is nothing to be sure of.
        let confidence: String?
        /// The text of the first rule that decided.
        let because: String?
        let with: [Item]
        let method: String?
        let venue: String?

        init(_ decision: DecisionRecord, method: String?, _ words: Words) {
            id = decision.verdict
            title = words.title(.verdicts, decision.verdict)
            confidence = id == "undecided" ? nil : words.name(.confidence, decision.confidence)
            let deciding = decision.reasons.first { decision.decidedBy.contains($0.rule) } ?? decision.reasons.first
            because = deciding.map(\.text).flatMap { $0.isEmpty ? nil : $0 }
            with = decision.with.map { Item(text: words.name(.means, $0)) }
            self.method = method.map { words.name(.means, $0) }
            venue = decision.venue.map { words.name(.means, $0) }
        }
    }

    struct Item {
        let text: String
    }

    /// `improved`, `target_missed`, `not_proven`, `worse` where something was measured; else what kind of decision it is.
    private static func outcome(_ input: ReportInput, _ results: Results?, _ target: Target?) -> String {
        if input.decision?.verdict == "undecided" { return "undecided" }
        guard let lead = results?.lead else { return "decided" }
        return lead.outcome == "improved" && target?.isMet == false ? "target_missed" : lead.outcome
    }

    private static func cost(_ input: ReportInput) -> [Fact] {
        var facts: [Fact] = []
        if let finish = input.events.finish {
            facts.append(Fact(name: "Training time", value: Figure.duration(finish.seconds)))
            facts.append(Fact(name: "Peak memory", value: Figure.bytes(finish.peakRSS.bytes)))
        }
        let total = input.run.seconds.values.reduce(0, +)
        if total > 0 { facts.append(Fact(name: "Whole run", value: Figure.duration(total))) }
        if let processor = input.run.machine["processor"] {
            let threads = input.run.machine["threads"].map { " (\($0) threads)" } ?? ""
            facts.append(Fact(name: "Machine", value: processor + threads))
        }
        return facts
    }

    private static func dataLine(_ input: ReportInput) -> String? {
        guard let audit = input.audit else { return nil }
        var parts = ["\(Figure.count(audit.read)) rows read", "\(Figure.count(audit.kept)) usable"]
        parts += input.parts.map { "\(Figure.count($0.count)) \($0.name)" }
        if let mixed = input.events.start?.generalExamples, mixed > 0 {
            parts.append("\(Figure.count(mixed)) general rows mixed into training")
        }
        return parts.joined(separator: " · ")
    }

    /// Ids of what a reader could believe was measured and was not.
    private static func notMeasured(_ input: ReportInput) -> [String] {
        let cost = input.decision?.costs == nil ? ["cost"] : []
        guard let evaluation = input.evaluation else { return ["anything", "human_review"] + cost }
        func isOpen(_ gate: String) -> Bool { !input.gates.contains { $0.id == gate && !$0.isOpen } }
        var missing = [
            input.panel == nil ? "human_review" : nil, input.pilot == nil ? "real_traffic" : nil,
            evaluation.safety == nil && isOpen("g4") ? "safety" : nil,
            evaluation.memorisation == nil && isOpen("g8") ? "memorisation" : nil,
        ].compactMap(\.self)
        let kinds = Set(evaluation.arms.map(\.arm.kind))
        if !kinds.contains(.fewShot) && !kinds.contains(.retrieval) { missing.append("cheaper_options") }
        if evaluation.probe == nil { missing.append("general_knowledge") }
        return missing + ["seeds", "latency"] + cost
    }
}
