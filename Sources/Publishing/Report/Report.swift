package import FileStore

/// A finished run as files for people: one Markdown page and its pictures. Equal inputs give equal bytes.
package struct Report: Sendable {
    package struct File: Sendable, Hashable {
        package let name: String
        package let text: String
    }

    /// `report.md` first.
    package let files: [File]
    /// Over everything but the signatures, which sign this.
    package let fingerprint: String

    package init(_ input: ReportInput, _ templates: ReportTemplates) throws(ReportError) {
        var unsigned = input
        unsigned.signatures = []
        let body = try Self.files(unsigned, templates, signed: "")
        var builder = FingerprintBuilder()
        for file in body { builder.add("\(file.name)\u{0}\(file.text.utf8.count)\u{0}\(file.text)") }
        fingerprint = builder.fingerprint.hex
        files = input.signatures.isEmpty ? body : try Self.files(input, templates, signed: fingerprint)
    }

    private static func files(
        _ input: ReportInput, _ templates: ReportTemplates, signed fingerprint: String
    ) throws(ReportError) -> [File] {
        let charts = ReportCharts(input, templates.words)
        let page = Sheet(page: ReportPage(input, templates.words, signed: fingerprint), charts: charts)
        let report = File(name: "report.md", text: try templates.render(page, with: "report.md"))
        var appendices: [File] = []
        for appendix in Appendix.all(for: input) {
            appendices.append(File(name: appendix.file, text: try templates.render(page, with: appendix.file)))
        }
        let html = try ReportDocument(page.page.title, report, appendices, charts).file(templates)
        let made =
            [report, html] + appendices + charts.files + input.deliverables.map { File(name: $0.file, text: $0.text) }
        return made + [Attestation(input, made).file]
    }

    /// Writes every file; a report that is there already is replaced file by file.
    package func write(to folder: String, _ store: FileStore) throws(FileStoreError) {
        try store.createFolder(folder)
        for file in files { try store.write(file.text, to: folder + "/" + file.name) }
    }

    /// The template's outermost context.
    struct Sheet {
        let page: ReportPage
        let charts: ReportCharts
    }
}
