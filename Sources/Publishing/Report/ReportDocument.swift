/// `report.html`: the report and its appendices as one file that loads nothing, with its pictures inside and styles for light
/// and dark screens and for paper. It is the Markdown of the same page, so the two cannot say different things.
struct ReportDocument {
    let title: String
    let parts: [Part]
    let contents: [Entry]
    let light: [Shade]
    let dark: [Shade]

    struct Part {
        let id: String
        /// HTML.
        let body: String
        let isAppendix: Bool
    }

    struct Entry {
        let id: String
        /// HTML.
        let text: String
    }

    struct Shade {
        let name: String
        let hex: String
    }

    init(_ title: String, _ report: Report.File, _ appendices: [Report.File], _ charts: ReportCharts) {
        self.title = MarkdownText.visible(title)
        var parts: [Part] = [], contents: [Entry] = []
        for (place, file) in ([report] + appendices).enumerated() {
            let stem = String(file.name.dropLast(".md".count))
            let page = MarkdownHTML(file.text, prefix: stem + "-") { charts.canvases[$0].map { $0.inlined() } }
            // The report's own parts, and each appendix by its title.
            contents += page.headings.filter { $0.level == (place == 0 ? 2 : 1) }.map {
                Entry(id: $0.id, text: $0.text)
            }
            var body = page.html
            // Pages beside the report are parts of this one.
            for other in appendices {
                body = body.replacing(
                    "href=\"\(other.name)\"", with: "href=\"#part-\(other.name.dropLast(".md".count))\"")
            }
            parts.append(Part(id: "part-" + stem, body: body, isAppendix: place > 0))
        }
        self.parts = parts
        self.contents = contents
        light = Colour.allCases.map { Shade(name: $0.rawValue, hex: Theme.light.hex($0)) }
        dark = Colour.allCases.map { Shade(name: $0.rawValue, hex: Theme.dark.hex($0)) }
    }

    func file(_ templates: ReportTemplates) throws(ReportError) -> Report.File {
        Report.File(name: "report.html", text: try templates.render(self, with: "report.html", isTidied: false))
    }
}
