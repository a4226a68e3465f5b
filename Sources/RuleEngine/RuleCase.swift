package import YAMLText

/// A worked example that is also a test: what is known, what must follow, and on which side of a threshold it lies.
package struct RuleCase: Sendable {
    package let name: String
    package let given: [(fact: String, value: FactValue)]
    /// Expected values by fact id of the decided column (`approach.verdict`), or `undecided`.
    package let expect: [(fact: String, value: String)]
    /// Rules that must be true in this case, and rules that must not be.
    package let fires: [String]
    package let silent: [String]
    package let boundaries: [Boundary]
    package let place: YAMLPlace

    /// The two neighbouring values on either side of a threshold: with the first the rule is true, with the second not.
    package struct Boundary: Sendable, Hashable {
        package let rule: String
        package let fact: String
        package let fires: FactValue
        package let silent: FactValue
        package let place: YAMLPlace
    }

    static func read(_ node: YAMLNode, vocabulary: FactVocabulary) throws -> RuleCase {
        let map = try node.map()
        var given: [(fact: String, value: FactValue)] = []
        for (key, node) in try map.required("given").map().entries {
            if let value = try value(node, of: key.text, vocabulary) { given.append((key.text, value)) }
        }
        var expect: [(fact: String, value: String)] = []
        for (key, node) in try map.optional("expect")?.map().entries ?? [] {
            guard vocabulary[key.text] != nil else {
                throw RuleProblem(key.place, .fact(.unknownFact(key.text, known: vocabulary.definitions.map(\.id))))
            }
            expect.append((key.text, try node.string()))
        }
        var boundaries: [Boundary] = []
        for element in try map.optional("boundaries")?.list().elements ?? [] {
            let boundary = try element.map()
            let fact = try boundary.required("fact").string()
            let fires = try value(try boundary.required("fires"), of: fact, vocabulary)
            let silent = try value(try boundary.required("silent"), of: fact, vocabulary)
            guard let fires, let silent else { throw RuleProblem(boundary.place, .noOperator) }
            boundaries.append(
                Boundary(
                    rule: try boundary.required("rule").string(), fact: fact, fires: fires, silent: silent,
                    place: boundary.place))
            try boundary.finish()
        }
        let ruleCase = RuleCase(
            name: try map.required("case").string(), given: given, expect: expect,
            fires: try map.optional("fires")?.strings() ?? [],
            silent: try map.optional("silent")?.strings() ?? [],
            boundaries: boundaries, place: map.place)
        try map.finish()
        return ruleCase
    }

    private static func value(_ node: YAMLNode, of fact: String, _ vocabulary: FactVocabulary) throws -> FactValue? {
        do {
            return try vocabulary.definition(of: fact).value(try node.strings())
        } catch let problem as FactProblem {
            throw RuleProblem(node.place, .fact(problem))
        }
    }
}
