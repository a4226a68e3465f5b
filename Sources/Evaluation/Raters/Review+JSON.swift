package import JSONText

extension Review {
    /// `review/review.json`. It says whose answer stood on which side, so raters never see it.
    ///
    /// The cards are written out: ratings stay readable even if another version shuffles in another way.
    package func json(cards: [[Card]]) -> JSONValue {
        [
            "review": JSONValue(id), "run": JSONValue(run), "seed": JSONValue(seed), "raters": JSONValue(raters),
            "synthetic": JSONValue(isSynthetic), "rubric": rubric.json, "arms": .array(arms.map { JSONValue($0) }),
            "rows": .array(rows.map(\.json)),
            "cards": .array(cards.map { .array($0.map { Self.json($0) }) }),
        ]
    }

    private static func json(_ card: Card) -> JSONValue {
        [
            "card": JSONValue(card.number), "row": JSONValue(card.row),
            "sides": .array(card.sides.map { JSONValue($0) }), "repeat": JSONValue(card.isRepeat),
        ]
    }

    /// The review and the cards of each rater; nil where `json` is none, or was changed since it was written.
    package static func read(_ json: JSONValue) -> (review: Review, cards: [[Card]])? {
        guard let id = json["review"]?.stringValue, let run = json["run"]?.stringValue,
            let seed = json["seed"]?.intValue, let raters = json["raters"]?.intValue,
            let rubric = json["rubric"].flatMap(Rubric.init(json:)), let rows = json["rows"]?.arrayValue,
            let cards = json["cards"]?.arrayValue
        else { return nil }
        let arms = (json["arms"]?.arrayValue ?? []).compactMap(\.stringValue)
        let review = Review(
            run: run, rubric: rubric, seed: seed, raters: raters, arms: arms, rows: rows.compactMap(Row.init(json:)),
            isSynthetic: json["synthetic"]?.boolValue ?? false)
        guard review.id == id, review.rows.count == rows.count, cards.count == raters, !arms.isEmpty else { return nil }
        let read = cards.map { ($0.arrayValue ?? []).compactMap { card($0, review) } }
        guard zip(read, cards).allSatisfy({ $0.count == $1.arrayValue?.count }) else { return nil }
        return (review, read)
    }

    private static func card(_ json: JSONValue, _ review: Review) -> Card? {
        guard let number = json["card"]?.intValue, let row = json["row"]?.intValue,
            review.rows.indices.contains(row), let list = json["sides"]?.arrayValue
        else { return nil }
        let sides = list.compactMap(\.intValue)
        guard sides.sorted() == Array(review.arms.indices) else { return nil }
        return Card(number: number, row: row, sides: sides, isRepeat: json["repeat"]?.boolValue ?? false)
    }
}

extension Review.Row {
    var json: JSONValue {
        [
            "line": JSONValue(line), "prompt": JSONValue(prompt), "expected": JSONValue(expected),
            "answers": .array(answers.map { JSONValue($0) }),
        ]
    }

    init?(json: JSONValue) {
        guard let line = json["line"]?.intValue, let answers = json["answers"]?.arrayValue else { return nil }
        self.init(
            line: line, prompt: json["prompt"]?.stringValue ?? "", expected: json["expected"]?.stringValue ?? "",
            answers: answers.compactMap(\.stringValue))
    }
}
