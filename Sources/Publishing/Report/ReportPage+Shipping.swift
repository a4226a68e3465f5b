import Evaluation

extension ReportPage {
    /// Every form the model is shipped in, beside the model that was evaluated.
    struct ShippingPart {
        let metric: String
        let rows: String
        let passes: Bool
        let rungs: [Rung]
        let problems: [Problem]
        /// Programs that were asked, and those that could not be; nil where there are none.
        let asked: String?
        let absent: String?

        struct Rung {
            let name: String
            let agreement: String
            let equal: String
            let score: String
            let range: String
            let stops: String
            let kept: String
            let state: String
        }

        struct Problem {
            let name: String
            let text: String
        }

        init(_ ladder: ShippingLadder, _ words: Words) {
            metric = words.name(.metrics, ladder.metric.rawValue)
            rows = Figure.count(ladder.rows)
            passes = ladder.passes
            func list(_ texts: [String]) -> String? { texts.isEmpty ? nil : texts.joined(separator: ", ") }
            asked = list(ladder.programs(.asked).map { $0.version ?? $0.name })
            absent = list((ladder.programs(.absent) + ladder.programs(.asleep)).map(\.name))
            rungs =
                [Rung(ladder.base, ladder, words), Rung(ladder.reference, ladder, words)]
                + ladder.rungs.map { Rung($0, ladder, words) }
            problems = ladder.rungs.flatMap { rung in
                rung.findings.map { Problem(name: rung.name, text: Self.text($0, words)) }
                    + rung.failures.filter { $0 != .finding }.map {
                        Problem(name: rung.name, text: Self.text($0, words))
                    }
            }
        }

        private static func text(_ finding: ShippingLadder.Finding, _ words: Words) -> String {
            let sentence = words.name(.shipping, finding.id)
            switch finding {
            case .endTokens(let expected, let found):
                return sentence.replacing("{expected}", with: expected.joined(separator: " "))
                    .replacing("{found}", with: found.isEmpty ? "none" : found.joined(separator: " "))
            case .promptTokens(let count), .rowsNotPermuted(let count), .mergedInto4Bits(let count):
                return sentence.replacing("{count}", with: Figure.count(count))
            case .noTemplate: return sentence
            case .tokenizerFile(let name): return sentence.replacing("{name}", with: name)
            case .otherWeights(let tensor, let error):
                return sentence.replacing("{name}", with: tensor).replacing("{error}", with: Figure.percent(error))
            case .refused(let program, let said):
                return sentence.replacing("{name}", with: program).replacing("{said}", with: said)
            }
        }

        private static func text(_ failure: ShippingLadder.Failure, _ words: Words) -> String {
            func say(_ id: String, _ value: Double, _ bound: Double) -> String {
                words.name(.shipping, id).replacing("{value}", with: Figure.percent(value))
                    .replacing("{bound}", with: Figure.percent(bound))
            }
            switch failure {
            case .agreement(let value, let least): return say("low_agreement", value, least)
            case .keptChange(let value, let least): return say("low_kept_change", value, least)
            case .stopRate(let value, let reference, _): return say("low_stop_rate", value, reference)
            case .score(let value, let low): return say("low_score", value, low)
            case .finding: return ""
            }
        }
    }
}

extension ReportPage.ShippingPart.Rung {
    fileprivate init(_ rung: ShippingLadder.Rung, _ ladder: ShippingLadder, _ words: Words) {
        let isRatio = ladder.metric.scale == .ratio
        func spelled(_ value: Double) -> String { isRatio ? Figure.plain(value) : Figure.fixed(value * 100, digits: 1) }
        name = rung.form == "base" || rung.form == "reference" ? words.name(.shipping, rung.form) : "`\(rung.name)`"
        agreement = rung.form == "base" ? "–" : rung.agreement.map { Figure.percent($0, digits: 2) } ?? "–"
        equal = Figure.count(rung.equalAnswers)
        score = rung.score.map { spelled($0.value) } ?? "–"
        range = rung.score.map { "\(spelled($0.low))–\(spelled($0.high))" } ?? "–"
        stops = rung.stopRate.map { Figure.percent($0) } ?? "–"
        kept = rung.keptChange.map { Figure.percent($0) } ?? "–"
        state =
            rung.form == "base" || rung.form == "reference"
            ? "" : words.name(.readiness, rung.failures.isEmpty ? "pass" : "fail")
    }
}
