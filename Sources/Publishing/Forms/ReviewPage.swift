package import Evaluation
import JSONText

/// The page on which one rater judges: one HTML file that needs no network, with its cards inside.
///
/// It does not say whose answers it shows.
package struct ReviewPage: Sendable {
    package let file: Report.File
    /// The file the page saves.
    package let ratings: String

    /// - Parameter rater: Counted from 1.
    package init(
        _ review: Review, cards: [Review.Card], rater: Int, title: String, _ templates: ReportTemplates
    ) throws(ReportError) {
        ratings = "ratings-\(rater).json"
        let data: JSONValue = [
            "format": JSONValue(RatingFile.format), "review": JSONValue(review.id), "rater": JSONValue(rater),
            "file": JSONValue(ratings), "sides": JSONValue(review.arms.count),
            "synthetic": JSONValue(review.isSynthetic),
            "axes": .array(
                review.rubric.axes.map { axis in
                    [
                        "id": JSONValue(axis.id), "title": JSONValue(axis.title), "question": JSONValue(axis.question),
                        "anchors": .array(axis.anchors.map { JSONValue($0) }),
                    ]
                }),
            "cards": .array(cards.map { Self.json($0, review) }),
        ]
        let page = Page(
            title: MarkdownText.visible(title), rater: String(rater), raters: String(review.raters),
            rows: String(review.rows.count), cards: String(cards.count), axes: String(review.rubric.axes.count),
            isPaired: review.arms.count == 2, isSynthetic: review.isSynthetic, file: ratings,
            // Inside a script only "<" can end the element.
            data: data.text().replacing("<", with: "\\u003c"))
        file = Report.File(
            name: "rater-\(rater).html", text: try templates.render(page, with: "review.html", isTidied: false))
    }

    private static func json(_ card: Review.Card, _ review: Review) -> JSONValue {
        let row = review.rows[card.row]
        return [
            "card": JSONValue(card.number), "prompt": JSONValue(MarkdownText.visible(row.prompt)),
            "expected": JSONValue(MarkdownText.visible(row.expected)),
            "answers": .array(card.sides.map { JSONValue(MarkdownText.visible(row.answers[$0])) }),
        ]
    }

    struct Page {
        let title: String
        let rater: String
        let raters: String
        let rows: String
        let cards: String
        let axes: String
        let isPaired: Bool
        let isSynthetic: Bool
        let file: String
        /// JSON that no text of it can leave.
        let data: String
    }
}
