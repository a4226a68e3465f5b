import Datasets
import Foundation

/// An audit as a person at a terminal reads it.
struct AuditView {
    let profile: DatasetProfile
    let page: Page
    let next: String

    var text: String {
        var lines = header
        for heading in Finding.Heading.allCases { lines += section(heading) }
        lines += strengthening
        lines += ["", page.bold("next:") + " " + next]
        return lines.joined(separator: "\n")
    }

    var header: [String] {
        var lines = [
            page.bold(
                profile.files.map { $0.path.split(separator: "/").last.map(String.init) ?? $0.path }.joined(
                    separator: ", "))
        ]
        let shapes = profile.shapes.map {
            $0.shape.words + (profile.shapes.count > 1 ? " (\(Self.number($0.count)))" : "")
        }
        lines += page.wrap(
            "\(Self.number(profile.read)) rows read, \(Self.number(profile.kept)) kept, \(Self.number(profile.dropped)) dropped; \(shapes.joined(separator: ", ")); \(answers)",
            indent: 0)
        if let band = profile.band {
            lines += page.wrap(
                "\(Self.number(profile.effectiveExamples)) effective examples. \(band.title).", indent: 0)
        }
        if let kinds = profile.answerKinds {
            let shown = kinds.kinds.prefix(8).map { "\($0.text) \(Self.number($0.count))" }.joined(separator: ", ")
            let rest = kinds.kinds.count > 8 ? ", and \(kinds.kinds.count - 8) more" : ""
            lines += page.wrap("Answers by `\(kinds.key)`: \(shown)\(rest).", indent: 0)
        }
        if let lengths = profile.lengths {
            lines += page.wrap(
                "Tokens per row: median \(lengths.median), 95 % up to \(lengths.p95), longest \(lengths.longest); \(Self.number(lengths.targetTokens)) of \(Self.number(lengths.tokens)) tokens are learnt.",
                indent: 0)
        }
        if let packing = profile.packing {
            lines += page.wrap(
                "In batches of \(packing.rowsPerBatch) rows \(Self.percent(packing.paddingShare)) of the computed tokens would be filler; packed, the rows fill \(Self.number(packing.packedSequences)) sequences to \(Self.percent(packing.filledShare)).",
                indent: 0)
        }
        if profile.reviewedRows > 0 {
            lines += page.wrap(
                "\(Self.percent(Double(profile.reviewedRows) / Double(max(1, profile.kept)))) of the rows name a reviewer.",
                indent: 0)
        }
        if !profile.behaviours.isEmpty {
            let shown = profile.behaviours.count { $0.rows > 0 }
            lines += page.wrap(
                "\(shown) of \(profile.behaviours.count) declared behaviours are shown by rows.", indent: 0)
        }
        if profile.parts.count > 1 {
            let parts = Split.Part.allCases.compactMap { part in
                profile.parts[part].map { "\(part.rawValue) \(Self.number($0))" }
            }
            lines += page.wrap("Parts: \(parts.joined(separator: ", ")).", indent: 0)
        }
        lines += profile.overrides.flatMap { page.item("△", "Changed by the organisation: " + $0, indent: 0) }
        return lines
    }

    private var answers: String {
        switch profile.answers {
        case .labels: "answers are \(profile.labels?.labels.count ?? 0) labels"
        case .json: "answers are JSON"
        case .text: "answers are text"
        }
    }

    private func section(_ heading: Finding.Heading) -> [String] {
        let findings = profile.findings(under: heading)
        var lines = ["", page.bold(heading.words)]
        guard !findings.isEmpty else { return lines + ["  nothing to say against it"] }
        for finding in findings {
            let share = finding.share >= 0.0005 ? " (\(Self.percent(finding.share)))" : ""
            let detail = finding.detail.isEmpty ? "" : "; \(finding.detail)"
            let title = finding.title.prefix(1).uppercased() + finding.title.dropFirst()
            lines += page.item(finding.severity.mark, "\(title): \(Self.number(finding.count))\(share)\(detail)")
            for sample in finding.examples.prefix(finding.severity == .info ? 1 : 3) {
                let text = "\(fileName(of: sample))line \(sample.place.line)  \(sample.text)"
                lines.append("      " + (text.count + 6 > page.width ? text.prefix(page.width - 7) + "…" : text))
            }
            if let exception = profile.exception(for: finding) {
                lines += page.wrap("accepted: " + exception.because, indent: 4, hanging: 6)
            }
            lines += page.wrap("→ " + finding.fix, indent: 4, hanging: 6)
        }
        return lines
    }

    /// Only where there are several files to choose from.
    private func fileName(of sample: Finding.Sample) -> String {
        guard profile.files.count > 1, profile.files.indices.contains(sample.place.file) else { return "" }
        return (profile.files[sample.place.file].path.split(separator: "/").last.map(String.init) ?? "") + " "
    }

    private var strengthening: [String] {
        let needs = profile.needs
        guard !needs.isEmpty else { return [] }
        return ["", page.bold("What would strengthen it")] + needs.flatMap { page.item("+", $0.words) }
    }

    static func number(_ value: Int) -> String {
        var digits = Array(String(value))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    static func percent(_ share: Double) -> String { String(format: share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share) }
}

extension Finding.Severity {
    fileprivate var mark: String {
        switch self {
        case .info: "·"
        case .warning: "!"
        case .error: "✗"
        }
    }
}

extension Finding.Heading {
    var words: String {
        switch self {
        case .format: "Format"
        case .quantity: "Quantity"
        case .quality: "Quality"
        }
    }
}

extension RowShape {
    var words: String {
        switch self {
        case .messages: "messages"
        case .shareGPT: "ShareGPT conversations"
        case .hybrid: "conversations with role and content"
        case .alpaca: "instruction and output"
        case .promptCompletion: "prompt and completion"
        case .promptCompletionMessages: "prompt and completion as messages"
        case .textLabel: "text and label"
        case .text: "plain text"
        case .gemini: "Gemini contents"
        case .renderedChatML: "text rendered as ChatML"
        case .renderedLlama: "text rendered for Llama or Mistral"
        }
    }
}

extension DatasetNeed {
    var words: String {
        switch self {
        case .moreExamples(let count, let band):
            "\(AuditView.number(count)) more effective examples reach the next band. \(band.title)."
        case .settledConflicts(let rows):
            "Settle the conflicts: \(AuditView.number(rows)) rows contradict each other and do not count."
        case .rowsForLabels(let labels):
            "Add rows for the rarest labels: \(labels.map { "\($0.text) (\($0.count))" }.joined(separator: ", "))."
        case .newRows(let copies):
            "\(AuditView.number(copies)) rows repeat others: new requests in their place would count."
        case .readableRows(let rows): "Repair the \(AuditView.number(rows)) rows that were dropped."
        case .realRows:
            "Mark rows that come from real use with `\"real\": true`: a test on real requests says more than one on written ones."
        }
    }
}
