import JSONText
import Plan
import Publishing
import Registry
import YAMLText

extension ReportError: Explained {
    var explanation: Explanation {
        switch self {
        case .templateMissing(let name):
            Explanation(
                "the report template `\(name)` is missing", hint: "restore `templates/report/` of this installation")
        case .templateBroken(let name, let problem):
            Explanation(
                "the report template `\(name)` cannot be read", causes: [problem],
                hint: "repair `templates/report/\(name).mustache`")
        case .wordsBroken(let error): error.explanation
        case .file(let error): (error as any Error as? any Explained)?.explanation ?? Explanation("\(error)")
        case .notARun(let folder):
            Explanation(
                "\(folder) is not a run folder", causes: ["manifest.json is missing"],
                hint: "`hone runs` lists the runs",
                exitCode: .wrongUsage)
        case .recordBroken(let path, let problem):
            Explanation(
                "\(path) is damaged", causes: [problem.text],
                hint: "restore the file, or make the run again; the report would be wrong without it")
        }
    }
}

extension TrailError: Explained {
    var explanation: Explanation {
        Explanation(
            "trail.jsonl cannot be relied on", causes: [words], hint: "restore it; nothing is added to a broken chain",
            exitCode: .gateSaysNo)
    }

    var words: String {
        switch self {
        case .notAnEntry(let line): "line \(line) is no entry of a trail"
        case .changed(let line): "line \(line) was changed after it was written"
        case .notChained(let line): "before line \(line) an entry was taken out, put in or moved"
        }
    }
}

extension ReportError.RecordProblem {
    fileprivate var text: String {
        switch self {
        case .notJSON(let error): "line \(error.line), column \(error.column) is not JSON"
        case .manifest(.notAnObject): "the manifest is not an object"
        case .manifest(.missing(let key)): "the manifest lacks `\(key)`"
        case .manifest(.unknownVersion(let version)):
            "the manifest has version \(version), which this hone does not know"
        case .manifest(.unknownStatus(let word)): "the manifest has the unknown status `\(word)`"
        case .plan(let error): error.explanation.what
        case .trail(let error): error.words
        case .wrongShape: "it lacks the keys such a record must have"
        }
    }
}
