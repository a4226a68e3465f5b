package import RuleEngine
package import YAMLText

/// What the rule book says about models, devices and frameworks, read once.
package struct MemoryTables: Sendable {
    package let architectures: [Architecture]
    /// Hub names of each architecture, in the same order.
    private let names: [[String]]
    package let profiles: [MemoryProfile]
    package let formats: [WeightFormat]
    package let lossPaths: [LossPath]
    package let devices: [Device]

    package init(_ book: RuleBook) throws(MemoryTableError) {
        let models = try MemoryTables.rows("architectures", book)
        var architectures: [Architecture] = []
        for row in models { architectures.append(try Architecture(row)) }
        self.architectures = architectures
        names = models.map { $0.list("names") ?? [] }
        profiles = try MemoryTables.profiles(try MemoryTables.rows("memory_profiles", book))
        var formats: [WeightFormat] = []
        for row in try MemoryTables.rows("weight_formats", book) {
            formats.append(
                WeightFormat(
                    id: row.id, words: row.list("words") ?? [], bytes: try row.needed("bytes"),
                    isQuantised: row.flag("quantised") ?? false))
        }
        self.formats = formats
        lossPaths = try MemoryTables.rows("loss_paths", book).map { row in
            LossPath(
                id: row.id, words: row.list("words") ?? [],
                keeps: row.text("keeps_logits").flatMap(LossPath.Logits.init) ?? .all,
                hiddenBytes: row.number("hidden_bytes") ?? 0, chunkTokens: row.number("chunk_tokens") ?? 0)
        }
        var devices: [Device] = []
        for row in try MemoryTables.rows("devices", book) {
            devices.append(
                Device(
                    id: row.id, name: row.text("name") ?? row.id, usableGibibytes: try row.needed("usable_gib"),
                    bf16: row.text("bf16") ?? "", denseTeraflops: row.number("dense_tflops"),
                    lowPrice: row.number("price_low_usd"), highPrice: row.number("price_high_usd")))
        }
        self.devices = devices
    }

    // MARK: looking up

    /// By id or hub name as it is written; otherwise by what is left of the name without its owner and tuning.
    package func architecture(named name: String) -> Architecture? {
        let wanted = name.lowercased()
        for (index, names) in names.enumerated() {
            let known = names.map { $0.lowercased() }
            let short = known.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
            if known.contains(wanted) || short.contains(wanted) { return architectures[index] }
        }
        let stem = ModelName(name)
        for (index, names) in names.enumerated() where names.contains(where: { ModelName($0) == stem }) {
            return architectures[index]
        }
        return nil
    }

    package var architectureNames: [String] { names.flatMap { $0 } }

    package func format(_ word: String) -> WeightFormat? {
        let lower = word.lowercased()
        return formats.first { $0.id == lower } ?? formats.first { $0.isSpelled(lower) }
    }

    /// As sources describe it: `nf4 (bitsandbytes)`, `bnb-nf4, double quantised`; by the longest spelling inside the text.
    package func format(describedBy text: String) -> WeightFormat? {
        let lower = text.lowercased()
        if let exact = format(lower) { return exact }
        if lower.hasPrefix("none") { return format("none") }
        if lower.contains("nf4"), lower.contains("double") || lower.contains("dq") { return format("nf4-dq") }
        let inside = formats.filter(\.isQuantised).flatMap { format in format.words.map { (word: $0, format: format) } }
            .filter { lower.contains($0.word) }
        return inside.max { $0.word.count < $1.word.count }?.format
    }

    package func device(_ word: String) -> Device? {
        let lower = word.lowercased()
        return devices.first { $0.id == lower } ?? devices.first { $0.name.lowercased() == lower }
            ?? devices.first { $0.name.lowercased().hasPrefix(lower) && lower.count > 2 }
    }

    /// The ordinary loss for an empty word: every framework's default before it learned better.
    package func lossPath(_ text: String) -> LossPath? {
        let lower = text.lowercased()
        return lossPaths.first { path in path.id == lower || path.words.contains { lower.contains($0) } }
            ?? lossPaths.first { $0.id == "ordinary" }
    }

    package func profile(framework: String, method: MemoryProfile.Method, format: WeightFormat) -> MemoryProfile? {
        profiles.first { $0.fits(framework: framework, method: method, format: format) }
    }

    // MARK: reading

    static func rows(_ id: String, _ book: RuleBook) throws(MemoryTableError) -> [RuleTable.Row] {
        guard let table = book.table(id) else { throw .missingTable(id) }
        return table.rows
    }

    private static func profiles(_ rows: [RuleTable.Row]) throws(MemoryTableError) -> [MemoryProfile] {
        var known: [String: MemoryProfile] = [:]
        var profiles: [MemoryProfile] = []
        for row in rows {
            let parent = row.text("like").flatMap { known[$0] }
            if let name = row.text("like"), parent == nil { throw .unknownParent(name, row.place) }
            let profile = try MemoryProfile(row, like: parent)
            known[row.id] = profile
            profiles.append(profile)
        }
        return profiles
    }
}

