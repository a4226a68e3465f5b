import ArgumentParser
import Feasibility
import JSONText
import ModelFiles
import Plan

struct BenchCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case fp32, bf16, nf4
        var value: Precision { self == .fp32 ? .fp32 : .bf16 }
    }

    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine: products, memory, and training and decoding a model of a known shape.",
        discussion: "Weights are random, nothing is downloaded: judge a machine before you buy time on it.")

    @Option(help: ArgumentHelp("A model of rules/tables/architectures.yaml.", valueName: "model"))
    var shape = "smollm2-135m-instruct"

    @Option(help: "Threads; all cores by default.")
    var threads: Int?

    @Option(help: "Tokens of a row; two fifths of them are targets.")
    var maxLength = 512

    @Option(help: "Rank of the adapter on all linear layers.")
    var rank = 16

    @Option(help: "Number format of frozen weights; nf4 is multiplied in bf16.")
    var precision = Format.fp32

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard (8...8192).contains(maxLength) else { throw ValidationError("--max-length is between 8 and 8192") }
        guard (1...1024).contains(rank) else { throw ValidationError("--rank is between 1 and 1024") }
        guard (threads ?? 1) > 0 else { throw ValidationError("--threads is at least 1") }
    }

    func run() throws {
        let tables = try MemoryTables(rules.load())
        let architecture = try DeviceQuestion(model: shape).run(tables).architecture
        let machine = MachineProfile.probe()
        let threads = threads ?? machine.cores
        let settings = LoRASettings(rank: rank)
        try refuseIfTooLarge(architecture, settings, threads: threads, machine)
        Terminal.say("measuring \(shape) with \(threads) threads: about half a minute")
        let products = MachineRates.products(threads: threads, seconds: 1)
        let narrow = MachineRates.bfloat16Products(threads: threads, seconds: 1)
        let ceiling = precision == .fp32 ? products : narrow
        let reads = MachineRates.reads(threads: threads, seconds: 1)
        let model = TimedModel(
            .adapter(settings), architecture.nearestShape, precision: precision.value,
            quantization: precision == .nf4 ? Quantization() : nil, threads: threads, tokens: 4 * maxLength)
        let one = try model.timed(rows: 1, rowTokens: maxLength, targetShare: 0.4, within: 3)
        let four = try model.timed(rows: 4, rowTokens: maxLength, targetShare: 0.4, within: 3)
        let peak = MachineProfile.peakResidentMemory() ?? ByteCount(0)
        let single = try model.decoding(batch: 1, promptTokens: 128, newTokens: 32)
        let many = try model.decoding(batch: 16, promptTokens: 128, newTokens: 32)
        if json {
            let object: JSONValue = [
                "machine": machine.json, "threads": JSONValue(threads), "shape": .string(shape),
                "matrix_gflops": ["float32": JSONValue(products / 1e9), "bfloat16": JSONValue(narrow / 1e9)],
                "read_gigabytes_per_second": JSONValue(reads / 1e9),
                "train": json(one, microBatch: 1, peak: peak, ceiling: ceiling),
                "train_4": json(four, microBatch: 4, peak: peak, ceiling: ceiling),
                "decode": [
                    "tokens_per_second": JSONValue(single.whole), "batch": 1,
                    "tokens_per_second_16": JSONValue(many.whole),
                    "after_the_prompt": JSONValue(single.after), "after_the_prompt_16": JSONValue(many.after),
                    "prompt_tokens": 128, "new_tokens": 32,
                ],
            ]
            return Terminal.data(object.text(.pretty))
        }
        let page: [(String, String)] = [
            ("Machine", "\(machine.processor), \(threads) threads, \(machine.widestInstructionSet)"),
            ("Products, float32", "\(fixed(products / 1e9, 0)) GFLOP/s"),
            ("Products, bfloat16", "\(fixed(narrow / 1e9, 0)) GFLOP/s"),
            ("Memory, read", "\(fixed(reads / 1e9, 1)) GB/s"),
            ("Training, 1 row of \(maxLength)", words(one)),
            ("Training, 4 rows", words(four)),
            ("Decoding, 1 prompt of 128", words(single)), ("Decoding, 16 prompts", words(many)),
        ]
        for (name, value) in page { Terminal.data(name.padding(to: 28) + value) }
        Terminal.say("all measured; LoRA of rank \(rank) on all linear layers, in \(precision.rawValue)")
    }

    private func json(_ pass: TimedPass, microBatch: Int, peak: ByteCount, ceiling: Double) -> JSONValue {
        [
            "tokens_per_second": JSONValue(pass.tokensPerSecond), "peak_rss_bytes": JSONValue(peak.bytes),
            "micro_batch": JSONValue(microBatch), "max_length": JSONValue(maxLength),
            "precision": .string(["fp32": "float32", "bf16": "bfloat16"][precision.rawValue] ?? precision.rawValue),
            "operations_per_token": JSONValue(pass.operationsPerToken),
            "matrix_share": JSONValue(pass.operationsPerSecond / ceiling),
        ]
    }

    private func words(_ pass: TimedPass) -> String {
        "\(fixed(pass.tokensPerSecond, 0)) tokens/s, \(fixed(pass.operationsPerSecond / 1e9, 0)) GFLOP/s"
    }

    private func words(_ decoding: (whole: Double, after: Double)) -> String {
        "\(fixed(decoding.whole, 1)) tokens/s, \(fixed(decoding.after, 1)) after the prompt"
    }

    private func refuseIfTooLarge(
        _ architecture: Architecture, _ settings: LoRASettings, threads: Int, _ machine: MachineProfile
    ) throws {
        var training = TrainingSettings()
        training.maxLength = maxLength
        training.batching = .rows(4)
        training.threads = threads
        let plan = RunPlan(
            model: ModelReference(shape), method: .lora(settings), data: DataSettings(paths: []), training: training)
        let load = TrainingLoad(
            rows: 4, tokens: 4 * maxLength, targetTokens: 2 * maxLength, longestRow: maxLength)
        let check = PlanCheck(
            plan: plan, model: ModelFacts(shape: architecture.nearestShape, storedBytes: 0), load: load,
            machine: machine)
        if check.verdict == .doesNotFit { throw Refusal.doesNotFit(check) }
    }
}
