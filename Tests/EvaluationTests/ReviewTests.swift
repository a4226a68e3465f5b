import JSONText
import Testing

@testable import Evaluation

@Suite("Answers laid out for people")
struct ReviewTests {
    @Test("a rater sees every row once and a tenth twice, in an order of their own, with both arms on both sides")
    func cards() throws {
        let review = ReviewFixture.review(), cards = ReviewFixture.cards(review)
        for own in cards {
            #expect(own.count == 55)
            #expect(own.map(\.number) == Array(1...55))
            #expect(Set(own.filter { !$0.isRepeat }.map(\.row)) == Set(0..<50))
            #expect(own.filter(\.isRepeat).count == 5)
            #expect(abs(own.count { $0.sides == [0, 1] } - own.count { $0.sides == [1, 0] }) <= 1)
        }
        #expect(cards[0].map(\.row) != cards[1].map(\.row))
        #expect(ReviewFixture.cards(ReviewFixture.review()) == cards)
        #expect(ReviewFixture.review(seed: 8).id != review.id)
    }

    @Test("the sample holds right and wrong rows in their true shares, and all rows where there are few")
    func sample() {
        let review = ReviewFixture.review(rows: 200)
        #expect(review.rows.count == 50)
        #expect(Set(review.rows.map(\.line)).count == 50)
        #expect(review.rows.count { $0.answers[0] != $0.expected } == 5)
        #expect(ReviewFixture.review(rows: 12).rows.count == 12)
        #expect(ReviewFixture.review(rows: 12, isPaired: false).arms == ["tuned"])
    }

    @Test("a review reads back as it was written, and one that was changed is no review")
    func storing() throws {
        let review = ReviewFixture.review(rows: 20), cards = ReviewFixture.cards(review)
        let text = review.json(cards: cards).text()
        let read = try #require(Review.read(try JSONValue.parse(text)))
        #expect(read.review == review)
        #expect(read.cards == cards)
        #expect(Review.read(try JSONValue.parse(text.replacing("tuned is wrong", with: "tuned is right"))) == nil)
    }

    private func read(_ file: JSONObject, _ review: Review) throws -> RatingFile {
        try RatingFile(
            JSONValue.object(file).text(), path: "rater.json", of: review, cards: ReviewFixture.cards(review))
    }

    @Test("a rater's file is taken apart by row and arm, whatever side an answer stood on")
    func reading() throws {
        let review = ReviewFixture.review(rows: 20)
        let file = try read(ReviewFixture.file(review, rater: 2, choose: { $0 % 2 == 0 ? 0 : 1 }), review)
        #expect(file.rater == 2)
        #expect(file.ratings.count == 22 * 2 * 3)
        #expect(file.ratings.allSatisfy { $0.value == ($0.arm == 0 ? 5 : 2) })
        #expect(file.choices.allSatisfy { $0.preference == ($0.row % 2 == 0 ? 1 : -1) })
    }

