import Feasibility
import FileStore
import Foundation
import JSONText
import Plan
import Testing

@Suite("Memory of a run on an accelerator")
struct DeviceEstimateTests {
    private let tables: MemoryTables
    private let models = ["meta-llama/Llama-3.2-1B-Instruct", "Qwen/Qwen2.5-7B-Instruct", "google/gemma-2-9b-it"]

    init() throws { tables = try Checkout.tables() }

    private func estimate(_ model: String, _ change: (inout DeviceQuestion) -> Void = { _ in }) throws -> DeviceEstimate
    {
        var question = DeviceQuestion(model: model)
        question.method = "qlora"
        question.loss = "ordinary"
        change(&question)
        return DeviceEstimate(try question.run(tables))
    }

    /// Every framework, since profiles differ in more than their numbers.
    private let frameworks = [
        "trl", "transformers", "unsloth", "axolotl", "torchtune", "litgpt", "ms-swift 2", "something else",
    ]

    @Test("parts add up to the total, and no phase needs more than the peak")
    func parts() throws {
        for model in models {
            for method in ["lora", "qlora", "full"] {
                for framework in frameworks {
                    let found = try estimate(model) {
                        $0.method = method
                        $0.framework = framework
                    }
                    #expect(found.parts.values.reduce(ByteCount(0), +) == found.p50)
                    #expect(found.p95 >= found.p50 && found.reserved >= found.allocated)
                    let highest = found.phases.map(\.bytes).max() ?? 0
                    #expect(abs(highest.bytes - found.allocated.bytes) < 64)
                }
            }
        }
    }

    @Test("more tokens, more rows and a higher rank never need less")
    func monotone() throws {
        for model in models {
            for framework in frameworks {
                for checkpointing in [true, false] {
                    var last: [ByteCount] = [0, 0, 0]
                    for step in [1, 2, 3, 5, 8] {
                        func found(_ change: (inout DeviceQuestion) -> Void) throws -> ByteCount {
                            try estimate(model) {
                                $0.framework = framework
                                $0.checkpointing = checkpointing
                                change(&$0)
                            }.p50
                        }
                        let now = [
                            try found { $0.maxLength = 512 * step }, try found { $0.microBatch = step },
                            try found { $0.rank = 8 * step },
                        ]
                        for (new, old) in zip(now, last) { #expect(new >= old) }
                        last = now
                    }
                }
            }
        }
    }

    @Test("4-bit weights need less than 8-bit ones, and those less than 16-bit ones")
    func formats() throws {
        for model in models {
            func weights(_ format: String) throws -> Int {
                let parts = try estimate(model) {
                    $0.method = "lora"
                    $0.format = format
                }.parts
                return [parts[.quantisedWeights], parts[.weights], parts[.plainWeights]].reduce(0) {
                    $0 + ($1?.bytes ?? 0)
                }
            }
            #expect(try weights("nf4-dq") < weights("nf4"))
            #expect(try weights("nf4") < weights("int8"))
            #expect(try weights("int8") < weights("sixteen_bit"))
        }
    }

    @Test("a tied head needs less than one of its own")
    func tied() throws {
        var architecture = try #require(tables.architecture(named: "meta-llama/Llama-3.2-1B-Instruct"))
        var needs: [Bool: ByteCount] = [:]
        for isTied in [true, false] {
            architecture.isTied = isTied
            let question = DeviceQuestion(model: "local")
            needs[isTied] = DeviceEstimate(try question.run(tables, architecture: architecture)).p50
        }
        #expect(try #require(needs[true]) < #require(needs[false]))
    }

    @Test("more devices never need more of each")
    func devices() throws {
        for model in models {
            for strategy in ["ddp", "zero2", "zero3", "fsdp"] {
                for method in ["lora", "qlora", "full"] {
                    var last = ByteCount(Int.max)
                    for count in [1, 2, 4, 8] {
                        let now = try estimate(model) {
                            $0.method = method
                            $0.devices = count
                            $0.strategy = strategy
                        }.p50
                        #expect(now <= last)
                        last = now
                    }
                }
            }
        }
    }

    @Test("a fused loss, checkpointing and an 8-bit optimizer save memory")
    func savings() throws {
        let long: (inout DeviceQuestion) -> Void = { $0.maxLength = 4096 }
        let base = try estimate("Qwen/Qwen2.5-7B-Instruct", long).p50
        let fused = try estimate("Qwen/Qwen2.5-7B-Instruct") {
            long(&$0)
            $0.loss = "fused"
        }.p50
        let plain = try estimate("Qwen/Qwen2.5-7B-Instruct") {
            long(&$0)
            $0.checkpointing = false
        }.p50
        #expect(fused < base && base < plain)
        func full(_ optimizer: String) throws -> ByteCount {
            try estimate("Qwen/Qwen2.5-7B-Instruct") {
                $0.method = "full"
                $0.framework = "transformers"
                $0.optimizer = optimizer
            }.p50
        }
        #expect(try full("adamw_8bit") < full("adamw_torch_fused"))
        #expect(try full("adamw_torch_fused") < full("adamw_torch"))
    }

    @Test("parameter counts are those of the published models")
    func counts() throws {
        for (name, count) in [
            ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248.0), ("Qwen/Qwen2.5-7B-Instruct", 7_615_616_512),
            ("google/gemma-2-2b-it", 2_614_341_888), ("microsoft/phi-4", 14_659_507_200),
        ] {
            let found = try #require(tables.architecture(named: name)).parameters
            #expect(abs(found / count - 1) < 1e-4, "\(name)")
        }
    }

