import YAMLText

/// Every fact there is, numbered, so that an evaluation indexes an array instead of hashing names.
package struct FactVocabulary: Sendable {
    package let definitions: [FactDefinition]
    private let indices: [String: Int]

    package init(_ definitions: [FactDefinition]) {
        self.definitions = definitions
        self.indices = Dictionary(uniqueKeysWithValues: definitions.enumerated().map { ($1.id, $0) })
    }

    package func index(of id: String) -> Int? { indices[id] }

    package subscript(id: String) -> FactDefinition? { indices[id].map { definitions[$0] } }

    package func definition(of id: String) throws(FactProblem) -> FactDefinition {
        guard let definition = self[id] else { throw .unknownFact(id, known: definitions.map(\.id)) }
        return definition
    }
}

/// The facts of one case; what is absent is unknown.
package struct Facts: Sendable {
    package let vocabulary: FactVocabulary
    var values: [FactValue?]

    package init(_ vocabulary: FactVocabulary) {
        self.vocabulary = vocabulary
        self.values = vocabulary.definitions.map(\.initially)
    }

    /// The value of a fact, nil when unknown. Setting a fact outside the vocabulary has no effect: readers check names.
    package subscript(id: String) -> FactValue? {
        get { vocabulary.index(of: id).flatMap { values[$0] } }
        set { if let index = vocabulary.index(of: id) { values[index] = newValue } }
    }

    /// Known facts in the vocabulary's order.
    package var known: [(id: String, value: FactValue)] {
        zip(vocabulary.definitions, values).compactMap { definition, value in value.map { (definition.id, $0) } }
    }
}

extension FactDefinition {
    static func read(_ key: YAMLScalar, _ node: YAMLNode, tables: RuleTables) throws -> FactDefinition {
        let map = try node.map()
        let kind = Kind(rawValue: try map.required("type").choice(of: Kind.allCases.map(\.rawValue))) ?? .text
        let needsValues = kind == .choice || kind == .set
        let isNumeric = kind == .whole || kind == .number
        let from = try map.optional("from")?.choice(of: Source.allCases.map(\.rawValue)) ?? Source.answer.rawValue
        var definition = FactDefinition(
            id: key.text,
            kind: kind,
            values: needsValues ? try map.required("values").strings() : [],
            unit: isNumeric ? try map.required("unit").string() : "",
            minimum: try map.optional("min")?.double(),
            maximum: try map.optional("max")?.double(),
            from: Source(rawValue: from) ?? .answer,
            what: try map.required("what").string(),
            idsOf: try map.optional("ids_of")?.string())
        definition.also = try map.optional("also")?.strings() ?? []
        definition.acceptsPaths = try map.optional("or_path")?.bool() ?? false
        if let initially = map.optional("initially") {
            do {
                definition.initially = try definition.value(try initially.strings())
            } catch let problem as FactProblem {
                throw RuleProblem(initially.place, .fact(problem))
            }
        }
        if let table = definition.idsOf {
            guard let rows = tables[table]?.rows else {
                throw RuleProblem(map.place, .unknownTable(table, known: tables.ids))
            }
            definition.ids = rows.map(\.id)
        }
        try map.finish()
        return definition
    }
}
