package import YAMLText

/// What an organisation changes about the rules as shipped: thresholds, own rules and rows, rules it does without.
package struct RuleOverlay {
    /// The organisation's name for it, shown beside everything it changed.
    package let name: String
    let thresholds: [Threshold]
    let cells: [Cell]
    let retired: [Retired]
    let rules: [NewRule]
    let rows: [NewRow]
    let sources: [SourceBook.Source]

    /// Another number in a rule's condition, or in what follows from it.
    struct Threshold {
        let rule: String
        let fact: String
        /// Needed where a rule tests the fact twice.
        let comparison: FactTest.Operator?
        let number: Double
        let reason: String?
        let place: YAMLPlace
    }

    struct Cell {
        let table: String
        let row: String
        let column: String
        let node: YAMLNode
        let checkedOn: String?
        let reason: String?
        let place: YAMLPlace
    }

    struct Retired {
        let rule: String
        let reason: String?
        let place: YAMLPlace
    }

    struct NewRule {
        let decision: String
        /// The rule it is tried before; at the end without one.
        let before: String?
        let node: YAMLNode
        let reason: String?
        let place: YAMLPlace
    }

    struct NewRow {
        let table: String
        let node: YAMLNode
        let reason: String?
        let place: YAMLPlace
    }
}

/// One thing an overlay changed, as the trace and every report name it.
package struct RuleOverride: Sendable, Hashable {
    /// A rule, or `table#row`.
    package let target: String
    package let what: String
    package let reason: String?
    package let overlay: String
    package let place: YAMLPlace

    package var text: String {
        "\(target): \(what), by \(overlay)" + (reason.map { " (\($0))" } ?? ", no reason given")
    }
}

extension RuleOverlay {
    package static let fileName = "overlay.yaml"

    static func read(_ node: YAMLNode) throws -> RuleOverlay {
        let map = try node.map()
        var thresholds: [Threshold] = [], cells: [Cell] = []
        for element in try map.optional("changes")?.list().elements ?? [] {
            let change = try element.map()
            if change.contains("table") {
                cells.append(try readCell(change))
            } else {
                thresholds.append(try readThreshold(change))
            }
            try change.finish()
        }
        var retired: [Retired] = []
        for element in try map.optional("retire")?.list().elements ?? [] {
            let entry = try element.map()
            retired.append(
                Retired(
                    rule: try entry.required("rule").string(), reason: try entry.optional("reason")?.string(),
                    place: entry.place))
            try entry.finish()
        }
        var rules: [NewRule] = [], rows: [NewRow] = []
        for element in try map.optional("add")?.list().elements ?? [] {
            let entry = try element.map()
            let reason = try entry.optional("reason")?.string()
            if entry.contains("table") {
                rows.append(
                    NewRow(
                        table: try entry.required("table").string(), node: try entry.required("row"), reason: reason,
                        place: entry.place))
            } else {
                rules.append(
                    NewRule(
                        decision: try entry.required("decision").string(),
                        before: try entry.optional("before")?.string(),
                        node: try entry.required("rule"), reason: reason, place: entry.place))
            }
            try entry.finish()
        }
        var sources: [SourceBook.Source] = []
        for (key, node) in try map.optional("sources")?.map().entries ?? [] {
            sources.append(try SourceBook.readSource(key, node))
        }
        let overlay = RuleOverlay(
            name: try map.required("overlay").string(), thresholds: thresholds, cells: cells, retired: retired,
            rules: rules,
            rows: rows, sources: sources)
        try map.finish()
        return overlay
    }

    private static func readThreshold(_ map: YAMLMap) throws -> Threshold {
        let name = try map.optional("operator")?.choice(
            of: FactTest.Operator.allCases.filter(\.comparesNumbers).map(\.rawValue))
        return Threshold(
            rule: try map.required("rule").string(), fact: try map.required("fact").string(),
            comparison: name.flatMap(FactTest.Operator.init), number: try map.required("to").double(),
            reason: try map.optional("reason")?.string(), place: map.place)
    }

    private static func readCell(_ map: YAMLMap) throws -> Cell {
        Cell(
            table: try map.required("table").string(), row: try map.required("row").string(),
            column: try map.required("column").string(), node: try map.required("to"),
            checkedOn: try map.optional("checked_on")?.string(), reason: try map.optional("reason")?.string(),
            place: map.place)
    }
}
