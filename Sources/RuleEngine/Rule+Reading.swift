import YAMLText

/// Turns rule files into rules. Facts are resolved here, so that evaluation never meets an unknown name.
struct RuleReader {
    let vocabulary: FactVocabulary

    /// The head of a decision file, read before any rule: its columns are facts that rules elsewhere may test.
    struct Head {
        let id: String
        let answers: String
        let hitPolicy: DecisionTable.HitPolicy
        let columns: [(name: String, values: [String], place: YAMLPlace)]
        let rules: [YAMLNode]
        let place: YAMLPlace

        init(_ node: YAMLNode) throws(YAMLError) {
            let map = try node.map()
            let policies = DecisionTable.HitPolicy.allCases.map(\.rawValue)
            id = try map.required("decision").string()
            answers = try map.required("answers").string()
            hitPolicy = DecisionTable.HitPolicy(rawValue: try map.required("hit_policy").choice(of: policies)) ?? .first
            var columns: [(name: String, values: [String], place: YAMLPlace)] = []
            for (key, values) in try map.required("outcomes").map().entries {
                columns.append(
                    (key.text, values.kind == .text && values.isNumberWord ? [] : try values.strings(), key.place))
            }
            self.columns = columns
            rules = try map.required("rules").list().elements
            place = map.place
            try map.finish()
        }
    }

    func table(_ head: Head) throws -> DecisionTable {
        let columns = head.columns.map { column in
            DecisionTable.Column(
                name: column.name, values: column.values,
                fact: vocabulary.index(of: DecisionTable.factID(of: column.name, in: head.id)), place: column.place)
        }
        return DecisionTable(
            id: head.id, answers: head.answers, hitPolicy: head.hitPolicy, columns: columns,
            rules: try head.rules.map { try rule($0, columns: columns) }, place: head.place)
    }

    func rule(_ node: YAMLNode, columns: [DecisionTable.Column]) throws -> Rule {
        let map = try node.map()
        let basis = try map.required("basis").choice(of: Rule.Basis.allCases.map(\.rawValue))
        let status = try map.optional("status")?.choice(of: Rule.Status.allCases.map(\.rawValue))
        let whenUnknown = try map.optional("when_unknown")?.choice(of: Rule.WhenUnknown.allCases.map(\.rawValue))
        var dissent: [Dissent] = []
        for element in try map.optional("dissent")?.list().elements ?? [] {
            let entry = try element.map()
            dissent.append(Dissent(citation: try Citation.read(entry), says: try entry.required("says").string()))
            try entry.finish()
        }
        let rule = Rule(
            id: try map.required("id").string(),
            title: try map.required("title").string(),
            status: status.flatMap(Rule.Status.init) ?? .stable,
            when: try condition(try map.required("when")),
            then: try outcomes(try map.required("then").map(), columns: columns),
            whenUnknown: whenUnknown.flatMap(Rule.WhenUnknown.init) ?? .continue,
            rationale: try map.required("rationale").string(),
            basis: Rule.Basis(rawValue: basis) ?? .judgement,
            owner: try map.optional("owner")?.string(),
            sources: try Citation.readList(map.optional("sources")),
            dissent: dissent,
            failsWhen: try map.required("fails_when").string(),
            place: map.place,
            isSafety: try map.optional("safety")?.bool() ?? false,
            overridden: [])
        try map.finish()
        return rule
    }

