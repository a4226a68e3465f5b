package import JSONText

/// Judgements of two answers to the same row by a person or a model, read in both orders: whoever comes first is often
/// preferred for that alone, so a judgement that flips when the answers change places is a tie.
package struct PairwiseJudgements: Sendable, Hashable {
    package struct Verdict: Sendable, Hashable {
        package enum Winner: String, Sendable, Hashable { case first, second, tie }

        package let line: Int
        package let file: Int
        package let first: String
        package let second: String
        package let winner: Winner
        package let judge: String?
    }

    package let verdicts: [Verdict]
    package var judges: [String] { Set(verdicts.compactMap(\.judge)).sorted() }

    /// One JSON object per line: `{"line": 7, "first": "tuned", "second": "base", "winner": "first", "judge": "…"}`.
    package init(text: String, path: String) throws(JudgementError) {
        var verdicts: [Verdict] = [], seen: Set<[String]> = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy(\.isWhitespace) { continue }
            let place = OutputsFileError.Place(path: path, line: index + 1)
            let row: JSONValue
            do { row = try JSONValue.parse(String(line)) } catch { throw .notJSON(error, place) }
            guard let number = row["line"]?.intValue, let first = row["first"]?.stringValue,
                let second = row["second"]?.stringValue, first != second
            else { throw .incomplete(place) }
            let said = row["winner"]?.stringValue ?? ""
            // The name of an arm says the same as its place.
            let word = said == first ? "first" : said == second ? "second" : said
            guard let winner = Verdict.Winner(rawValue: word) else { throw .unknownWinner(said, place) }
            let judge = row["judge"]?.stringValue, file = row["file"]?.intValue ?? 0
            guard seen.insert(["\(file):\(number)", first, second, judge ?? ""]).inserted else {
                throw .twice(line: number, place)
            }
            verdicts.append(
                Verdict(line: number, file: file, first: first, second: second, winner: winner, judge: judge))
        }
        guard !verdicts.isEmpty else { throw .empty(path: path) }
        self.verdicts = verdicts
    }
}

/// Why a file of judgements cannot be used.
package enum JudgementError: Error, Sendable, Hashable {
    case notJSON(JSONSyntaxError, OutputsFileError.Place)
    /// `line`, `first` and `second` say what was judged.
    case incomplete(OutputsFileError.Place)
    case unknownWinner(String, OutputsFileError.Place)
    case twice(line: Int, OutputsFileError.Place)
    case empty(path: String)
    /// An arm the run does not have, or rows nobody answered.
    case noneFits(path: String, arms: [String])
}

/// What judgements of two arms add up to.
package struct JudgedPair: Sendable, Hashable {
    package let arm: String
    package let baseline: String
    /// Over rows judged in both orders.
    package let rate: WinRate
    /// Rows whose judgement changed with the order, of those judged in both.
    package let flips: Interval
    /// Wins of the longer answer among those that are no ties; nil without any.
    package let longerWins: Interval?
    /// Rows judged in one order only: they are not counted.
    package let oneOrderOnly: Int
    package let judges: [String]

    /// Nil where no row was judged in both orders.
    package init?(
        _ judgements: PairwiseJudgements, arm: ArmResult, baseline: ArmResult, bootstrap: Bootstrap = .init()
    ) {
        struct Key: Hashable {
            let file: Int
            let line: Int
            let judge: String?
        }
        var forward: [Key: Double] = [:], backward: [Key: Double] = [:]
        for verdict in judgements.verdicts {
            let key = Key(file: verdict.file, line: verdict.line, judge: verdict.judge)
            let first = verdict.winner == .first ? 1.0 : verdict.winner == .second ? 0 : 0.5
            if (verdict.first, verdict.second) == (arm.arm.name, baseline.arm.name) { forward[key] = first }
            if (verdict.second, verdict.first) == (arm.arm.name, baseline.arm.name) { backward[key] = 1 - first }
        }
        let both = forward.keys.filter { backward[$0] != nil }.sorted { ($0.file, $0.line, $0.judge ?? "") < ($1.file, $1.line, $1.judge ?? "") }
        func items(_ result: ArmResult) -> [Key: ItemResult] {
            Dictionary(result.items.map { (Key(file: $0.file, line: $0.line, judge: nil), $0) }) { first, _ in first }
        }
        let answers = items(arm), others = items(baseline)
        var outcomes: [(group: String?, value: Double)] = [], flips = 0, longer = 0, decided = 0
        for key in both {
            let row = Key(file: key.file, line: key.line, judge: nil)
            guard let one = forward[key], let other = backward[key], let answer = answers[row], let rival = others[row]
            else { continue }
            let value = one == other ? one : 0.5
            flips += one == other ? 0 : 1
            // Several judges of one row are no independent rows.
            outcomes.append((answer.group ?? "\(key.file):\(key.line)", value))
            if value != 0.5, answer.output.count != rival.output.count {
                decided += 1
                longer += (answer.output.count > rival.output.count) == (value == 1) ? 1 : 0
            }
        }
        guard let rate = WinRate(outcomes, bootstrap: bootstrap),
            let flipped = Interval.wilson(successes: flips, of: outcomes.count)
        else { return nil }
        (self.arm, self.baseline, self.rate, self.flips) = (arm.arm.name, baseline.arm.name, rate, flipped)
        longerWins = Interval.wilson(successes: longer, of: decided)
        oneOrderOnly = forward.count + backward.count - 2 * both.count
        judges = judgements.judges
    }

    package var json: JSONValue {
        [
            "arm": JSONValue(arm), "baseline": JSONValue(baseline), "wins": JSONValue(rate.wins),
            "ties": JSONValue(rate.ties), "losses": JSONValue(rate.losses), "win_rate": rate.share.json,
            "p_value": JSONValue(rate.pValue), "flips": flips.json,
            "longer_wins": JSONValue(longerWins) { $0.json }, "one_order_only": JSONValue(oneOrderOnly),
            "judges": .array(judges.map { JSONValue($0) }),
        ]
    }
}