/// What is wrong with the tables of the memory check.
package enum MemoryTableError: Error, Sendable {
    case missingTable(String)
    case missingCell(String, YAMLPlace)
    case unknownWord(String, column: String, allowed: [String], YAMLPlace)
    /// `like` names a row that does not stand above.
    case unknownParent(String, YAMLPlace)
}

extension RuleTable.Row {
    func needed(_ column: String) throws(MemoryTableError) -> Double {
        guard let number = number(column) else { throw .missingCell(column, place) }
        return number
    }

    fileprivate func count(_ column: String) throws(MemoryTableError) -> Int {
        let number = try needed(column)
        guard number >= 1, number < 1e9 else { throw .missingCell(column, place) }
        return Int(number)
    }

    fileprivate func word<Word: RawRepresentable & CaseIterable>(_ text: String, _ column: String)
        throws(MemoryTableError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw .unknownWord(text, column: column, allowed: Word.allCases.map(\.rawValue), place)
        }
        return word
    }
}

extension Architecture {
    fileprivate init(_ row: RuleTable.Row) throws(MemoryTableError) {
        self.init(
            name: row.list("names")?.first ?? row.id, kind: try row.word(row.text("kind") ?? "dense", "kind"),
            layers: try row.count("layers"), hidden: try row.count("hidden"), inner: try row.count("inner"),
            heads: try row.count("heads"), keyValueHeads: try row.count("key_value_heads"),
            headSize: try row.count("head_size"), vocabulary: try row.count("vocabulary"),
            isTied: row.flag("tied") ?? false,
            isGated: row.flag("gated") ?? true, hasQueryBias: row.flag("query_bias") ?? false,
            hasCappedLogits: row.flag("capped_logits") ?? false, normsPerLayer: Int(row.number("norms") ?? 2),
            experts: row.number("experts").map { Int($0) }, expertInner: row.number("expert_inner").map { Int($0) },
            expertsPerToken: row.number("experts_per_token").map { Int($0) },
            publishedParameters: row.number("parameters_billion").map { $0 * 1e9 },
            origin: row.ruleID + ((row.note ?? "").contains("recalled") ? " (recalled)" : ""))
    }
}

extension MemoryProfile {
    fileprivate init(_ row: RuleTable.Row, like parent: MemoryProfile?) throws(MemoryTableError) {
        var numbers = parent?.numbers ?? [:]
        for key in Key.allCases {
            if let number = row.number(key.rawValue) { numbers[key] = number }
        }
        var methods: [Method] = []
        for text in row.list("methods") ?? [] { methods.append(try row.word(text, "methods")) }
        self.init(
            id: row.id, frameworks: row.list("frameworks") ?? [], methods: methods,
            storage: try row.word(row.text("storage") ?? "any", "storage"), formats: row.list("formats") ?? [],
            numbers: numbers,
            hasCheckpointsOnDevice: row.flag("checkpoints_on_device") ?? parent?.hasCheckpointsOnDevice ?? true,
            quantisesHead: row.flag("quantised_head") ?? parent?.quantisesHead ?? false,
            copiesHead: row.flag("copied_head") ?? parent?.copiesHead ?? false,
            leavesHoles: row.flag("loading_holes") ?? parent?.leavesHoles ?? false,
            keepsGradientsAlways: row.text("gradients_persist").map { $0 == "always" } ?? parent?.keepsGradientsAlways
                ?? false,
            loadsWhole: row.flag("loads_whole") ?? parent?.loadsWhole ?? false, trust: row.text("trust") ?? "C",
            measuredOn: row.list("measured_on") ?? [])
    }
}
