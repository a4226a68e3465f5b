import Evaluation
import JSONText
import Workflows
import YAMLText

extension RatingFileError: Explained {
    var explanation: Explanation {
        switch self {
        case .notJSON(let path, let error):
            Explanation(
                "\(path):\(error.line):\(error.column): not JSON", hint: "hand in the file as the review page saved it")
        case .notRatings(let path, let key):
            Explanation(
                "\(path) is no file of a review page: `\(key)` is missing or wrong",
                hint: "hand in the file as the review page saved it", exitCode: .wrongUsage)
        case .otherReview(let path, let found, let expected):
            Explanation(
                "\(path) belongs to another review",
                causes: [
                    "it rates the review \(found.prefix(12)), this run's is \(expected.prefix(12))",
                    "another run, other rows, or pages that were made again since",
                ],
                hint: "hand in ratings of the pages that `hone review make` wrote last")
        case .noSuchRater(let path, let rater, let raters):
            Explanation(
                "\(path) is by rater \(rater); the pages were made for raters 1 to \(raters)",
                hint: "hand in the file as the review page saved it")
        case .sameRater(let rater, let paths):
            Explanation(
                "rater \(rater) handed in twice: \(paths.joined(separator: " and "))",
                causes: ["each page is for one person, and counts once"],
                hint: "`--replace` puts the new file in the place of the old one")
        case .syntheticMismatch(let path, let isSynthetic):
            Explanation(
                "\(path) is \(isSynthetic ? "" : "not ")marked as synthetic, the review is\(isSynthetic ? " not" : "")",
                hint: "synthetic and real ratings are never mixed")
        case .problems(let path, let problems):
            Explanation(
                "\(path) cannot be used: \(problems.count) problem\(problems.count == 1 ? "" : "s")",
                causes: problems.prefix(8).map(\.words)
                    + (problems.count > 8 ? ["and \(problems.count - 8) more"] : []),
                hint: "open the rater's page again, go on from this file, and press `u` for the first unfinished card")
        }
    }
}

extension RatingFileError.Problem {
    fileprivate var words: String {
        let place = "card \(card)" + (side.map { ", answer \($0.uppercased())" } ?? "")
        return switch kind {
        case .missingCard: "\(place): not in the file"
        case .cardTwice: "\(place): rated twice"
        case .unknownCard: "\(place): there is no such card"
        case .missing(let axis): "\(place): \(axis) is not rated"
        case .notOnScale(let axis, let value):
            "\(place): \(axis) is \(value.prefix(40)), not a whole number from 1 to 5"
        case .unknownAxis(let axis): "\(place): there is no axis `\(axis)`"
        case .missingChoice: "\(place): which answer is better is not said"
        case .unknownChoice(let word): "\(place): `\(word.prefix(40))` is neither a, b nor same"
        case .keyTwice(let key): "\(place): `\(key)` stands there twice"
        }
    }
}

extension PilotFileError: Explained {
    var explanation: Explanation {
        let shape = #"{"request": "…", "accurate": true, "safe": true, "satisfaction": 4}, one per line"#
        return switch self {
        case .empty(let path): Explanation("\(path) holds no requests", hint: shape)
        case .problems(let path, let problems):
            Explanation(
                "\(path) cannot be used: \(problems.count) problem\(problems.count == 1 ? "" : "s")",
                causes: problems.prefix(8).map { "\(path):\($0.line): \($0.words)" }
                    + (problems.count > 8 ? ["and \(problems.count - 8) more"] : []),
                hint: shape)
        }
    }
}

extension PilotFileError.Problem {
    fileprivate var words: String {
        switch kind {
        case .notJSON(let error): "not JSON (column \(error.column))"
        case .notAnObject: "no JSON object"
        case .keyTwice(let key): "`\(key)` stands there twice"
        case .missing(let key): "`\(key)` is missing"
        case .notYesOrNo(let key, let value): "`\(key)` is \(value.prefix(40)), not true or false"
        case .notOnScale(let value): "`satisfaction` is \(value.prefix(40)), not a whole number from 1 to 5"
        case .requestTwice(let earlier): "the request of line \(earlier) again"
        case .heldOutRequest: "this request was among the held-out rows; a pilot asks new ones"
        }
    }
}

extension ReviewError: Explained {
    var explanation: Explanation {
        switch self {
        case .nothingToJudge(let run):
            Explanation(
                "\(run) holds no answers to judge", hint: "`hone eval \(shellWord(run))` measures a trained run",
                exitCode: .wrongUsage)
        case .noSuchArm(let name, let known):
            Explanation(
                "there is no arm `\(name)`",
                hint: didYouMean(name, among: known).map { "did you mean `\($0)`?" }
                    ?? "arms are " + known.joined(separator: ", "), exitCode: .wrongUsage)
        case .noSuchRubric(let name, let known):
            Explanation(
                "there is no rubric `\(name)`",
                hint: didYouMean(name, among: known).map { "did you mean `\($0)`?" }
                    ?? "rubrics are " + known.joined(separator: ", "), exitCode: .wrongUsage)
        case .noReview(let run):
            Explanation(
                "no pages were made for \(run)", hint: "`hone review make \(shellWord(run))` writes them",
                exitCode: .wrongUsage)
        case .ratingsThere(let run, let raters):
            Explanation(
                "rater\(raters.count == 1 ? "" : "s") \(raters.map(String.init).joined(separator: ", ")) handed in ratings of \(run)",
                causes: ["a new review would throw them away"], hint: "`--replace` throws them away",
                exitCode: .wrongUsage)
        case .reviewBroken(let path):
            Explanation("\(path) is not what `hone review make` wrote", hint: "make the review again with `--replace`")
        case .answersChanged(let run):
            Explanation(
                "\(run) was measured again since the pages were made",
                causes: ["what was rated is not what the model answers now"],
                hint: "`hone review make \(shellWord(run)) --replace`, and rate again")
        }
    }
}

extension OverrideError: Explained {
    var explanation: Explanation {
        switch self {
        case .nothingJudged(let run): NothingMeasured(folder: run).explanation
        case .noSuchGate(let gate, let known):
            Explanation(
                "there is no gate `\(gate)`",
                hint: "gates are " + known.map { $0.uppercased() }.joined(separator: ", "),
                exitCode: .wrongUsage)
        case .nothingToTakeOn(let gate, let state):
            Explanation(
                "\(gate.uppercased()) is \(GateView.word(state)): there is nothing to take on", exitCode: .wrongUsage)
        }
    }
}
