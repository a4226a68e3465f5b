import Evaluation
import FileStore
import JSONText
import Plan
import Publishing

/// Judgements of pairs of a run's answers, added up for every pair of arms they name.
struct JudgedAnswers {
    let run: RunFolder
    let path: String
    let isJSON: Bool
    private let store = FileStore()

    init(run: RunFolder, path: String, isJSON: Bool) {
        (self.run, self.path, self.isJSON) = (run, path, isJSON)
    }

    /// Shows the pairs and writes them to `eval/judgements.json`.
    func show() throws {
        let judgements = try PairwiseJudgements(text: try store.readText(path), path: path)
        guard let result = try ReportInput(folder: run, store).evaluation else { throw NothingMeasured(folder: run.path) }
        let pairs = pairs(of: judgements, result)
        guard !pairs.isEmpty else {
            throw JudgementError.noneFits(path: path, arms: result.arms.map(\.arm.name))
        }
        let json = JSONValue.array(pairs.map(\.json))
        try store.write(json.text(.pretty) + "\n", to: run.eval + "/judgements.json")
        Terminal.data(isJSON ? json.text(.pretty) : pairs.map(text).joined(separator: "\n\n"))
        Terminal.say("written: \(shellWord(run.eval + "/judgements.json"))")
    }

    /// The arm that was trained comes first; of others the one the run lists later.
    private func pairs(of judgements: PairwiseJudgements, _ result: EvaluationResult) -> [JudgedPair] {
        var seen: Set<Set<String>> = [], pairs: [JudgedPair] = []
        for verdict in judgements.verdicts where seen.insert([verdict.first, verdict.second]).inserted {
            let arms = result.arms.filter { $0.arm.name == verdict.first || $0.arm.name == verdict.second }
            guard arms.count == 2 else { continue }
            let order = arms[0].arm.kind.isTrained && !arms[1].arm.kind.isTrained ? arms : arms.reversed()
            if let pair = JudgedPair(judgements, arm: order[0], baseline: order[1]) { pairs.append(pair) }
        }
        return pairs
    }

    private func text(_ pair: JudgedPair) -> String {
        let rate = pair.rate
        var lines = [
            "\(pair.arm) against \(pair.baseline), \(grouped(rate.share.n)) judgements in both orders"
                + (pair.judges.isEmpty ? "" : " by " + pair.judges.joined(separator: ", ")),
            "  wins \(rate.wins), ties \(rate.ties), losses \(rate.losses): win rate \(share(rate.share)), p = \(fixed(rate.pValue, 4))",
            "  judgements that flipped with the order, counted as ties: \(share(pair.flips))",
        ]
        if let longer = pair.longerWins { lines.append("  the longer answer won: \(share(longer)) of \(longer.n)") }
        if pair.oneOrderOnly > 0 {
            lines.append("  in one order only and not counted: \(grouped(pair.oneOrderOnly))")
        }
        return lines.joined(separator: "\n")
    }

    private func share(_ figure: Interval) -> String {
        "\(fixed(figure.value * 100, 1)) % (\(fixed(figure.low * 100, 1)) to \(fixed(figure.high * 100, 1)))"
    }
}
