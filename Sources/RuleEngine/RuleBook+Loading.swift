import FileStore
import YAMLText

extension RuleBook {
    /// Reads and resolves a rule folder. Cases are left out unless asked for: deciding does not need them.
    package static func load(
        _ folder: RuleFolder, overlay: RuleFolder? = nil, withCases: Bool = false, cache: RuleBookCache? = nil
    ) throws(RuleBookError) -> RuleBook {
        let fingerprint = folder.fingerprint
        // The cache holds what deciding needs; linting reads everything afresh.
        let usable = withCases ? nil : cache
        if let kept = usable?.load(fingerprint) {
            guard let overlay else { return RuleBook(kept, of: folder, fingerprint) }
            var loader = RuleBookLoader(folder: folder, overlay: overlay, fingerprint: fingerprint.hex)
            loader.documents = RuleBookCache.roots(of: kept, in: folder)
            try loader.parse(overlay: overlay, withCases: withCases)
            return try loader.load()
        }
        var loader = RuleBookLoader(folder: folder, overlay: overlay, fingerprint: fingerprint.hex)
        loader.parse(withCases: withCases)
        if let overlay { try loader.parse(overlay: overlay, withCases: withCases) }
        let book = try loader.load()
        // What is wrong with the rules alone may be right under an overlay, and then must not count as checked.
        if overlay == nil { usable?.save(loader.documents, fingerprint) }
        return book
    }

    /// A book that was whole when it was kept: each table is read when it is asked for, and nothing is checked again.
    private init(_ kept: [RuleBookCache.Document], of folder: RuleFolder, _ fingerprint: Fingerprint) {
        let tables = RuleTables(
            kept.compactMap { document in
                document.table.map { id in
                    (id, Lazily { document.root(in: folder).flatMap { try? RuleTable.read($0) } })
                }
            })
        let parts = Lazily {
            var loader = RuleBookLoader(folder: folder, overlay: nil, fingerprint: fingerprint.hex)
            loader.documents = RuleBookCache.roots(of: kept.filter { $0.table == nil }, in: folder)
            return loader.checkedBefore(tables)
        }
        self.init(parts, tables: tables, fingerprint: fingerprint.hex)
    }
}
