/// Rows as the model sees them, as a page: token by token, with what is learnt marked.
package struct EncodedPage: Sendable {
    package let text: String

    package struct Row: Sendable {
        package var place: String
        package var tokens: [Token]
        /// Why the row is not trained; nil where it is.
        package var dropped: String?

        package init(place: String, tokens: [Token], dropped: String?) {
            self.place = place
            self.tokens = tokens
            self.dropped = dropped
        }
    }

    package struct Token: Sendable {
        package var id: Int32
        package var text: String
        package var isTarget: Bool
        /// Behind the maximum length.
        package var isCut: Bool

        package init(id: Int32, text: String, isTarget: Bool, isCut: Bool) {
            self.id = id
            self.text = text
            self.isTarget = isTarget
            self.isCut = isCut
        }
    }

    package init(_ rows: [Row], title: String, model: String, _ templates: ReportTemplates) throws(ReportError) {
        let page = Page(
            title: title, model: model, hasCuts: rows.contains { $0.tokens.contains(where: \.isCut) },
            rows: rows.map(Page.Row.init))
        text = try templates.render(page, with: "encoded.html")
    }

    private struct Page {
        let title: String
        let model: String
        let hasCuts: Bool
        let rows: [Row]

        struct Row {
            let place: String
            let count: String
            let targets: String
            let dropped: String?
            let tokens: [Token]

            init(_ row: EncodedPage.Row) {
                place = row.place
                count = Figure.count(row.tokens.count)
                targets = Figure.count(row.tokens.count { $0.isTarget && !$0.isCut })
                dropped = row.dropped
                tokens = row.tokens.map(Token.init)
            }
        }

        struct Token {
            let id: String
            let text: String
            let kind: String?
            let endsLine: Bool

            init(_ token: EncodedPage.Token) {
                id = String(token.id)
                text = token.text.replacing("\n", with: "⏎").replacing("\t", with: "⇥").replacing("\r", with: "␍")
                kind = token.isCut ? "cut" : token.isTarget ? "learnt" : nil
                endsLine = token.text.hasSuffix("\n")
            }
        }
    }
}
