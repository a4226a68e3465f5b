import Advisor
import Datasets
import RuleEngine
import Workflows

extension EngineDisagrees: Explained {
    var explanation: Explanation {
        Explanation(
            "the engine says its model has the loss \(fixed(agreement.engine, 4)) on the rows of the contract, "
                + "hone's decoder finds \(fixed(agreement.hone, 4))",
            causes: [
                "more than \(fixed(agreement.tolerance, 3)) apart: what would be evaluated is not what was trained"
            ],
            hint: "keep \(run) and report it; `engine: bundled` trains without another engine", exitCode: .gateSaysNo)
    }
}

extension MissingTableRow: Explained {
    var explanation: Explanation {
        Explanation(
            "the table `\(table)` has no number in a row `\(row)`", hint: "add it, or take the shipped table",
            exitCode: .wrongUsage)
    }
}

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

extension ModelNotHere: Explained {
    var explanation: Explanation {
        Explanation(
            "the model \(download.id) is not on this disk", causes: download.words,
            hint: download.command)
    }
}

extension ModelDownload {
    /// Size, licence and gate, one line each.
    var words: [String] {
        let size = fixed(gigabytes, 1)
        let obliges = [
            "yes": "commercial use allowed", "no": "no commercial use", "conditions": "commercial use under conditions",
        ]
        return [
            "\(hubName): about \(size) GB in 16 bits, \(fixed(parametersBillion, 2)) billion parameters",
            "licence: \(licence), \(obliges[commercial] ?? "read the model card")",
            isGated ? "gated: accept its terms at https://huggingface.co/\(hubName) first" : "not gated",
        ]
    }
}

extension TemplateChanged: Explained {
    var explanation: Explanation {
        Explanation(
            "the tokenizer or chat template of \(model) is not the one the run was trained with",
            causes: ["a model that is asked in another form than it was trained in answers badly"],
            hint: "restore the model folder, or train again", exitCode: .gateSaysNo)
    }
}

extension PlanGateError: Explained {
    var explanation: Explanation {
        let name = findings.first?.name ?? ""
        return Explanation(
            "the plan must not be trained as it is: \(findings.count) red lint\(findings.count == 1 ? "" : "s")",
            causes: findings.map { finding in
                let place = finding.place.map { "\($0): " } ?? ""
                return
                    "\(place)\(finding.key)\(finding.value.isEmpty ? "" : " \(finding.value)"): \(finding.rule.title) (\(finding.name))"
            },
            hint:
                "change it, or take it on: `--accept \(name) --because …`; `hone rules why lint.\(name)` gives the reasons",
            exitCode: .gateSaysNo)
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
            hint:
                "`hone audit --plan PLAN` shows the rows; `--accept \(check) --because …` with it takes the finding on",
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

extension RunVerification.Difference {
    var words: String {
        switch self {
        case .missing(let file): "\(file) is gone"
        case .changed(let file): "\(file) is not what it was when the run was recorded"
        case .trail(let error): "trail.jsonl: \(error.words)"
        case .notRecomputed(let file): "\(file) is not what the files that were handed in add up to"
        case .reportMissing(let file): "the report has no \(file)"
        case .reportChanged(let file): "\(file) of the report is not what the records give"
        }
    }
}

extension SigningError: Explained {
    var explanation: Explanation {
        switch self {
        case .notAsRecorded(let differences):
            Explanation(
                "the run is not as it was recorded, so there is nothing to sign", causes: differences.map(\.words),
                hint: "`hone report RUN` writes the report again; a record that was changed has to be restored",
                exitCode: .gateSaysNo)
        }
    }
}