    @Test("files of another review, another rater or another format are refused")
    func otherFiles() throws {
        let review = ReviewFixture.review(rows: 20)
        let other = ReviewFixture.file(ReviewFixture.review(rows: 20, seed: 9), rater: 1)
        #expect(throws: RatingFileError.self) { try read(other, review) }
        var file = ReviewFixture.file(review, rater: 1)
        file["rater"] = 4
        #expect(throws: RatingFileError.noSuchRater(path: "rater.json", rater: 4, raters: 3)) { try read(file, review) }
        file["format"] = "something else"
        #expect(throws: RatingFileError.notRatings(path: "rater.json", key: "format")) { try read(file, review) }
        file = ReviewFixture.file(review, rater: 1)
        file["synthetic"] = true
        #expect(throws: RatingFileError.syntheticMismatch(path: "rater.json", isSynthetic: true)) {
            try read(file, review)
        }
    }

    @Test("missing, doubled and impossible ratings are named with their card, side and axis")
    func problems() throws {
        let review = ReviewFixture.review(rows: 20)
        func problems(_ change: (inout [JSONValue]) -> Void) -> [RatingFileError.Problem] {
            var file = ReviewFixture.file(review, rater: 1)
            var cards = file["cards"]?.arrayValue ?? []
            change(&cards)
            file["cards"] = .array(cards)
            let error = #expect(throws: RatingFileError.self) { try read(file, review) }
            guard case .problems(_, let problems) = error else { return [] }
            return problems
        }
        func setting(_ place: Int, _ side: String, _ axis: String, _ value: JSONValue?, in cards: inout [JSONValue]) {
            guard var card = cards[place].objectValue, var ratings = card["ratings"]?.objectValue,
                var own = ratings[side]?.objectValue
            else { return }
            own[axis] = value
            ratings[side] = .object(own)
            card["ratings"] = .object(ratings)
            cards[place] = .object(card)
        }
        #expect(problems { $0.removeLast() } == [.init(22, nil, .missingCard)])
        #expect(problems { $0.append($0[4]) } == [.init(5, nil, .cardTwice)])
        #expect(problems { setting(2, "b", "safety", nil, in: &$0) } == [.init(3, "b", .missing(axis: "safety"))])
        #expect(problems { setting(2, "b", "safety", .null, in: &$0) } == [.init(3, "b", .missing(axis: "safety"))])
        for value in [JSONValue(0), 6, 3.5, "4", true] {
            #expect(
                problems { setting(0, "a", "clarity", value, in: &$0) }
                    == [.init(1, "a", .notOnScale(axis: "clarity", value: value.text()))])
        }
        #expect(problems { setting(0, "a", "beauty", 3, in: &$0) } == [.init(1, "a", .unknownAxis("beauty"))])
        #expect(
            problems {
                var card = $0[6].objectValue
                card?["better"] = "tuned"
                $0[6] = JSONValue.object(card ?? [:])
            } == [.init(7, nil, .unknownChoice("tuned"))])
        #expect(throws: Never.self) { try read(ReviewFixture.file(review, rater: 1), review) }
    }
}

@Suite("What a panel of raters said")
struct PanelResultTests {
    private func panel(
        rows: Int = 50, rate: @escaping (_ rater: Int, _ row: Int, _ arm: Int) -> Int,
        choose: @escaping (Int) -> Int? = { _ in 0 }
    ) throws -> PanelResult {
        let review = ReviewFixture.review(rows: rows, raters: 3), cards = ReviewFixture.cards(review)
        let files = try (1...3).map { rater in
            let file = ReviewFixture.file(
                review, rater: rater, rate: { row, arm, _ in JSONValue(rate(rater, row, arm)) }, choose: choose)
            return try RatingFile(JSONValue.object(file).text(), path: "f", of: review, cards: cards)
        }
        return PanelResult(review, files, lowRating: 2)
    }

    @Test("repeated cards are not counted twice, and a rater who repeats themselves agrees with themselves")
    func repeats() throws {
        let panel = try panel { _, row, arm in arm == 0 ? 4 + row % 2 : 1 + row % 3 }
        #expect(panel.axes[0].arms[0].mean.n == 150)
        #expect(panel.axes[0].arms[0].counts == [0, 0, 0, 75, 75])
        for rater in panel.raters {
            #expect(rater.repeats == 5 * 2 * 3)
            #expect(rater.repeatedEqual == rater.repeats)
            #expect(rater.severity?.value == 0)
        }
        #expect(panel.axes[0].agreement.alpha == 1)
        #expect(panel.preference?.wins == 50)
        #expect(try #require(panel.preference).pValue < 1e-12)
    }

    @Test("a strict rater shows as strict, and costs agreement")
    func severity() throws {
        let panel = try panel { rater, row, arm in max(1, (arm == 0 ? 4 + row % 2 : 2 + row % 2) - (rater == 3 ? 1 : 0))
        }
        #expect(panel.raters[2].severity?.value == -1)
        #expect(panel.raters[0].severity?.value == 0.5)
        let alpha = try #require(panel.axes[0].agreement.alpha)
        #expect(alpha < 1 && alpha > 0)
        #expect(panel.axes[0].kappas.count == 3)
    }

