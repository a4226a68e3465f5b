import Mustache

/// A finished run as files for people: one Markdown page and its pictures. Equal inputs give equal bytes.
package struct Report: Sendable {
    package struct File: Sendable, Hashable {
        package let name: String
        package let text: String
    }

    /// `report.md` first.
    package let files: [File]

    package init(_ input: ReportInput, _ templates: ReportTemplates) throws(ReportError) {
        let charts = ReportCharts(input, templates.words)
        let page = Sheet(page: ReportPage(input, templates.words), charts: charts)
        files = [File(name: "report.md", text: try templates.render(page, with: "report.md"))] + charts.files
    }

    /// The template's outermost context.
    struct Sheet {
        let page: ReportPage
        let charts: ReportCharts
    }
}

/// Why there is no report.
package enum ReportError: Error, Sendable, Hashable {
    case templateMissing(name: String)
    case templateBroken(name: String, problem: String)
}

/// The words and layouts under `templates/report/`.
package struct ReportTemplates: Sendable {
    let words: Words
    private let library: MustacheLibrary

    /// `texts` are the `.mustache` files by name without that ending.
    package init(texts: [String: String], words: Words) throws(ReportError) {
        MustacheContentTypes.register(MarkdownContentType(), named: MarkdownContentType.name)
        var templates: [String: MustacheTemplate] = [:]
        for (name, text) in texts {
            do {
                templates[name] = try MustacheTemplate(string: text)
            } catch {
                throw .templateBroken(name: name, problem: "\(error)")
            }
        }
        self.words = words
        library = MustacheLibrary(templates: templates)
    }

    func render(_ context: Any, with name: String) throws(ReportError) -> String {
        guard let text = library.render(context, withTemplate: name) else { throw .templateMissing(name: name) }
        return Self.tidied(text)
    }

    /// Empty sections leave empty lines behind: at most one stays.
    private static func tidied(_ text: String) -> String {
        var lines: [Substring] = []
        var isFenced = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isFenced.toggle() }
            if line.isEmpty, !isFenced, lines.last?.isEmpty ?? true { continue }
            lines.append(line)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }
}
