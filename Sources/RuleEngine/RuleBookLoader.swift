import FileStore
import YAMLText

/// Collects every problem of a rule folder instead of stopping at the first, so that an editor fixes one round of them.
struct RuleBookLoader {
    let folder: RuleFolder
    let fingerprint: String
    var documents: [(name: String, root: YAMLNode)] = []
    var problems: [RuleProblem] = []
    private var overlay: RuleOverlay?

    init(folder: RuleFolder, overlay: RuleFolder?, fingerprint: String) {
        self.folder = folder
        self.fingerprint =
            overlay.map { Fingerprint(of: Array((fingerprint + $0.fingerprint.hex).utf8)).hex } ?? fingerprint
    }

    mutating func parse(withCases: Bool) {
        for file in folder.files where withCases || !file.name.hasPrefix("cases/") {
            let path = folder.path + "/" + file.name
            var root: YAMLNode?
            collect { root = try YAMLNode.parse(file.text, file: path) }
            if let root { documents.append((file.name, root)) }
        }
    }

    /// An overlay holds `overlay.yaml` and, where it adds rules, cases that prove them.
    mutating func parse(overlay: RuleFolder, withCases: Bool) throws(RuleBookError) {
        guard let file = overlay.files.first(where: { $0.name == RuleOverlay.fileName }) else {
            throw .noOverlay(folder: overlay.path)
        }
        var read: RuleOverlay?
        collect { read = try RuleOverlay.read(YAMLNode.parse(file.text, file: overlay.path + "/" + file.name)) }
        self.overlay = read
        for file in overlay.files where withCases && file.name.hasPrefix("cases/") {
            var root: YAMLNode?
            collect { root = try YAMLNode.parse(file.text, file: overlay.path + "/" + file.name) }
            if let root { documents.append((file.name, root)) }
        }
    }

    mutating func load() throws(RuleBookError) -> RuleBook {
        var tables: [RuleTable] = []
        each(RuleTable.folder) { tables.append(try RuleTable.read($0)) }
        var (vocabulary, decisions) = decided(RuleTables(tables))
        var overrides: [RuleOverride] = []
        // On top of a broken rule book an overlay would only add confusing problems.
        if let overlay, problems.isEmpty {
            let reader = RuleReader(vocabulary: vocabulary)
            let changed = OverlaidRules(overlay, decisions: decisions, tables: tables, reader: reader)
            (decisions, tables, overrides) = (changed.decisions, changed.tables, changed.overrides)
            problems += changed.problems
        }
        let parts = parts(vocabulary, decisions)
        refuseDuplicates(
            parts.decisions.flatMap { $0.rules.map { ($0.id, $0.place) } } + parts.decisions.map { ($0.id, $0.place) }
                + tables.map { ($0.id, $0.place) })
        for table in tables { refuseDuplicates(table.rows.map { ($0.ruleID, $0.place) }) }
        refuseDuplicates(parts.questions.map { ($0.fact, $0.place) })
        refuseUnresolved(parts, tables)
        guard problems.isEmpty else { throw .invalid(problems) }
        return RuleBook(Lazily { parts }, tables: RuleTables(tables), fingerprint: fingerprint, overrides: overrides)
    }

    /// All but the tables, of documents that were checked when they were kept.
    mutating func checkedBefore(_ tables: RuleTables) -> RuleBook.Parts {
        let (vocabulary, decisions) = decided(tables)
        return parts(vocabulary, decisions)
    }

    private mutating func decided(_ tables: RuleTables) -> (FactVocabulary, [DecisionTable]) {
        var heads: [RuleReader.Head] = []
        each("decisions/") { heads.append(try RuleReader.Head($0)) }
        let vocabulary = vocabulary(heads, tables)
        let reader = RuleReader(vocabulary: vocabulary)
        var decisions: [DecisionTable] = []
        for head in heads { collect { decisions.append(try reader.table(head)) } }
        return (vocabulary, decisions)
    }

    private mutating func parts(_ vocabulary: FactVocabulary, _ decisions: [DecisionTable]) -> RuleBook.Parts {
        let sources = SourceBook(
            sources: entries(of: "sources.yaml") { try SourceBook.readSource($0, $1) } + (overlay?.sources ?? []),
            items: entries(of: "items.yaml") { try SourceBook.readItem($0, $1) })
        var questions: [Question] = []
        each("questions/") { questions += try $0.list().elements.map { try Question.read($0) } }
        var cases: [RuleCase] = []
        each("cases/") { root in
            for element in try root.list().elements { cases.append(try RuleCase.read(element, vocabulary: vocabulary)) }
        }
        let carried =
            entries(of: "carried.yaml") { try CarriedItem.read($0, $1, how: nil) }
            + entries(of: "not_carried.yaml") { try CarriedItem.read($0, $1, how: .not_carried) }
        let ordered = order(decisions)
        return RuleBook.Parts(
            vocabulary: vocabulary, decisions: ordered, questions: questions, sources: sources, cases: cases,
            carried: carried, prerequisites: prerequisites(ordered))
    }

    private mutating func collect(_ read: () throws -> Void) {
        do {
            try read()
        } catch let error as YAMLError {
            problems.append(RuleProblem(error))
        } catch let problem as RuleProblem {
            problems.append(problem)
        } catch {
            problems.append(RuleProblem(YAMLPlace(file: folder.path, line: 1, column: 1), .unreadable("\(error)")))
        }
    }

