import Datasets
import Workflows

extension ModelLocationError: Explained {
    var explanation: Explanation {
        switch self {
        case .notFound(let name):
            Explanation(
                "there is no model folder \(name)",
                hint:
                    "give a folder in Hugging Face layout, or \(ModelLocation.practiceName) for the embedded practice model"
            )
        case .practiceModelMissing(let path):
            Explanation(
                "the embedded practice model is missing: \(path)/config.json", hint: "`make base-model` makes it anew")
        }
    }
}

extension DataGateError: Explained {
    var explanation: Explanation {
        let check = findings.first?.check.rawValue ?? ""
        return Explanation(
            "the audit stops training: \(findings.count) finding\(findings.count == 1 ? "" : "s") at the level of an error",
            causes: findings.map { finding in
                let first = finding.examples.first.map { ", first in line \($0.place.line)" } ?? ""
                return "\(finding.check.rawValue): \(finding.title) (\(finding.count)\(first))"
            },
            hint: "`hone audit --plan PLAN` shows the rows; `--accept \(check) --because …` with it takes the finding on",
            exitCode: .gateSaysNo)
    }
}

extension CaseFolderError: Explained {
    var explanation: Explanation {
        switch self {
        case .notAFolder(let path):
            Explanation(
                "\(path) is not a folder", hint: "give a folder with answers.yaml and data.jsonl", exitCode: .wrongUsage
            )
        case .nothingInIt(let path):
            Explanation(
                "\(path) holds neither answers.yaml nor data", hint: "put data.jsonl into it", exitCode: .wrongUsage)
        case .file(let error): error.explanation
        }
    }
}
