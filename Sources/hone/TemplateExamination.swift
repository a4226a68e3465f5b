import JSONText
import Tokenization

/// What the template doctor found, for people and for tools.
struct TemplateExamination {
    let findings: [TemplateDoctor.Finding]

    var isHealthy: Bool { findings.allSatisfy(\.isPassed) }

    var json: JSONValue {
        let checks = findings.map { finding -> JSONValue in
            [
                "check": JSONValue(finding.check.rawValue), "passed": JSONValue(finding.isPassed),
                "detail": JSONValue(finding.detail),
            ]
        }
        return ["healthy": JSONValue(isHealthy), "checks": .array(checks)]
    }

    var text: String {
        findings.map { finding in
            let mark = finding.isPassed ? "ok  " : "FAIL"
            return "\(mark)  \(finding.check.words)" + (finding.detail.isEmpty ? "" : "\n        \(finding.detail)")
        }.joined(separator: "\n")
    }
}

extension TemplateDoctor.Check {
    fileprivate var words: String {
        switch self {
        case .renders: "a conversation is rendered"
        case .systemRole: "a system message is accepted"
        case .marksAnswers: "answers are learnt, questions are not"
        case .endOfTurnIsTrained: "the token that ends an answer is learnt"
        case .singleBeginOfSequence: "a conversation begins once"
        case .prefixIsKept: "what was said stays the same as the conversation goes on"
        case .promptIsPrefix: "an answer starts where training starts it"
        }
    }
}
