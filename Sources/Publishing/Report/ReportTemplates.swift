package import FileStore
import Mustache
import YAMLText

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

    /// Reads `templates/report/`.
    package init(folder: String, _ store: FileStore) throws(ReportError) {
        var texts: [String: String] = [:]
        let words: Words
        do {
            for name in try store.list(folder) where name.hasSuffix(".mustache") {
                texts[String(name.dropLast(".mustache".count))] = try store.readText(folder + "/" + name)
            }
            let path = folder + "/words.yaml"
            words = try Words(yaml: try store.readText(path), file: path)
        } catch let error as FileStoreError {
            throw .file(error)
        } catch let error as YAMLError {
            throw .wordsBroken(error)
        } catch {
            throw .templateBroken(name: folder, problem: "\(error)")
        }
        try self.init(texts: texts, words: words)
    }

    /// - Parameter isTidied: Whether empty lines may go; a text in which each counts says no.
    func render(_ context: Any, with name: String, isTidied: Bool = true) throws(ReportError) -> String {
        guard let text = library.render(context, withTemplate: name) else { throw .templateMissing(name: name) }
        return isTidied ? Self.tidied(text) : text
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