    private func outcomes(_ map: YAMLMap, columns: [DecisionTable.Column]) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for (key, node) in map.entries {
            guard let column = columns.first(where: { $0.name == key.text }) else {
                throw RuleProblem(key.place, .unknownColumn(key.text, known: columns.map(\.name)))
            }
            if column.values.isEmpty {
                outcomes.append(Outcome(column: column.name, value: .number(try node.double()), fact: column.fact))
                continue
            }
            let word = try node.string()
            guard column.values.contains(word) else {
                throw RuleProblem(node.place, .unknownOutcome(word, column: column.name, allowed: column.values))
            }
            let isFlag = vocabulary[column.name]?.kind == .yes_no
            let value = isFlag ? FactValue.flag(word == "yes") : .text(word)
            outcomes.append(Outcome(column: column.name, value: value, fact: column.fact))
        }
        return outcomes
    }

    // MARK: conditions

    func condition(_ node: YAMLNode) throws -> Condition {
        if case .scalar(let scalar) = node, scalar.text == "always" { return .always }
        let map = try node.map()
        var joined: Condition?
        if let parts = map.optional("all") { joined = .all(try conditions(parts)) }
        if let parts = map.optional("any") { joined = .any(try conditions(parts)) }
        if let parts = map.optional("none") { joined = .none(try conditions(parts)) }
        if let joined {
            // Only one of the three in one place: two would need an order that nobody can see.
            guard map.keys.count == 1 else {
                throw RuleProblem(.unknownKey(map.keys[1].text, known: [map.keys[0].text], map.keys[1].place))
            }
            return joined
        }
        return try test(map)
    }

    private func conditions(_ node: YAMLNode) throws -> [Condition] {
        let parts = try node.list().elements
        guard !parts.isEmpty else { throw RuleProblem(node.place, .noOperator) }
        return try parts.map(condition)
    }

    private func test(_ map: YAMLMap) throws -> Condition {
        let name = try map.required("fact").string()
        guard let index = vocabulary.index(of: name) else {
            throw RuleProblem(map.place, .fact(.unknownFact(name, known: vocabulary.definitions.map(\.id))))
        }
        let definition = vocabulary.definitions[index]
        var tests: [Condition] = []
        for comparison in FactTest.Operator.allCases {
            if let node = map.optional(comparison.rawValue) {
                let operand = try operand(node, comparison, definition)
                tests.append(.test(FactTest(fact: index, id: name, comparison: comparison, operand: operand)))
            }
            if comparison != .in, let node = map.optional(comparison.rawValue + "_fact") {
                let operand = try factOperand(node, comparison, definition)
                tests.append(.test(FactTest(fact: index, id: name, comparison: comparison, operand: operand)))
            }
        }
        try map.finish()
        guard let first = tests.first else { throw RuleProblem(map.place, .noOperator) }
        return tests.count == 1 ? first : .all(tests)
    }

    private func operand(
        _ node: YAMLNode, _ comparison: FactTest.Operator, _ fact: FactDefinition
    ) throws -> FactTest.Operand {
        switch comparison {
        case .known, .unknown:
            guard try node.bool() else { throw RuleProblem(node.place, .noOperator) }
            return .nothing
        case .at_least, .at_most, .more_than, .less_than:
            guard fact.isNumeric else { throw misfit(node, comparison, fact) }
            return .values([.number(try node.double())])
        case .is, .is_not, .in:
            let words = try node.strings()
            if comparison != .in && words.count != 1 { throw misfit(node, comparison, fact) }
            var values: [FactValue] = []
            for word in words { values.append(try value(word, fact, node.place)) }
            return .values(values)
        }
    }

    private func value(_ word: String, _ fact: FactDefinition, _ place: YAMLPlace) throws -> FactValue {
        if fact.kind == .set || fact.kind == .list {
            guard fact.values.isEmpty || fact.values.contains(word) else {
                throw RuleProblem(place, .fact(.notOneOf(fact: fact.id, value: word, allowed: fact.values)))
            }
            return .text(word)
        }
        do {
            guard let value = try fact.value([word]) else { throw RuleProblem(place, .noOperator) }
            return value
        } catch let problem as FactProblem {
            throw RuleProblem(place, .fact(problem))
        }
    }

    private func factOperand(
        _ node: YAMLNode, _ comparison: FactTest.Operator, _ fact: FactDefinition
    ) throws -> FactTest.Operand {
        let name = try node.string()
        guard let other = vocabulary.index(of: name) else {
            throw RuleProblem(node.place, .fact(.unknownFact(name, known: vocabulary.definitions.map(\.id))))
        }
        let reference = vocabulary.definitions[other]
        // 3 examples against 3 dollars is not a comparison.
        guard reference.isNumeric == fact.isNumeric, reference.unit == fact.unit,
            fact.isNumeric || !comparison.comparesNumbers
        else { throw RuleProblem(node.place, .factsDoNotCompare(fact.id, name)) }
        return .fact(other, id: name)
    }

    private func misfit(_ node: YAMLNode, _ comparison: FactTest.Operator, _ fact: FactDefinition) -> RuleProblem {
        RuleProblem(
            node.place,
            .operatorDoesNotFit(fact: fact.id, comparison: comparison.rawValue, kind: fact.kind.rawValue))
    }
}

extension YAMLNode {
    /// `derived.enough_examples: number` declares a column of numbers.
    fileprivate var isNumberWord: Bool {
        if case .scalar(let scalar) = self { return scalar.text == "number" }
        return false
    }
}
