internal import YAMLText

/// A question about a run on an accelerator, in the words a person uses.
package struct DeviceQuestion: Sendable, Hashable {
    package var model = ""
    package var method = "lora"
    package var format: String?
    package var framework = "trl"
    package var loss = "chunked"
    package var optimizer = "adamw_torch_fused"
    package var targets = "all-linear"
    package var rank: Int?
    package var maxLength = 1024
    package var microBatch = 1
    package var accumulation = 1
    package var checkpointing = true
    package var attention = "efficient"
    package var devices = 1
    package var strategy: String?
    package var evaluationBatch = 0

    package init(model: String) { self.model = model }
}

/// Why a question has no answer.
package enum DeviceQuestionError: Error, Sendable, Hashable {
    case unknownWord(option: String, word: String, suggestion: String?, known: [String])
    case unknownModel(String, suggestion: String?, known: Int)
    case unknownDevice(String, suggestion: String?, known: [String])
    case outOfRange(option: String, value: Int, lowest: Int, highest: Int)
    /// Two options that cannot both be meant.
    case contradiction(String, String)
}

extension DeviceQuestion {
    /// `architecture` stands for a local model; without it the name is looked up.
    package func run(_ tables: MemoryTables, architecture known: Architecture? = nil) throws(DeviceQuestionError)
        -> DeviceRun
    {
        let architecture: Architecture
        if let known { architecture = known } else { architecture = try lookedUp(tables) }
        try DeviceQuestion.check("--max-length", maxLength, 1, 1 << 24)
        try DeviceQuestion.check("--micro-batch", microBatch, 1, 1 << 20)
        try DeviceQuestion.check("--accumulation", accumulation, 1, 1 << 20)
        try DeviceQuestion.check("--gpus", devices, 1, 1 << 16)
        if let rank { try DeviceQuestion.check("--rank", rank, 1, 1 << 16) }
        let kind = try DeviceQuestion.word("--method", method, ["lora", "qlora", "full"])
        if kind == "full", rank != nil { throw .contradiction("--method full", "--rank") }
        let formatName = format ?? (kind == "qlora" ? "nf4" : "sixteen_bit")
        guard let format = tables.format(formatName) else {
            let ids = tables.formats.map(\.id)
            throw .unknownWord(
                option: "--format", word: formatName, suggestion: didYouMean(formatName, among: ids), known: ids)
        }
        if kind == "qlora", !format.isQuantised { throw .contradiction("--method qlora", "--format \(formatName)") }
        if kind == "full", format.isQuantised { throw .contradiction("--method full", "--format \(formatName)") }
        let attention = try DeviceQuestion.word("--attention", attention, DeviceRun.Attention.allCases.map(\.rawValue))
        let lossID = try DeviceQuestion.word("--loss", loss, tables.lossPaths.map(\.id))
        let method: MemoryProfile.Method = kind == "full" ? .full : .lora
        guard let profile = tables.profile(framework: framework, method: method, format: format),
            let path = tables.lossPaths.first(where: { $0.id == lossID })
        else { throw .unknownWord(option: "--framework", word: framework, suggestion: nil, known: []) }
        let adapter = AdapterTargets(spelling: targets)
        if lossID == "chunked", adapter.includesHead {
            throw .contradiction("--loss chunked", "an adapter on the output head")
        }
        return DeviceRun(
            architecture: architecture, method: method, format: format, profile: profile, loss: path, targets: adapter,
            rank: rank ?? 16, knownTrainable: nil, rowTokens: maxLength, microBatch: microBatch,
            accumulation: accumulation,
            checkpointing: checkpointing, attention: DeviceRun.Attention(rawValue: attention) ?? .efficient,
            optimizer: DeviceOptimizer(spelling: optimizer), devices: devices, strategy: try chosenStrategy(),
            evaluationBatch: evaluationBatch)
    }

    private func lookedUp(_ tables: MemoryTables) throws(DeviceQuestionError) -> Architecture {
        guard let architecture = tables.architecture(named: model) else {
            throw .unknownModel(
                model, suggestion: suggestion(tables.architectureNames), known: tables.architectureNames.count)
        }
        return architecture
    }

    /// The hub name nearest to what was typed; tuning and owner do not count.
    private func suggestion(_ names: [String]) -> String? {
        if let whole = didYouMean(model, among: names) { return whole }
        let stems = names.map { ModelName($0).stem }
        guard let nearest = didYouMean(ModelName(model).stem, among: stems) else { return nil }
        return stems.firstIndex(of: nearest).map { names[$0] }
    }

    /// Several devices share everything unless somebody says how they share.
    private func chosenStrategy() throws(DeviceQuestionError) -> DeviceRun.Strategy {
        guard let strategy else { return devices > 1 ? .fsdp : .single }
        let word = try DeviceQuestion.word("--strategy", strategy, DeviceRun.Strategy.allCases.map(\.rawValue))
        if word == "single", devices > 1 { throw .contradiction("--strategy single", "--gpus \(devices)") }
        return DeviceRun.Strategy(rawValue: word) ?? .single
    }

    private static func check(_ option: String, _ value: Int, _ lowest: Int, _ highest: Int) throws(DeviceQuestionError)
    {
        guard (lowest...highest).contains(value) else {
            throw .outOfRange(option: option, value: value, lowest: lowest, highest: highest)
        }
    }

    private static func word(_ option: String, _ word: String, _ known: [String]) throws(DeviceQuestionError) -> String
    {
        guard known.contains(word) else {
            throw .unknownWord(option: option, word: word, suggestion: didYouMean(word, among: known), known: known)
        }
        return word
    }
}