    @Test("a name is found without its owner, its tuning or its release, and a 7B is not a 70B")
    func names() {
        #expect(tables.architecture(named: "unsloth/Llama-3.2-1B-Instruct-bnb-4bit")?.layers == 16)
        #expect(tables.architecture(named: "meta-llama/Llama-3.1-8B")?.layers == 32)
        #expect(tables.architecture(named: "Llama-9.9-7B") == nil)
    }

    @Test("a mixture of experts has no verdict")
    func mixture() throws {
        var question = DeviceQuestion(model: "Qwen/Qwen3-30B-A3B")
        question.method = "qlora"
        let verdict = DeviceVerdict(try question.run(tables), usable: ByteCount(gibibytes: 1000))
        #expect(verdict.verdict == .unknown)
    }

    @Test("what cannot be meant is refused with a reason")
    func refusals() {
        func fails(_ change: (inout DeviceQuestion) -> Void) -> DeviceQuestionError? {
            var question = DeviceQuestion(model: "Qwen/Qwen3-8B")
            change(&question)
            do {
                _ = try question.run(tables)
                return nil
            } catch { return error }
        }
        let known = tables.architectureNames.count
        #expect(
            fails { $0.model = "Qwen/Qwen3-9B" }
                == .unknownModel("Qwen/Qwen3-9B", suggestion: "Qwen/Qwen3-4B", known: known))
        #expect(
            fails { $0.maxLength = 0 } == .outOfRange(option: "--max-length", value: 0, lowest: 1, highest: 1 << 24))
        #expect(
            fails {
                $0.method = "full"; $0.rank = 8
            } == .contradiction("--method full", "--rank"))
        #expect(
            fails {
                $0.method = "qlora"; $0.format = "bf16"
            } == .contradiction("--method qlora", "--format bf16"))
        #expect(
            fails {
                $0.devices = 2; $0.strategy = "single"
            } == .contradiction("--strategy single", "--gpus 2"))
        #expect(fails { $0.method = "lore" } != nil)
    }

    @Test("numbers no machine holds are no trap")
    func overflow() throws {
        let found = try estimate("meta-llama/Llama-3.3-70B-Instruct") {
            $0.maxLength = 1 << 24
            $0.microBatch = 1 << 20
            $0.attention = "eager"
        }
        #expect(found.p50 > ByteCount(gibibytes: 1_000_000))
    }

    @Test("a configuration file of another family is read, and an unknown one is refused by name")
    func configurations() throws {
        let text = """
            {"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
             "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": false}
            """
        let read = try Architecture(config: try JSONValue.parse(text), path: "config.json")
        #expect(abs(read.parameters - 7_615_616_512) < 1e6)
        #expect(throws: ArchitectureError.self) {
            try Architecture(config: ["model_type": "rwkv", "hidden_size": 8], path: "config.json")
        }
        #expect(throws: ArchitectureError.missingKey("hidden_size", path: "c")) {
            try Architecture(config: ["model_type": "llama"], path: "c")
        }
    }

    @Test("a driver's list of devices is read, and a machine without the tool has none")
    func driver() {
        let found = PresentDevice.devices(in: "Tesla T4, 15095, 14900, 7.5\nbroken\n")
        #expect(found.map(\.name) == ["Tesla T4"])
        #expect(found.first?.free == ByteCount(mebibytes: 14900))
        #expect(PresentDevice.probe(tool: "no-such-tool").isEmpty)
    }

    @Test("what a driver said is kept for a day and no longer; a torn file is none")
    func keptAnswer() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = DeviceProbeFile(path: folder + "/devices.json"), found = PresentDevice.devices(in: "Tesla T4, 15095, 14900, 7.5")
        #expect(file.load(now: 0) == nil)
        file.save(found, now: 1000)
        #expect(file.load(now: 1000 + 3600)?.devices == found)
        #expect(file.load(now: 1000 + 3600)?.age == 3600)
        #expect(file.load(now: 1000 + 86400) == nil)
        #expect(file.load(now: 999) == nil)
        try FileStore().write("{\"asked_at\": 1000, \"devices\": [{}]}", to: folder + "/devices.json")
        #expect(file.load(now: 1001) == nil)
    }

    @Test("a kernel that keeps its scores needs one matrix for each block, less than eager attention does")
    func attentionKernels() throws {
        let peaks = try ["efficient", "math", "eager"].map { kernel in
            try estimate(models[0]) { ($0.checkpointing, $0.attention) = (false, kernel) }.p50.bytes
        }
        #expect(peaks[0] < peaks[1] && peaks[1] < peaks[2])
    }
}
