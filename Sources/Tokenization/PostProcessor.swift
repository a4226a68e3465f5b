import JSONText

/// The ids that stand before and behind a text when special tokens are asked for.
struct PostProcessor: Hashable {
    var before: [Int32] = []
    var behind: [Int32] = []

    init(before: [Int32] = [], behind: [Int32] = []) {
        self.before = before
        self.behind = behind
    }

    init(_ node: TokenizerNode) throws(TokenizerError) { try add(node) }

    private mutating func add(_ node: TokenizerNode) throws(TokenizerError) {
        switch try node.type() {
        case "Sequence":
            for step in try node.required("processors").elements() { try add(step) }
        case "ByteLevel":
            // Only trims offsets, which hone does not want: a mask must cover the space before a word.
            break
        case "TemplateProcessing":
            guard before.isEmpty, behind.isEmpty else { throw node.unsupported("type") }
            try addTemplate(node)
        default:
            throw node.unsupported("type")
        }
    }

    private mutating func addTemplate(_ node: TokenizerNode) throws(TokenizerError) {
        let single = try node.required("single")
        var hasText = false
        for part in try single.elements() {
            if let token = part["SpecialToken"] {
                let name = try token.required("id").string()
                let ids = try Self.ids(of: name, in: node)
                if hasText { behind += ids } else { before += ids }
            } else {
                guard try part.required("Sequence").required("id").string() == "A", !hasText else {
                    throw part.unsupported()
                }
                hasText = true
            }
        }
        guard hasText else { throw single.unsupported() }
    }

    private static func ids(of name: String, in node: TokenizerNode) throws(TokenizerError) -> [Int32] {
        let known = try node.required("special_tokens")
        guard let entry = known[name] else { throw .unknownToken(known.place, token: name) }
        var ids: [Int32] = []
        for id in try entry.required("ids").elements() { ids.append(try id.id(of: name)) }
        return ids
    }
}
