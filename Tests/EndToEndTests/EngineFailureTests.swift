import Foundation
import Testing

/// A shell script in the place of Python: it has every package hone asks for, and trains the way it is told to.
private struct FakePython {
    let folder: String
    var path: String { folder + "/python" }

    /// - Parameters:
    ///   - script: Lines of shell in the place of the training.
    ///   - versions: Packages that are there in another version; without one where it is missing.
    ///   - devices: Accelerators torch would find.
    init(in folder: String, training script: String, versions: [String: String] = [:], devices: Int = 0) throws {
        self.folder = folder
        let requirements = try String(
            contentsOfFile: HoneBinary.home + "/templates/engine/requirements.txt", encoding: .utf8)
        let pairs = requirements.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split { "=>".contains($0) }.map(String.init)
            return (words[0], versions[words[0]] ?? words[1])
        }
        let found = pairs.map { "\"\($0.0)\": " + ($0.1.isEmpty ? "null" : "\"\($0.1)\"") }.joined(separator: ", ")
        try "{\"python\": \"3.11.7\", \"versions\": {\(found)}, \"devices\": \(devices)}\n".write(
            toFile: folder + "/probe.json", atomically: false, encoding: .utf8)
        let text = """
            #!/bin/sh
            case "$1" in
            */probe.py) exec cat '\(folder)/probe.json' ;;
            esac
            \(script)
            """
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
}

@Suite(
    "Engine trl that goes wrong", .timeLimit(.minutes(10)),
    .enabled(if: HoneBinary.hasPracticeModel, "needs models/base"))
struct EngineFailureTests {
    /// Trains with the fake Python; `changes` are settings of the plan.
    private func train(
        _ script: String, changes: [String] = [], versions: [String: String] = [:], devices: Int = 0,
        environment: String = "", _ check: (HoneBinary.Result, _ folder: String) throws -> Void
    ) async throws {
        try await withTRLCase(steps: 2) { folder in
            let python = try FakePython(in: folder, training: script, versions: versions, devices: devices)
            let set = changes.map { "--set \($0)" }.joined(separator: " ")
            let result = try await HoneBinary.shell(
                """
                $HONE plan trl.yaml \(set) -o own.yaml || exit 9
                \(environment) $HONE train own.yaml --name fake --python '\(python.path)'
                """, in: folder)
            try check(result, folder)
        }
    }

    @Test(
        "out of memory is explained with what the plan reckoned with and what to change",
        arguments: [
            "echo 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.' >&2; exit 1",
            "echo 'RuntimeError: [enforce fail at alloc_cpu.cpp:121] can'\"'\"'t allocate memory' >&2; exit 1",
        ])
    func outOfMemory(script: String) async throws {
        try await train(script) { result, _ in
            #expect(result.code == 1)
            for words in [
                "ran out of memory", "allocate", "the plan reckoned with", "activations and logits",
                "program and libraries", "halve `training.micro_batch`", "gradient_checkpointing",
            ] {
                #expect(result.talk.contains(words), "\(words): \(result.talk)")
            }
        }
    }

    @Test("processes that wait for each other in vain are explained with the likely cause")
    func rendezvous() async throws {
        let script = "echo 'torch.distributed.elastic.rendezvous.api.RendezvousTimeoutError' >&2; exit 1"
        try await train(script, changes: ["launch.strategy=ddp", "launch.processes_per_node=2"]) { result, _ in
            #expect(result.code == 1)
            #expect(result.talk.contains("did not find each other") && result.talk.contains("NODE_RANK"))
        }
    }

    @Test("a process that dies and takes the others with it is named")
    func lostProcess() async throws {
        let script = """
            cat >&2 <<'END'
            torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
            train.py FAILED
            [1]:
              rank      : 1 (local_rank: 1)
              exitcode  : -9 (pid: 1234)
              traceback : Signal 9 (SIGKILL) received by PID 1234
            END
            exit 1
            """
        try await train(script, changes: ["launch.strategy=ddp", "launch.processes_per_node=2"]) { result, _ in
            #expect(result.code == 1)
            #expect(result.talk.contains("one of the processes that train together died"), "\(result.talk)")
            #expect(result.talk.contains("rank      : 1") && result.talk.contains("engine.log"))
        }
    }

    @Test("wrong and missing packages are named before anything is written, with the command that adds them")
    func packages() async throws {
        try await train("exit 0", versions: ["trl": "1.9.0", "peft": ""]) { result, folder in
            #expect(result.code == 1)
            for words in ["missing: peft", "trl 1.9.0 instead of ==1.16.0", "hone engine setup trl"] {
                #expect(result.talk.contains(words), "\(words): \(result.talk)")
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
        }
    }

    @Test("a machine that shows torch no accelerator is refused where the plan wants one")
    func noAccelerator() async throws {
        try await train("exit 0", changes: ["launch.gpus_per_node=1"]) { result, folder in
            #expect(result.code == 4)
            #expect(result.talk.contains("wants 1 accelerator on each machine, and torch finds 0"), "\(result.talk)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
        }
    }

    @Test("secrets in the environment reach neither the run folder nor what is said")
    func secrets() async throws {
        let secret = "hone-test-secret-4711"
        let script = "env | grep -q HF_TOKEN=\(secret) && echo 'it is there' >&2; exit 1"
        try await train(script, environment: "HF_TOKEN=\(secret) WANDB_API_KEY=\(secret)") { result, folder in
            #expect(result.talk.contains("it is there"), "\(result.talk)")
            #expect(!(result.talk + result.output).contains(secret))
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder + "/runs")
            #expect(files.contains { $0.hasSuffix("engine.log") })
            for file in files {
                let data = FileManager.default.contents(atPath: folder + "/runs/" + file) ?? Data()
                #expect(data.range(of: Data(secret.utf8)) == nil, "\(file)")
            }
        }
    }
}
