package import FileStore
import JSONText
package import ModelFiles
package import Tokenization

extension GGUFTokenizer {
    /// A folder's tokenizer and chat template as a GGUF file holds them.
    ///
    /// - Parameters:
    ///   - stops: Tokens after which an answer is complete, the end of the text first where it is one of them.
    ///   - Returns: Beside it, the stops that the format has no place for.
    package static func make(
        from encoder: ChatEncoder, folder: String, begin: Int?, stops: [Int], store: FileStore = FileStore()
    ) throws -> (tokenizer: GGUFTokenizer, leftOut: [Int]) {
        let path = folder + "/tokenizer.json", tokenizer = encoder.tokenizer
        let json: JSONValue
        do { json = try JSONValue.parse(utf8: try store.read(path)) } catch let error as JSONSyntaxError {
            throw ModelFileError.notJSON(path: path, error)
        }
        let special = tokenizer.specialTokens
        var roles = Roles()
        roles.begin = special.beginOfSequence.map { Int($0.id) } ?? begin
        roles.padding = special.padding.map { Int($0.id) }
        roles.unknown =
            special.unknown.map { Int($0.id) }
            ?? json["model"]?["unk_token"]?.stringValue.flatMap { tokenizer.id(ofToken: $0) }.map { Int($0) }
        var ends = special.endOfSequence.map { [Int($0.id)] } ?? []
        for stop in stops where !ends.contains(stop) { ends.append(stop) }
        roles.end = ends.first
        roles.endOfTurn = ends.dropFirst().first
        roles.endOfMessage = ends.dropFirst(2).first
        let around = tokenizer.encode("", addSpecialTokens: true).map { Int($0) }
        roles.addsBegin = roles.begin.map { around.first == $0 } ?? false
        roles.addsEnd = roles.end.map { around.last == $0 && around.count > (roles.addsBegin ? 1 : 0) } ?? false
        var result = try GGUFTokenizer(
            json: json, texts: (0..<tokenizer.vocabularySize).map { tokenizer.token(ofID: Int32($0)) }, roles: roles,
            promptsBeginSpecially: encoder.promptsBeginSpecially, path: path)
        result.template = encoder.template?.servingSource
        result.toolTemplate = encoder.toolTemplate?.servingSource
        return (result, Array(ends.dropFirst(3)))
    }
}

extension ChatEncoder {
    /// The chat template begins every conversation with a special token.
    var promptsBeginSpecially: Bool {
        let prompt = try? promptIDs(messages: [["role": "user", "content": "a"]])
        return prompt?.first.map { tokenizer.isSpecial($0) } ?? false
    }

    /// Tokenizer, template and stop tokens of a GGUF file, and nothing from anywhere else.
    package init(gguf model: GGUFModel) throws {
        let held = model.tokenizer, path = model.path
        let tokenizer = try Tokenizer(json: try held.tokenizerJSON(path: path), file: path)
        func text(_ id: Int?) -> String? { id.map { held.tokens[$0].text } }
        var texts: [String: String] = [:]
        texts["bos_token"] = text(held.roles.begin)
        texts["eos_token"] = text(held.roles.end)
        texts["pad_token"] = text(held.roles.padding)
        texts["unk_token"] = text(held.roles.unknown)
        func template(_ source: String?) throws -> ChatTemplate? {
            try source.map { try ChatTemplate(source: $0, specialTokens: texts) }
        }
        self.init(
            tokenizer: tokenizer, template: try template(held.template), toolTemplate: try template(held.toolTemplate),
            stopIDs: held.roles.stops.map { Int32($0) }, folder: path)
    }
}