    private mutating func each(_ prefix: String, _ read: (YAMLNode) throws -> Void) {
        for document in documents where document.name.hasPrefix(prefix) { collect { try read(document.root) } }
    }

    private mutating func entries<Entry>(
        of name: String, _ read: (YAMLScalar, YAMLNode) throws -> Entry
    ) -> [Entry] {
        var entries: [Entry] = []
        for document in documents where document.name == name {
            collect { entries = try document.root.map().entries.map { try read($0.key, $0.value) } }
        }
        return entries
    }

    /// The facts of `facts.yaml`, then one for each decided column, so that a decision can build on another.
    private mutating func vocabulary(_ heads: [RuleReader.Head], _ tables: RuleTables) -> FactVocabulary {
        var definitions = entries(of: "facts.yaml") { try FactDefinition.read($0, $1, tables: tables) }
        var known = Set(definitions.map(\.id))
        for head in heads where head.hitPolicy != .collect {
            for column in head.columns {
                let id = DecisionTable.factID(of: column.name, in: head.id)
                if column.name.contains(".") && !known.contains(id) {
                    problems.append(
                        RuleProblem(column.place, .fact(.unknownFact(id, known: definitions.map(\.id)))))
                }
                guard known.insert(id).inserted else { continue }
                definitions.append(
                    FactDefinition(
                        id: id, kind: .choice, values: column.values, unit: "", minimum: nil, maximum: nil,
                        from: .derived, what: head.answers, idsOf: nil))
            }
        }
        return FactVocabulary(definitions)
    }

    private mutating func refuseDuplicates(_ named: [(id: String, place: YAMLPlace)]) {
        var first: [String: YAMLPlace] = [:]
        for (id, place) in named {
            if let earlier = first.updateValue(place, forKey: id) {
                problems.append(RuleProblem(place, .duplicateID(id, first: earlier)))
            }
        }
    }

    private mutating func refuseUnresolved(_ parts: RuleBook.Parts, _ tables: [RuleTable]) {
        let (sources, questions) = (parts.sources, parts.questions)
        let prefixes = Dictionary(sources.sources.map { ($0.id, $0.prefix) }, uniquingKeysWith: { first, _ in first })
        let items = Set(sources.items.map(\.id))
        let rules = parts.decisions.flatMap(\.rules)
        var citations: [Citation] = rules.flatMap { $0.sources + $0.dissent.map(\.citation) }
        citations += tables.flatMap { $0.rows.flatMap(\.sources) }
        citations += questions.flatMap(\.sources)
        for citation in citations {
            guard let prefix = prefixes[citation.ref] else {
                problems.append(
                    RuleProblem(citation.place, .unknownSource(citation.ref, known: sources.sources.map(\.id))))
                continue
            }
            for item in citation.items where !items.contains(item) || !item.hasPrefix(prefix) || prefix.isEmpty {
                problems.append(RuleProblem(citation.place, .unknownItem(item, source: citation.ref)))
            }
            if citation.items.isEmpty && citation.locator == nil {
                problems.append(RuleProblem(citation.place, .noLocator(source: citation.ref)))
            }
        }
        let facts = Set(entries(of: "facts.yaml") { key, _ in key.text })
        for question in questions where !facts.contains(question.fact) {
            problems.append(RuleProblem(question.place, .questionWithoutFact(question.fact)))
        }
    }

    private func prerequisites(_ ordered: [DecisionTable]) -> [String: [Int]] {
        var makers: [String: Int] = [:]
        var needs: [Set<Int>] = []
        for (place, decision) in ordered.enumerated() {
            var direct: Set<Int> = []
            for id in decision.rules.flatMap(\.when.tests).flatMap(\.factIDs) {
                if let maker = makers[id] { direct.formUnion(needs[maker].union([maker])) }
            }
            needs.append(direct)
            guard decision.hitPolicy != .collect else { continue }
            for column in decision.columns { makers[decision.factID(of: column.name)] = place }
        }
        return Dictionary(zip(ordered.map(\.id), needs.map { $0.sorted() }), uniquingKeysWith: { first, _ in first })
    }

    /// Decisions sorted so that each stands after those it builds on; a circle is an error that names its members.
    private mutating func order(_ decisions: [DecisionTable]) -> [DecisionTable] {
        var makers: [String: Int] = [:]
        for (index, decision) in decisions.enumerated() where decision.hitPolicy != .collect {
            for column in decision.columns { makers[decision.factID(of: column.name)] = index }
        }
        var state = Array(repeating: 0, count: decisions.count)
        var ordered: [DecisionTable] = []
        func visit(_ index: Int, path: [Int]) -> [Int]? {
            if state[index] == 2 { return nil }
            if state[index] == 1 { return path + [index] }
            state[index] = 1
            for id in decisions[index].rules.flatMap(\.when.tests).flatMap(\.factIDs) {
                if let maker = makers[id], let circle = visit(maker, path: path + [index]) { return circle }
            }
            state[index] = 2
            ordered.append(decisions[index])
            return nil
        }
        for index in decisions.indices {
            if let circle = visit(index, path: []) {
                problems.append(RuleProblem(decisions[index].place, .cycle(circle.map { decisions[$0].id })))
                return decisions
            }
        }
        return ordered
    }
}
