import Advisor

extension AdvisorError: Explained {
    var explanation: Explanation {
        switch self {
        case .yaml(let error): error.explanation
        case .fact(let problem, let place): problem.explanation(at: place)
        case .setting(let text):
            Explanation(
                "`--set \(text)` is not a fact and a value",
                hint: "write `--set fact=value`, such as `--set data.examples=800`",
                exitCode: .wrongUsage)
        case .noForm(let file):
            Explanation(
                "\(file) holds no answers",
                hint: "`hone advise --form \(file)` writes a form; an HTML form is saved by its own button",
                exitCode: .wrongUsage)
        case .missingDecision(let decision):
            Explanation("the rule book has no decision `\(decision)`", hint: "`--rules DIR` names another rule folder")
        case .batchLine(let line, let problem):
            Explanation(
                "line \(line): \(problem)", hint: "each line is one object of facts: {\"task.kind\": \"qa\"}",
                exitCode: .wrongUsage)
        }
    }
}
