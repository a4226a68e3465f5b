import YAMLText

/// Where each item of the sources is carried: what the program does about it, what it only says, what is still open.
package struct RuleCoverage: Sendable {
    package struct Line: Sendable {
        package let item: SourceBook.Item
        /// Rules proven by cases, table rows, and checks named in `carried.yaml`.
        package let does: [String]
        /// Dissents, questions and texts.
        package let says: [String]
        package let planned: [String]
        package let notCarried: String?
    }

    package let lines: [Line]

    package init(_ book: RuleBook) {
        var does: [String: [String]] = [:]
        var says: [String: [String]] = [:]
        for rule in book.decisions.flatMap(\.rules) where rule.status == .stable {
            let proof = book.cases.first { $0.fires.contains(rule.id) }.map { "\(rule.id) (case: \($0.name))" }
            for item in rule.sources.flatMap(\.items) { does[item, default: []].append(proof ?? rule.id) }
            for item in rule.dissent.flatMap(\.citation.items) {
                says[item, default: []].append(rule.id + " (dissent)")
            }
        }
        for table in book.tables {
            for row in table.rows {
                for item in row.sources.flatMap(\.items) {
                    if let test = table.provenBy {
                        does[item, default: []].append("\(row.ruleID) (\(test))")
                    } else {
                        says[item, default: []].append(row.ruleID)
                    }
                }
            }
        }
        for question in book.questions {
            for item in question.sources.flatMap(\.items) {
                says[item, default: []].append("question " + question.fact)
            }
        }
        var planned: [String: [String]] = [:]
        var left: [String: String] = [:]
        for carried in book.carried {
            switch carried.how {
            case .does: does[carried.item, default: []].append(carried.by)
            case .says: says[carried.item, default: []].append(carried.by)
            case .planned: planned[carried.item, default: []].append(carried.by)
            case .not_carried: left[carried.item] = carried.by
            }
        }
        lines = book.sources.items.map { item in
            Line(
                item: item, does: does[item.id] ?? [], says: says[item.id] ?? [], planned: planned[item.id] ?? [],
                notCarried: left[item.id])
        }
    }

    /// Items nobody carries, and thresholds, checklist items, metrics and pitfalls that are only talked about.
    package var problems: [RuleProblem] {
        lines.compactMap { line in
            if !line.does.isEmpty || !line.planned.isEmpty || line.notCarried != nil { return nil }
            if line.says.isEmpty { return RuleProblem(line.item.place, .notCarried(line.item.id)) }
            let mustAct = line.item.kinds.contains { ["T", "K", "M", "P"].contains($0) }
            return mustAct ? RuleProblem(line.item.place, .onlySays(line.item.id)) : nil
        }
    }
}

extension RuleBook {
    /// Entries of `carried.yaml` and `not_carried.yaml` that name no item, or an item named twice.
    func carriedProblems() -> [RuleProblem] {
        let known = Set(sources.items.map(\.id))
        var first: [String: YAMLPlace] = [:]
        return carried.compactMap { entry in
            if !known.contains(entry.item) {
                return RuleProblem(entry.place, .unknownItem(entry.item, source: "items.yaml"))
            }
            if let earlier = first.updateValue(entry.place, forKey: entry.item) {
                return RuleProblem(entry.place, .duplicateID(entry.item, first: earlier))
            }
            return nil
        }
    }
}
