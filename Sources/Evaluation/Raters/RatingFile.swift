package import JSONText

/// What one rater said: a file saved by the review page, checked against the review it belongs to.
package struct RatingFile: Sendable, Hashable {
    package static let format = "hone-review-1"

    /// Counted from 1.
    package let rater: Int
    package let name: String
    package let isSynthetic: Bool
    package let ratings: [Rating]
    package let choices: [Choice]

    /// One number one rater gave to one answer.
    package struct Rating: Sendable, Hashable {
        package let rater: Int
        package let row: Int
        package let arm: Int
        package let axis: String
        package let value: Int
        package let isRepeat: Bool
    }

    /// Which of two answers a rater preferred: above 0 the arm in question, below 0 the baseline, 0 neither.
    package struct Choice: Sendable, Hashable {
        package let rater: Int
        package let row: Int
        package let preference: Int
        package let isRepeat: Bool
    }
}

/// Why a rater's file cannot be used, and where in it.
package enum RatingFileError: Error, Sendable, Hashable {
    case notJSON(path: String, JSONSyntaxError)
    /// No file of the review page: `key` is missing or of another kind.
    case notRatings(path: String, key: String)
    case otherReview(path: String, found: String, expected: String)
    case noSuchRater(path: String, rater: Int, raters: Int)
    case sameRater(rater: Int, paths: [String])
    /// The page was made for a demonstration and the file is not marked, or the other way round.
    case syntheticMismatch(path: String, isSynthetic: Bool)
    case problems(path: String, [Problem])

    package struct Problem: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case missingCard, cardTwice, unknownCard
            /// The axis was left out.
            case missing(axis: String)
            case notOnScale(axis: String, value: String)
            case unknownAxis(String)
            case missingChoice
            case unknownChoice(String)
            /// A key stands twice; readers differ in which one they take.
            case keyTwice(String)
        }

        package let card: Int
        /// `a` or `b`; nil where it is about the whole card.
        package let side: String?
        package let kind: Kind

        init(_ card: Int, _ side: String? = nil, _ kind: Kind) {
            self.card = card
            self.side = side
            self.kind = kind
        }
    }
}

extension RatingFile {
    package static let sides = ["a", "b"]

    package init(
        _ text: String, path: String, of review: Review, cards: [[Review.Card]]
    ) throws(RatingFileError) {
        let json: JSONValue
        do { json = try JSONValue.parse(text) } catch { throw .notJSON(path: path, error) }
        guard json["format"]?.stringValue == Self.format else { throw .notRatings(path: path, key: "format") }
        guard let id = json["review"]?.stringValue else { throw .notRatings(path: path, key: "review") }
        guard id == review.id else { throw .otherReview(path: path, found: id, expected: review.id) }
        guard let rater = json["rater"]?.intValue else { throw .notRatings(path: path, key: "rater") }
        guard cards.indices.contains(rater - 1) else {
            throw .noSuchRater(path: path, rater: rater, raters: cards.count)
        }
        guard let given = json["cards"]?.arrayValue else { throw .notRatings(path: path, key: "cards") }
        isSynthetic = json["synthetic"]?.boolValue ?? false
        guard isSynthetic == review.isSynthetic else {
            throw .syntheticMismatch(path: path, isSynthetic: isSynthetic)
        }
        self.rater = rater
        name = json["name"]?.stringValue ?? ""
        var reading = Reading(review: review, rater: rater, cards: cards[rater - 1])
        reading.read(given)
        guard reading.problems.isEmpty else { throw .problems(path: path, reading.problems) }
        ratings = reading.ratings
        choices = reading.choices
    }
}

private struct Reading {
    let review: Review
    let rater: Int
    let cards: [Review.Card]
    var ratings: [RatingFile.Rating] = []
    var choices: [RatingFile.Choice] = []
    var problems: [RatingFileError.Problem] = []

    mutating func read(_ given: [JSONValue]) {
        var seen: Set<Int> = []
        let known = Dictionary(cards.map { ($0.number, $0) }) { first, _ in first }
        for (place, json) in given.enumerated() {
            guard let number = json["card"]?.intValue, let card = known[number] else {
                problems.append(.init(json["card"]?.intValue ?? place + 1, nil, .unknownCard))
                continue
            }
            guard seen.insert(number).inserted else {
                problems.append(.init(number, nil, .cardTwice))
                continue
            }
            read(json, card)
        }
        for card in cards where !seen.contains(card.number) { problems.append(.init(card.number, nil, .missingCard)) }
        problems.sort { $0.card < $1.card }
    }

    private mutating func read(_ json: JSONValue, _ card: Review.Card) {
        for (place, arm) in card.sides.enumerated() {
            let side = RatingFile.sides[place], object = json["ratings"]?[side]
            for key in object?.objectValue?.duplicateKeys ?? [] {
                problems.append(.init(card.number, side, .keyTwice(key)))
            }
            for key in object?.objectValue?.keys ?? [] where !review.rubric.axes.contains(where: { $0.id == key }) {
                problems.append(.init(card.number, side, .unknownAxis(key)))
            }
            for axis in review.rubric.axes {
                guard let found = object?[axis.id], !found.isNull else {
                    problems.append(.init(card.number, side, .missing(axis: axis.id)))
                    continue
                }
                guard let value = found.intValue, Rubric.scale.contains(value) else {
                    problems.append(.init(card.number, side, .notOnScale(axis: axis.id, value: found.text())))
                    continue
                }
                ratings.append(
                    .init(
                        rater: rater, row: card.row, arm: arm, axis: axis.id, value: value, isRepeat: card.isRepeat))
            }
        }
        if review.arms.count == 2 { readChoice(json, card) }
    }

    private mutating func readChoice(_ json: JSONValue, _ card: Review.Card) {
        guard let found = json["better"], !found.isNull else {
            problems.append(.init(card.number, nil, .missingChoice))
            return
        }
        let word = found.stringValue ?? found.text()
        let preference: Int
        switch word {
        case "same": preference = 0
        case "a": preference = card.sides[0] == 0 ? 1 : -1
        case "b": preference = card.sides[1] == 0 ? 1 : -1
        default:
            problems.append(.init(card.number, nil, .unknownChoice(word)))
            return
        }
        choices.append(.init(rater: rater, row: card.row, preference: preference, isRepeat: card.isRepeat))
    }
}
