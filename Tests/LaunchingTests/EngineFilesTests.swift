import FileStore
import Foundation
import JSONText
import Plan
import Testing

@testable import Launching

private let templates = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/templates"

private func plan(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
    var plan = RunPlan(
        model: "base", method: .lora(), data: DataSettings(paths: ["rows.jsonl"]), training: TrainingSettings())
    plan.engine = .trl
    change(&plan)
    return plan
}

private let material = TRLSettings.Material(
    model: "/models/base", tokenizerFiles: ["tokenizer.json"], adaptedModules: ["q_proj", "v_proj"], totalSteps: 40,
    trainRows: 10, generalRows: 2, validationRows: 3, identity: ["data": "x"], memory: [])

@Suite("What TRL is told")
struct TRLSettingsTests {
    @Test("every default of TRL that differs from the plan is overridden by name")
    func words() throws {
        let json = try TRLSettings(
            plan { plan in
                plan.training.warmup = .share(0.1)
                plan.training.schedule = .constant
                plan.training.batching = .packed(tokens: 4096)
                plan.training.maxLength = 1024
            }, material
        ).json
        #expect(json["sft"]?["warmup_steps"] == 4 && json["sft"]?["lr_scheduler_type"] == "constant_with_warmup")
        #expect(json["sft"]?["padding_free"] == true && json["rows_per_look"] == 4)
        #expect(json["sft"]?["use_cpu"] == true && json["sft"]?["bf16"] == false && json["dtype"] == "float32")
        #expect(json["lora"]?["r"] == 16 && json["lora"]?["lora_dropout"]?.doubleValue == 0)
    }

    @Test("a frozen base is stored in the format of its products, trained weights in 32 bits")
    func formats() throws {
        let frozen = try TRLSettings(plan { $0.training.precision = .bf16 }, material).json
        #expect(frozen["dtype"] == "bfloat16")
        let full = try TRLSettings(
            plan {
                $0.method = .full
                $0.training.precision = .bf16
            }, material
        ).json
        #expect(full["dtype"] == "float32" && full["lora"] == .null)
    }

    @Test(
        "a setting TRL cannot carry out is refused by its name",
        arguments: [
            ("training.share_prefixes", "true"), ("training.memory_limit", "1 GiB"),
            ("training.early_stopping_metric", "exact_match"), ("training.precision", "fp16"),
            ("method.kind", "qlora"), ("launch.strategy", "fsdp"),
        ])
    func refused(_ key: String, _ value: String) throws {
        let changed = try plan().setting(key, to: value)
        guard case .cannotExpress(let named, _, _) = TRLSettings.inexpressible(in: changed) else {
            Issue.record("\(key) was not refused")
            return
        }
        #expect(named == key)
    }
}

@Suite("What starts an engine")
struct LaunchFilesTests {
    private func files(_ change: (inout RunPlan) -> Void) throws -> [String: String] {
        let run = RunFolder(path: "/runs/x")
        let launch = LaunchFiles(plan(change), run: run, absoluteFolder: run.engine, python: "/py/bin/python")
        return Dictionary(
            uniqueKeysWithValues: try launch.texts(templates: templates, FileStore()).map { ($0.name, $0.text) })
    }

    @Test("one process is plain Python, and no braces of the template are left")
    func plain() throws {
        let found = try files { _ in }
        #expect(found["launch.sh"]?.contains(#"exec "$PYTHON" train.py"#) == true)
        #expect(found["accelerate.yaml"] == nil && found["job.sbatch"] == nil)
        #expect(found.values.allSatisfy { !$0.contains("{{") || $0.contains("{{%") })
    }

    @Test("several machines are told their number and the first one's address")
    func machines() throws {
        let text = try files {
            $0.launch.nodes = 2
            $0.launch.gpusPerNode = 4
            $0.launch.strategy = .ddp
        }["launch.sh"]
        let words = ["--nnodes 2", "--nproc_per_node 4", #"--node_rank "$NODE_RANK""#, "$HEAD:$PORT", "join_timeout="]
        for word in words { #expect(text?.contains(word) == true, "\(word)") }
    }

    @Test("what shards goes through accelerate", arguments: [LaunchSettings.Strategy.fsdp, .zero2, .zero3])
    func shards(_ strategy: LaunchSettings.Strategy) throws {
        let found = try files {
            $0.launch.gpusPerNode = 8
            $0.launch.strategy = strategy
        }
        #expect(found["launch.sh"]?.contains("accelerate.commands.launch --config_file accelerate.yaml") == true)
        let config = found["accelerate.yaml"] ?? ""
        #expect(config.contains("num_processes: 8"))
        #expect(config.contains("zero_stage: 3") == (strategy == .zero3))
        #expect(config.contains("fsdp_version: 2") == (strategy == .fsdp))
        #expect((found["requirements.txt"] ?? "").contains("deepspeed") == (strategy != .fsdp))
    }

    @Test("a job of Slurm is requeued, warned before its end, and expands ranks on the nodes")
    func slurm() throws {
        let found = try files {
            $0.launch.nodes = 2
            $0.launch.gpusPerNode = 8
            $0.launch.strategy = .ddp
            $0.launch.scheduler = .slurm
        }
        let job = found["job.sbatch"] ?? ""
        for word in [
            "--nodes=2", "--gpus-per-node=8", "--requeue", "--signal=TERM@", "NODE_RANK=$SLURM_NODEID",
            "/py/bin/python",
        ] {
            #expect(job.contains(word), "\(word)")
        }
        #expect(found["submit.sh"]?.contains("sbatch --parsable") == true)
    }
}

@Suite("Versions of an engine's packages")
struct EngineRequirementsTests {
    @Test("a pinned package is accepted with another patch and refused with another minor version")
    func versions() throws {
        let found = EngineRequirements(text: "# why\ntrl==1.16.0\ntorch>=2.6\n").packages
        #expect(found.map(\.name) == ["trl", "torch"])
        let trl = try #require(found.first), torch = try #require(found.last)
        #expect(trl.accepts("1.16.3") && !trl.accepts("1.17.0") && !trl.accepts("1.9.0"))
        #expect(torch.accepts("2.15.0+cpu") && torch.accepts("3.0") && !torch.accepts("2.5.1"))
    }

    @Test("Python is the one named, else the environment's, else hone's own")
    func order() throws {
        #expect(EnginePython.choose(named: "/a", environment: ["HONE_PYTHON": "/b"]) == "/a")
        #expect(EnginePython.choose(named: nil, environment: ["HONE_PYTHON": "/b"]) == "/b")
        #expect(EnginePython.choose(named: nil, environment: ["HOME": "/nowhere"]) == "python3")
    }
}
