import FileStore
import JSONText

extension ChatEncoder {
    /// Reads `tokenizer.json`, `tokenizer_config.json`, `generation_config.json` and the chat template of a model folder.
    ///
    /// - Parameter needsTemplate: Whether a folder without a chat template is refused.
    package init(folder: String, needsTemplate: Bool = true) throws(ChatEncodingError) {
        let tokenizer = try Self.reading { () throws(TokenizerError) in try Tokenizer(folder: folder) }
        let templates = try Self.templates(in: folder)
        if needsTemplate, templates.usual == nil { throw .noTemplate(folder: folder) }
        let stopIDs = try Self.reading { () throws(TokenizerError) in try Self.stopIDs(in: folder) }
        self.init(
            tokenizer: tokenizer, template: templates.usual, toolTemplate: templates.withTools, stopIDs: stopIDs,
            folder: folder)
    }

    private static func reading<Value>(
        _ body: () throws(TokenizerError) -> Value
    ) throws(ChatEncodingError) -> Value {
        do throws(TokenizerError) { return try body() } catch { throw .tokenizer(error) }
    }

    /// `chat_template.jinja` beats the `chat_template` of the configuration, which is a text or a list of named texts.
    private static func templates(
        in folder: String
    ) throws(ChatEncodingError) -> (usual: ChatTemplate?, withTools: ChatTemplate?) {
        let (sources, tokens) = try reading { () throws(TokenizerError) in
            let configuration = try TokenizerNode.read(folder + "/tokenizer_config.json")
            return (try Self.sources(in: folder, configuration), try Self.specialTokens(configuration))
        }
        func template(_ name: String) throws(ChatEncodingError) -> ChatTemplate? {
            guard let source = sources[name] else { return nil }
            do throws(ChatTemplateError) {
                return try ChatTemplate(source: source, specialTokens: tokens)
            } catch {
                throw .template(error)
            }
        }
        return (try template("default"), try template("tool_use"))
    }

    private static func sources(
        in folder: String, _ configuration: TokenizerNode?
    ) throws(TokenizerError) -> [String: String] {
        var sources: [String: String] = [:]
        if let entry = configuration?["chat_template"] {
            if let source = entry.value.stringValue {
                sources["default"] = source
            } else {
                for named in try entry.elements() {
                    sources[try named.required("name").string()] = try named.required("template").string()
                }
            }
        }
        let files = [("default", "chat_template.jinja"), ("tool_use", "additional_chat_templates/tool_use.jinja")]
        for (name, file) in files where FileStore().exists("\(folder)/\(file)") {
            do throws(FileStoreError) {
                sources[name] = try FileStore().readText("\(folder)/\(file)")
            } catch {
                throw .unreadable(error)
            }
        }
        return sources
    }

    /// Every `…_token` of the configuration: templates may name any of them.
    private static func specialTokens(_ configuration: TokenizerNode?) throws(TokenizerError) -> [String: String] {
        var texts: [String: String] = [:]
        guard let configuration else { return texts }
        for key in try configuration.object().keys where key.hasSuffix("_token") {
            guard let entry = configuration[key], let text = (entry["content"] ?? entry).value.stringValue else { continue }
            texts[key] = text
        }
        return texts
    }

    /// `eos_token_id` of `generation_config.json`: a number, or several.
    private static func stopIDs(in folder: String) throws(TokenizerError) -> [Int32] {
        guard let entry = try TokenizerNode.read(folder + "/generation_config.json")?["eos_token_id"] else { return [] }
        guard entry.value.arrayValue != nil else { return [try entry.id(of: "eos_token_id")] }
        var ids: [Int32] = []
        for id in try entry.elements() { ids.append(try id.id(of: "eos_token_id")) }
        return ids
    }
}
