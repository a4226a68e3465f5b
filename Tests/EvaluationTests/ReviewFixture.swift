import JSONText

@testable import Evaluation

/// Two arms on the same rows, laid out for people, and files as the page saves them.
enum ReviewFixture {
    static let rubric = Rubric(
        id: "quality",
        axes: [("clarity", nil), ("safety", Rubric.Role.safety), ("accuracy", .accuracy)].map {
            Rubric.Axis(id: $0.0, title: $0.0, question: "?", anchors: ["1", "2", "3", "4", "5"], role: $0.1)
        })

    static func evaluation(rows: Int) -> EvaluationResult {
        let expected = (0..<rows).map { "answer \($0)" }
        func arm(_ name: String, _ kind: Arm.Kind, _ isRight: (Int) -> Bool) -> ArmResult {
            let items = expected.enumerated().map { place, text in
                ItemResult(
                    line: place + 1, prompt: "question \(place)", expected: text,
                    output: isRight(place) ? text : "\(name) is wrong")
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: "m"), items: items,
                scoring: ItemScoring(metrics: [.exactMatch], expected: expected))
        }
        return EvaluationResult(
            split: "test", metrics: MetricSet.given([.exactMatch], expected: expected) ?? .generalKnowledge,
            decoding: .init(maxNewTokens: 8, batchSize: 1),
            arms: [arm("base", .base) { $0 % 10 == 0 }, arm("tuned", .tuned) { $0 % 10 != 1 }])
    }

    static func review(rows: Int = 190, outputs: Int = 50, raters: Int = 3, seed: Int = 7, isPaired: Bool = true)
        -> Review
    {
        let evaluation = evaluation(rows: rows)
        return Review(
            of: evaluation, run: "a-run", asked: evaluation.arms[1], baseline: isPaired ? evaluation.arms[0] : nil,
            rubric: rubric, raters: raters, outputs: outputs, seed: seed)
    }

    static func cards(_ review: Review) -> [[Review.Card]] {
        (1...review.raters).map { review.cards(rater: $0, repeats: 0.1) }
    }

    /// A file as the page saves it; `rate` says what one answer gets on one axis, `choose` which arm is better.
    static func file(
        _ review: Review, rater: Int, cards: [Review.Card]? = nil,
        rate: (_ row: Int, _ arm: Int, _ axis: String) -> JSONValue = { _, arm, _ in JSONValue(arm == 0 ? 5 : 2) },
        choose: (_ row: Int) -> Int? = { _ in 0 }
    ) -> JSONObject {
        let cards = cards ?? review.cards(rater: rater, repeats: 0.1)
        let given = cards.map { card -> JSONValue in
            let ratings = card.sides.enumerated().map { place, arm in
                (
                    RatingFile.sides[place],
                    JSONValue.object(
                        JSONObject(review.rubric.axes.map { ($0.id, rate(card.row, arm, $0.id)) }))
                )
            }
            let better = choose(card.row).flatMap { arm in card.sides.firstIndex(of: arm) }
            return [
                "card": JSONValue(card.number), "ratings": .object(JSONObject(ratings)),
                "better": JSONValue(better.map { RatingFile.sides[$0] } ?? "same"),
            ]
        }
        return [
            "format": JSONValue(RatingFile.format), "review": JSONValue(review.id), "rater": JSONValue(rater),
            "name": JSONValue("rater \(rater)"), "synthetic": false, "cards": .array(given),
        ]
    }
}
