/// The tables of a rule book by their ids. A table from the cache is read when it is first asked for: a command needs a few
/// of them, and reading all took longer than most commands.
struct RuleTables: Sendable {
    private let tables: [(id: String, table: Lazily<RuleTable?>)]

    init(_ tables: [RuleTable]) { self.tables = tables.map { table in (table.id, Lazily { table }) } }
    init(_ tables: [(id: String, table: Lazily<RuleTable?>)]) { self.tables = tables }

    var ids: [String] { tables.map(\.id) }
    var all: [RuleTable] { tables.compactMap(\.table.value) }
    subscript(id: String) -> RuleTable? { tables.first { $0.id == id }?.table.value }
}
