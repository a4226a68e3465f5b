package import YAMLText

/// The documents the rules stand on, and the numbered items of each that must all be carried somewhere.
package struct SourceBook: Sendable {
    package struct Source: Sendable, Hashable {
        package let id: String
        package let title: String
        /// Letter of the items taken from this document; empty for a document cited by place.
        package let prefix: String
        package let url: String?
        package let readOn: String?
        package let place: YAMLPlace
    }

    /// One rule, threshold, checklist item or claim of a source, in our own words.
    package struct Item: Sendable, Hashable {
        package let id: String
        /// Letters of the kinds: T threshold, R recommendation, K checklist, M metric, P pitfall, F claim, Q question, X example.
        package let kinds: [String]
        package let says: String
        package let place: YAMLPlace
    }

    package let sources: [Source]
    package let items: [Item]

    package func source(_ id: String) -> Source? { sources.first { $0.id == id } }

    /// A citation as a person reads it: `SFT fundamentals, A11, A17`.
    package func spelled(_ citation: Citation) -> String {
        let title = source(citation.ref)?.title ?? citation.ref
        let places = citation.items + (citation.locator.map { [$0] } ?? [])
        return places.isEmpty ? title : "\(title), \(places.joined(separator: ", "))"
    }

    /// Everybody a rule stands on, as a person reads it; a judgement names who stands for it.
    package func cited(by rule: Rule) -> [String] {
        rule.sources.map(spelled) + (rule.basis == .judgement ? ["a judgement of \(rule.owner ?? "nobody")"] : [])
    }

    static func readSource(_ key: YAMLScalar, _ node: YAMLNode) throws(YAMLError) -> Source {
        let map = try node.map()
        let source = Source(
            id: key.text,
            title: try map.required("title").string(),
            prefix: try map.optional("prefix")?.string() ?? "",
            url: try map.optional("url")?.string(),
            readOn: try map.optional("read_on")?.string(),
            place: map.place)
        try map.finish()
        return source
    }

    static func readItem(_ key: YAMLScalar, _ node: YAMLNode) throws(YAMLError) -> Item {
        let map = try node.map()
        let item = Item(
            id: key.text, kinds: try map.required("kind").strings(), says: try map.required("says").string(),
            place: key.place)
        try map.finish()
        return item
    }
}

extension Citation {
    static func readList(_ node: YAMLNode?) throws(YAMLError) -> [Citation] {
        guard let node else { return [] }
        var citations: [Citation] = []
        for element in try node.list().elements {
            let map = try element.map()
            citations.append(try read(map))
            try map.finish()
        }
        return citations
    }

    static func read(_ map: YAMLMap) throws(YAMLError) -> Citation {
        Citation(
            ref: try map.required("ref").string(),
            items: try map.optional("items")?.strings() ?? [],
            locator: try map.optional("where")?.string(),
            place: map.place)
    }
}