    @Test("answers that half of the raters find bad are counted, and ties are neither won nor lost")
    func low() throws {
        let panel = try panel(rate: { rater, row, arm in arm == 0 ? (row < 5 && rater < 3 ? 2 : 5) : 1 }) {
            $0 < 10 ? nil : $0 < 15 ? 1 : 0
        }
        #expect(panel.axes[0].arms[0].low.value == 0.1)
        #expect(panel.axes[0].arms[1].low.value == 1)
        #expect(panel.preference.map { [$0.wins, $0.ties, $0.losses] } == [35, 10, 5])
    }

    @Test("all-equal ratings have no agreement to speak of, and nothing is NaN")
    func allEqual() throws {
        let panel = try panel(rate: { _, _, _ in 5 }) { _ in nil }
        #expect(panel.axes[0].agreement.alpha == nil)
        #expect(panel.axes[0].kappas.isEmpty)
        #expect(panel.axes[0].arms[0].mean.value == 5)
        #expect(panel.preference?.winRate == nil)
        #expect(panel.preference?.pValue == 1)
        #expect(!panel.json.text().contains("nan"))
        #expect(try PanelResult(json: JSONValue.parse(panel.json.text())) == panel)
    }
}

@Suite("A pilot with real requests")
struct PilotTests {
    private func line(_ number: Int, _ rest: String = #""accurate": true, "safe": true, "satisfaction": 5"#) -> String {
        #"{"request": "real request \#(number)", \#(rest)}"#
    }

    @Test("shares come with intervals, and no unsafe answer in fifty is not none at all")
    func counting() throws {
        let wrong = #""accurate": false, "safe": true, "satisfaction": 3"#
        let text = (1...50).map { line($0, $0 <= 7 ? wrong : #""accurate": true, "safe": true, "satisfaction": 5"#) }
        let pilot = PilotResult(try PilotFile(text.joined(separator: "\r\n"), path: "p"), isSynthetic: false)
        #expect(pilot.requests == 50)
        #expect(abs(pilot.accuracy.low - 0.738138) < 1e-6)
        #expect(pilot.unsafe.value == 0 && pilot.unsafe.high > 0.07)
        #expect(pilot.counts == [0, 0, 7, 0, 43])
        #expect(try PilotResult(json: JSONValue.parse(pilot.json.text())) == pilot)
    }

    @Test("every line that cannot be used is named, with what is wrong in it")
    func problems() throws {
        let text = [
            line(1), line(1), "not json", line(3, #""accurate": "yes", "safe": true, "satisfaction": 5"#),
            line(4, #""accurate": true, "satisfaction": 5"#),
            line(5, #""accurate": true, "safe": true, "satisfaction": 0"#),
            line(6, #""accurate": true, "safe": true, "satisfaction": NaN"#), line(7), "", #"{"accurate": true}"#,
            line(8, #""accurate": true, "accurate": false, "safe": true, "satisfaction": 5"#), "[]",
        ].joined(separator: "\n")
        let error = #expect(throws: PilotFileError.self) { try PilotFile(text, path: "p", known: ["real request 7"]) }
        guard case .problems(_, let found) = error else { return }
        #expect(found.map(\.line) == [2, 3, 4, 5, 6, 7, 8, 10, 11, 12])
        #expect(found[0].kind == .requestTwice(earlier: 1))
        #expect(found[2].kind == .notYesOrNo("accurate", "\"yes\""))
        #expect(found[3].kind == .missing("safe"))
        #expect(found[4].kind == .notOnScale("0"))
        #expect(found[6].kind == .heldOutRequest)
        #expect(found[7].kind == .missing("request"))
        #expect(found[8].kind == .keyTwice("accurate"))
        #expect(throws: PilotFileError.empty(path: "p")) { try PilotFile("\n \n", path: "p") }
    }
}
