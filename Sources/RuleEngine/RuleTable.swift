package import YAMLText

/// A table of numbers an expert may argue about: every column has a type and a unit, every row a source.
package struct RuleTable: Sendable {
    package let id: String
    package let title: String
    package let columns: [Column]
    package internal(set) var rows: [Row]
    /// The test that shows the program using the rows; without one, they are only words.
    package let provenBy: String?
    package let place: YAMLPlace

    package struct Column: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable { case text, number, flag, list }
        package let name: String
        package let kind: Kind
        package let unit: String
        package let what: String
    }

    package struct Row: Sendable {
        package let id: String
        /// `table#row`, the name under which a plan or a report cites this row.
        package let ruleID: String
        var cells: [String: FactValue]
        package let basis: Rule.Basis
        package let owner: String?
        package let sources: [Citation]
        package let note: String?
        /// The day the row was checked, `2026-11-20`; prices warn when it is old.
        package internal(set) var checkedOn: String?
        package let place: YAMLPlace
        /// What an organisation's overlay changed in this row, in words; empty for a row as shipped.
        package internal(set) var overridden: [String] = []

        package func text(_ column: String) -> String? { cells[column]?.text }
        package func number(_ column: String) -> Double? { cells[column]?.number }
        package func flag(_ column: String) -> Bool? { cells[column]?.flag }
        package func list(_ column: String) -> [String]? { cells[column]?.set }
        package func value(_ column: String) -> FactValue? { cells[column] }
    }

    package subscript(id: String) -> Row? { rows.first { $0.id == id } }

    /// The first row whose cell equals `value`.
    package func row(where column: String, is value: String) -> Row? {
        rows.first { $0.cells[column] == .text(value) }
    }
}

extension RuleTable {
    static let folder = "tables/"

    static func read(_ node: YAMLNode) throws(YAMLError) -> RuleTable {
        let map = try node.map()
        let id = try map.required("table").string()
        var columns: [Column] = []
        for (key, node) in try map.required("columns").map().entries {
            let column = try node.map()
            let kindName = try column.required("type").choice(of: Column.Kind.allCases.map(\.rawValue))
            let kind = Column.Kind(rawValue: kindName) ?? .text
            columns.append(
                Column(
                    name: key.text, kind: kind,
                    unit: kind == .number ? try column.required("unit").string() : "",
                    what: try column.required("what").string()))
            try column.finish()
        }
        let defaults = try Provenance(map)
        var rows: [Row] = []
        for element in try map.required("rows").list().elements {
            rows.append(try Row.read(element, table: id, columns: columns, defaults: defaults))
        }
        let table = RuleTable(
            id: id, title: try map.required("title").string(), columns: columns, rows: rows,
            provenBy: try map.optional("proven_by")?.string(), place: map.place)
        try map.finish()
        return table
    }

    /// Who says so; written once for a table and again only for the rows that differ.
    struct Provenance {
        var basis: Rule.Basis?
        var owner: String?
        var sources: [Citation]
        var checkedOn: String?

        static var none: Provenance { Provenance(basis: nil, owner: nil, sources: [], checkedOn: nil) }

        private init(basis: Rule.Basis?, owner: String?, sources: [Citation], checkedOn: String?) {
            self.basis = basis
            self.owner = owner
            self.sources = sources
            self.checkedOn = checkedOn
        }

        init(_ map: YAMLMap) throws(YAMLError) {
            basis = try map.optional("basis").map { (node) throws(YAMLError) in
                Rule.Basis(rawValue: try node.choice(of: Rule.Basis.allCases.map(\.rawValue))) ?? .judgement
            }
            owner = try map.optional("owner")?.string()
            sources = try Citation.readList(map.optional("sources"))
            checkedOn = try map.optional("checked_on")?.string()
        }
    }
}

extension RuleTable.Row {
    static func read(
        _ node: YAMLNode, table: String, columns: [RuleTable.Column], defaults: RuleTable.Provenance
    ) throws(YAMLError) -> RuleTable.Row {
        let map = try node.map()
        let id = try map.required("id").string()
        var cells: [String: FactValue] = [:]
        for column in columns {
            guard let cell = map.optional(column.name) else { continue }
            cells[column.name] = try self.cell(cell, column)
        }
        let own = try RuleTable.Provenance(map)
        let row = RuleTable.Row(
            id: id, ruleID: "\(table)#\(id)", cells: cells,
            basis: own.basis ?? defaults.basis ?? .judgement,
            owner: own.owner ?? defaults.owner,
            sources: own.sources.isEmpty ? defaults.sources : own.sources,
            note: try map.optional("note")?.string(),
            checkedOn: own.checkedOn ?? defaults.checkedOn,
            place: map.place)
        try map.finish()
        return row
    }

    static func cell(_ node: YAMLNode, _ column: RuleTable.Column) throws(YAMLError) -> FactValue {
        switch column.kind {
        case .text: .text(try node.string())
        case .number: .number(try node.double())
        case .flag: .flag(try node.bool())
        case .list: .set(try node.strings())
        }
    }
}
