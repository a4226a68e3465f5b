import Advisor
import Foundation
import JSONText
import Plan
import RuleEngine
import Workflows
import YAMLText

/// A reviewed plan as a person at a terminal reads it, and as JSON.
struct PlanView {
    let review: PlanReview
    let sources: SourceBook

    private var findings: [PlanFinding] { review.findings }

    /// The worst that is left once overrides count.
    var verdict: String {
        if !review.blocking.isEmpty { return "red" }
        if findings.contains(where: { $0.override != nil }) { return "overridden" }
        return findings.isEmpty ? "green" : "amber"
    }

    /// Every finding with place, reason and sources, then what nothing speaks against.
    func text(_ page: Page) -> String {
        var lines = [page.bold(headline)]
        for finding in findings {
            lines.append("")
            let place = finding.place.map { "\($0)  " } ?? ""
            let value = finding.value.isEmpty ? "" : " \(finding.value)"
            lines += page.item(
                finding.band == .red ? "✗ red:" : "! amber:", "\(place)\(finding.key)\(value): \(finding.rule.title)",
                indent: 0)
            lines += page.wrap(finding.rule.rationale, indent: 4)
            lines += page.wrap(receipt(finding.rule), indent: 4, hanging: 6)
            for dissent in finding.rule.dissent {
                lines += page.wrap(
                    "another says: \(dissent.says) (\(sources.spelled(dissent.citation)))", indent: 4, hanging: 6)
            }
            if let reason = finding.override { lines += page.wrap("taken on: \(reason)", indent: 4, hanging: 6) }
        }
        if !green.isEmpty {
            lines += [""] + page.wrap("green: " + green.joined(separator: ", "), indent: 0, hanging: 2)
        }
        if let cutting { lines += [""] + page.wrap(cutting, indent: 0) }
        if let power = review.power { lines += page.wrap(power.words, indent: 0) }
        return lines.joined(separator: "\n")
    }

    /// One line for the talk of other commands.
    var headline: String {
        let red = findings.count { $0.band == .red }, amber = findings.count - red
        let taken = findings.count { $0.override != nil }
        let file = review.document.places["version"]?.file ?? "plan"
        let words =
            ["\(red) red", "\(amber) amber", "\(green.count) green"]
            + (taken > 0 ? ["\(taken) taken on with a reason"] : [])
        return "\(file): " + words.joined(separator: ", ")
    }

    /// What the length does to the rows.
    var cutting: String? {
        guard let cut = review.rowsCut, let empty = review.rowsWithoutTarget else { return nil }
        let length = review.document.plan.training.maxLength
        return
            "At \(length) tokens \(cut) training rows lose their end, and \(empty) rows are left with nothing to learn."
    }

    /// Keys that lints look at and nothing speaks against.
    private var green: [String] {
        let named = Set(findings.map(\.key))
        return review.linter.keys.filter { !named.contains($0) }
    }

    private func receipt(_ rule: Rule) -> String {
        let cited = rule.sources.map(sources.spelled).joined(separator: "; ")
        let basis = rule.basis == .judgement ? "judgement of \(rule.owner ?? "hone")" : rule.basis.rawValue
        return "rule \(rule.id), \(basis)" + (cited.isEmpty ? "" : ": \(cited)")
    }

    var json: JSONValue {
        [
            "verdict": .string(verdict),
            "findings": .array(findings.map(json)),
            "green": .array(green.map(JSONValue.string)),
            "rows_cut": JSONValue(review.rowsCut) { JSONValue($0) },
            "rows_without_target": JSONValue(review.rowsWithoutTarget) { JSONValue($0) },
            "test_rows": JSONValue(review.power) { JSONValue($0.testRows) },
            "detectable_difference": JSONValue(review.power?.detectable) { JSONValue($0) },
            "folds": JSONValue(review.power?.folds) { JSONValue($0) },
            "detectable_in_folds": JSONValue(review.power?.detectableInFolds) { JSONValue($0) },
        ]
    }

    private func json(_ finding: PlanFinding) -> JSONValue {
        [
            "lint": .string(finding.name), "rule": .string(finding.rule.id), "band": .string(finding.band.rawValue),
            "key": .string(finding.key), "value": .string(finding.value),
            "file": JSONValue(finding.place) { .string($0.file) },
            "line": JSONValue(finding.place) { JSONValue($0.line) },
            "column": JSONValue(finding.place) { JSONValue($0.column) },
            "title": .string(finding.rule.title), "why": .string(finding.rule.rationale),
            "sources": .array(finding.rule.sources.map { .string(sources.spelled($0)) }),
            "dissent": .array(
                finding.rule.dissent.map {
                    ["says": .string($0.says), "source": .string(sources.spelled($0.citation))]
                }),
            "override": JSONValue(finding.override) { .string($0) },
        ]
    }
}

extension SplitPower {
    /// What the test rows can show, before anything is computed.
    var words: String {
        guard let detectable else { return "There are no test rows: nothing will show what training was worth." }
        let share = Int((differingShare * 100).rounded())
        var text =
            "\(testRows) test rows show differences of \(fixed(100 * detectable, 1)) points and more "
            + "(80 times of 100, if two ways differ on \(share) % of the rows)."
        if let folds, let detectableInFolds {
            text +=
                " With so few rows, the ways that train nothing are compared on every row in \(folds) folds, which shows"
                + " \(fixed(100 * detectableInFolds, 1)) points; only the trained model needs the held-out part."
        }
        return text
    }
}
