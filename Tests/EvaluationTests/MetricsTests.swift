import JSONText
import Testing

@testable import Evaluation

@Suite("Metrics")
struct MetricsTests {
    @Test("macro-F1 agrees with scikit-learn, unknown answers being a class of their own")
    func macroF1MatchesScikitLearn() throws {
        for row in try StatisticsFixture().rows("macro_f1") {
            let gold = row.ints("gold"), given = row.ints("given").map { $0 < 0 ? 10 : $0 }
            #expect(abs(LabelScores.macroF1(expected: gold, given: given, classes: 11) - row.double("f1")) < 1e-9)
        }
    }

    @Test("token F1 agrees with SQuAD's script, traps included")
    func tokenF1MatchesSquad() throws {
        for row in try StatisticsFixture().rows("squad_f1") {
            #expect(abs(AnswerOverlap.f1(row.text("output"), row.text("expected")) - row.double("f1")) < 1e-9)
        }
    }

    @Test("the Unicode mode separates at hyphens and reads other scripts")
    func unicodeWords() {
        #expect(AnswerOverlap.f1("state of art", "state-of-art", .unicode) == 1)
        #expect(AnswerOverlap.f1("東京 です。", "東京 です", .unicode) == 1)
        #expect(AnswerOverlap.f1("ÉCOLE «neuve»", "école neuve", .unicode) == 1)
    }

    @Test(
        "strict parsing takes the whole output, lenient parsing finds it in a fence or in prose",
        arguments: [
            (#"{"a": 1}"#, true, true), ("```json\n{\"a\": 1}\n```", false, true),
            (#"Sure: {"a": "}"} ok"#, false, true),
            (#"{"a": 1"#, false, false), ("42", false, false), ("\"text\"", false, false), ("", false, false),
            ("{'a': 1}", false, false), ("[1, 2]", true, true), (#"{"a": NaN}"#, false, false),
            (#"{not json} but {"a": 1}"#, false, false),
        ])
    func parsing(output: String, strict: Bool, found: Bool) {
        let answer = JSONAnswer(output)
        #expect((answer.strict != nil) == strict)
        #expect((answer.found != nil) == found)
    }

    @Test("field F1 counts paths and values; numbers are compared by value")
    func fieldF1() throws {
        let expected = JSONFields(
            try JSONValue.parse(#"{"action":"create","item":{"title":"milk","n":1},"tags":["a","b"]}"#))
        let same = JSONFields(
            try JSONValue.parse(#"{"tags":["a","b"],"item":{"n":1.0,"title":"milk"},"action":"create"}"#))
        #expect(same.f1(against: expected) == 1)
        #expect(same.matches(expected))
        let half = JSONFields(try JSONValue.parse(#"{"action":"create","item":{"title":"bread"}}"#))
        #expect(abs(half.f1(against: expected) - 2.0 * 1 / 7) < 1e-12)
        #expect(!half.matches(expected))
        #expect(JSONFields(.object([:])).f1(against: JSONFields(.object([:]))) == 1)
        #expect(JSONFields(true).f1(against: JSONFields(1)) == 0)
    }

    @Test("metrics follow the form of the expected answers")
    func chosenMetrics() {
        let json = MetricSet.suiting(expected: [#"{"a":1}"#, #"{"a":2}"#])
        #expect(json.form == .json && json.primary == .exactMatch && json.all.contains(.fieldF1))
        let labels = MetricSet.suiting(expected: ["yes", "no", "yes", "no", "Yes."])
        #expect(labels.form == .labels && labels.primary == .labelAccuracy)
        let free = MetricSet.suiting(expected: [
            "Dear customer, we are sorry to hear that your parcel was lost on its way."
        ])
        #expect(free.form == .openText && free.primary == .tokenF1)
        #expect(MetricSet.suiting(expected: []).form == .openText)
    }

    @Test("an answer that names no label is wrong and counted")
    func unknownLabels() throws {
        let expected = ["cat", "cat", "dog", "dog"], outputs = ["Cat.", "a cat", "dog", ""]
        let items = zip(expected, outputs).enumerated().map {
            ItemResult(line: $0.offset + 1, prompt: "?", expected: $0.element.0, output: $0.element.1)
        }
        let result = ArmResult(
            arm: Arm(name: "base", kind: .base, model: "m"), items: items,
            scoring: ItemScoring(metrics: [.labelAccuracy, .macroF1], expected: expected))
        #expect(result.figures[.labelAccuracy]?.value == 0.5)
        #expect(result.figures[.labelAccuracy]?.n == 4)
        // cat: 1 of (2 + 1), dog: 1 of (2 + 1), unknown: none of 2.
        #expect(abs(try #require(result.figures[.macroF1]).value - (2.0 / 3 + 2.0 / 3 + 0) / 3) < 1e-12)
    }

    @Test("perplexity weighs tokens, not rows")
    func perplexity() throws {
        var short = ItemResult(line: 1, prompt: "a", expected: "b", output: "b")
        short.loss = TokenLoss(sum: 2, tokens: 1, bytes: 1)
        var long = ItemResult(line: 2, prompt: "a", expected: "b", output: "b")
        long.loss = TokenLoss(sum: 1, tokens: 9, bytes: 30)
        let result = ArmResult(
            arm: Arm(name: "base", kind: .base, model: "m"), items: [short, long],
            scoring: ItemScoring(metrics: [.perplexity, .bitsPerByte], expected: []))
        #expect(abs(try #require(result.figures[.perplexity]).value - 1.349858807576003) < 1e-12)
        #expect(abs(try #require(result.figures[.bitsPerByte]).value - 3 / 0.6931471805599453 / 31) < 1e-12)
    }

    @Test("items and figures survive the way through their files")
    func roundTrip() throws {
        var item = ItemResult(
            line: 7, prompt: "p|`<", expected: "yes", output: "no\u{202E}", finish: .length, promptTokens: 4,
            outputTokens: 2, loss: TokenLoss(sum: 1.25, tokens: 2, bytes: 3), seconds: 0.5, group: "g")
        item.scores = [.exactMatch: 0, .tokenF1: 0.25]
        #expect(ItemResult(json: item.json) == item)
        let interval = Interval(value: 0.5, low: 0.25, high: 0.75, n: 8, clusters: 4, method: .wilson)
        #expect(Interval(json: interval.json) == interval)
    }
}
