import FileStore
import Foundation
import Glibc
import JSONText
import Plan
import Testing

/// A Python that has TRL, where one is named or was made by `hone engine setup trl`.
private enum TRLPython {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        guard environment["HONE_SLOW_TESTS"] == "1" else { return nil }
        let cache = CacheFolder(environment: environment).map { $0.path + "/engine-trl/bin/python" }
        let found = [environment["HONE_PYTHON"], cache, "python3"].compactMap { $0 }.first { python in
            system("'\(python)' -c 'import importlib.metadata as m; m.version(\"trl\")' > /dev/null 2>&1") == 0
        }
        return found
    }()
    static let isMissing = Comment(
        "needs HONE_SLOW_TESTS=1 and a Python with TRL: HONE_PYTHON, or `hone engine setup trl`")
}

private func run(_ name: String, in folder: String) throws -> RunFolder {
    let found = try FileManager.default.contentsOfDirectory(atPath: folder + "/runs").first { $0.hasSuffix("-" + name) }
    return RunFolder(path: folder + "/runs/" + (try #require(found)))
}

private func log(_ name: String, in folder: String) throws -> EventLog {
    EventLog(try String(contentsOfFile: run(name, in: folder).events, encoding: .utf8))
}

private func train(_ plan: String, _ name: String, in folder: String) async throws {
    let python = TRLPython.path ?? ""
    let result = try await HoneBinary.run("train", plan, "--name", name, "--python", python, in: folder)
    #expect(result.code == 0, "\(result.talk)")
}

@Suite(
    "Engine trl", .serialized, .timeLimit(.minutes(20)),
    .enabled(if: TRLPython.path != nil && HoneBinary.hasPracticeModel, TRLPython.isMissing))
struct TRLEngineTests {
    /// The bar of TRL's own invariant tests over 50 steps in 32 bits: 1e-3 for a loss and 1e-5 for their mean, 0.1 and 1e-3
    /// for gradient norms (`compat.md` 3.7). Measured: 7e-6, 3e-6, 2e-5, 2e-6.
    @Test(
        "one plan, two engines: the same curve and the same score",
        arguments: ["micro_batch: 4", "tokens_per_micro_batch: 256"])
    func parity(batching: String) async throws {
        try await withTRLCase(batching: batching) { folder in
            try await train("plan.yaml", "bundled", in: folder)
            try await train("trl.yaml", "trl", in: folder)
            let ours = try log("bundled", in: folder).steps, theirs = try log("trl", in: folder).steps
            #expect(ours.count == 50 && theirs.count == 50)
            func differences(_ value: (StepMetrics) -> Double) -> [Double] {
                zip(ours, theirs).map { value($1) - value($0) }
            }
            let losses = differences(\.loss), norms = differences(\.gradNorm)
            #expect(losses.allSatisfy { abs($0) < 1e-3 } && abs(losses.reduce(0, +) / 50) < 1e-5)
            #expect(norms.allSatisfy { abs($0) < 0.1 } && abs(norms.reduce(0, +) / 50) < 1e-3)
            #expect(differences(\.learningRate).allSatisfy { abs($0) < 1e-12 })
            #expect(
                ours.map(\.tokens) == theirs.map(\.tokens) && ours.map(\.targetTokens) == theirs.map(\.targetTokens))
            #expect(ours.map(\.epoch) == theirs.map(\.epoch))
            var scores: [JSONValue] = []
            for name in ["bundled", "trl"] {
                let eval = try await HoneBinary.run("eval", run(name, in: folder).path, "--json", in: folder)
                #expect(eval.code == 0, "\(eval.talk)")
                scores.append(try #require(try JSONValue.parse(eval.output)["arms"]?["tuned"]))
            }
            for metric in scores[0].objectValue?.members.map(\.key) ?? [] {
                let interval = scores[0][metric], other = scores[1][metric]?["value"]?.doubleValue ?? .nan
                guard let low = interval?["low"]?.doubleValue, let high = interval?["high"]?.doubleValue else {
                    continue
                }
                #expect(low <= other && other <= high, "\(metric)")
            }
        }
    }

    @Test("Ctrl-C saves and stops; resumed, training ends with the same adapter, bit for bit")
    func resumed() async throws {
        try await withTRLCase(steps: 24) { folder in
            try await train("trl.yaml", "straight", in: folder)
            let stopped = try await HoneBinary.shell(
                """
                set -m
                $HONE train trl.yaml --name cut --python '\(TRLPython.path ?? "")' > out.txt 2> talk.txt & parent=$!
                for i in $(seq 1200); do ls runs/*-cut/checkpoints/step-* > /dev/null 2>&1 && break; sleep 0.05; done
                kill -INT $parent; wait $parent; code=$?; cat talk.txt >&2; exit $code
                """, in: folder)
            #expect(stopped.code == 130 && stopped.talk.contains("next: hone train --resume"), "\(stopped.talk)")
            let resumed = try await HoneBinary.shell(
                "$HONE train --resume runs/*-cut --python '\(TRLPython.path ?? "")'", in: folder)
            #expect(resumed.code == 0 && resumed.talk.contains("resumed after step"), "\(resumed.talk)")
            let store = FileStore()
            func weights(_ name: String) throws -> Fingerprint {
                try store.fingerprint(ofFile: run(name, in: folder).adapter + "/adapter_model.safetensors")
            }
            #expect(try weights("straight") == weights("cut"))
        }
    }

    @Test("two processes take the steps that one takes")
    func twoProcesses() async throws {
        try await withTRLCase(steps: 10) { folder in
            let changed = try await HoneBinary.run(
                "plan", "trl.yaml", "--set", "launch.strategy=ddp", "--set", "launch.processes_per_node=2", "--set",
                "training.gradient_accumulation_steps=1", "-o", "two.yaml", in: folder)
            #expect(changed.code == 0, "\(changed.talk)")
            try await train("plan.yaml", "one", in: folder)
            try await train("two.yaml", "two", in: folder)
            let one = try log("one", in: folder).steps, two = try log("two", in: folder).steps
            #expect(zip(one, two).allSatisfy { abs($0.loss - $1.loss) < 1e-3 } && one.count == two.count)
        }
    }

    @Test("asked in the engine, a model gives the answers and losses that hone's decoder gives")
    func answers() async throws {
        try await withTRLCase(steps: 8) { folder in
            let changed = try await HoneBinary.run(
                "plan", "trl.yaml", "--set", "evaluation.limit=12", "--set", "evaluation.general_probe=false", "-o",
                "few.yaml", in: folder)
            #expect(changed.code == 0, "\(changed.talk)")
            try await train("few.yaml", "few", in: folder)
            let path = try run("few", in: folder).path
            let here = try await HoneBinary.run("eval", path, "--json", in: folder)
            let there = try await HoneBinary.run(
                "eval", path, "--json", "--in-engine", "--python", TRLPython.path ?? "", in: folder)
            #expect(here.code == 0 && there.code == 0, "\(here.talk) \(there.talk)")
            let ours = try JSONValue.parse(here.output)["arms"], theirs = try JSONValue.parse(there.output)["arms"]
            for arm in ["base", "tuned"] {
                for member in ours?[arm]?.objectValue?.members ?? [] {
                    let a = member.value["value"]?.doubleValue ?? .nan,
                        b = theirs?[arm]?[member.key]?["value"]?.doubleValue ?? .nan
                    #expect(abs(a - b) <= 1e-3 * max(1, abs(a)), "\(arm) \(member.key): \(a) and \(b)")
                }
            }
        }
    }

    @Test(
        "accelerate reads the config of every strategy that shares a model out", arguments: ["fsdp", "zero2", "zero3"])
    func configs(strategy: String) async throws {
        try await withTRLCase(steps: 4) { folder in
            let result = try await HoneBinary.shell(
                """
                $HONE plan trl.yaml --set launch.strategy=\(strategy) --set launch.gpus_per_node=2 -o s.yaml || exit 9
                $HONE train s.yaml --prepare > run.txt || exit 8
                '\(TRLPython.path ?? "")' -c "
                from accelerate.commands.config.config_args import load_config_from_file
                c = load_config_from_file('$(cat run.txt)/engine/accelerate.yaml')
                print(c.num_processes, c.distributed_type, c.mixed_precision)"
                """, in: folder)
            #expect(result.code == 0 && result.output.hasPrefix("2 "), "\(result.output) \(result.talk)")
        }
    }

    /// Each break is one somebody has met: another template, another tokenizer, a mask or an id that differs, another
    /// version of a package, other weights.
    private static let breaks: [(name: String, line: String, words: String)] = [
        ("template", "printf 'x' >> model/chat_template.jinja", "chat template"),
        ("tokenizer", "printf ' ' >> model/tokenizer.json", "tokenizer.json"),
        ("mask", edit("c['rows'][3]['loss_mask'][2] = 1"), "token 2"),
        ("id", edit("c['rows'][3]['input_ids'][4] += 1"), "token 4"),
        ("version", edit("c['versions']['trl'] = '==1.9.0'"), "trl is "),
        (
            "weights", "printf '\\x40\\x40\\x40\\x40' | dd of=model/model.safetensors bs=1 seek=3000000 conv=notrunc",
            "the first batch has the loss"
        ),
    ]

    private static func edit(_ statement: String) -> String {
        "python3 -c \"import json; p = '$RUN/engine/contract.json'; c = json.load(open(p)); \(statement); json.dump(c, open(p, 'w'))\""
    }

    @Test("the contract refuses what is broken, and names it", arguments: breaks)
    func refused(broken: (name: String, line: String, words: String)) async throws {
        try await withTRLCase(steps: 2) { folder in
            try FileManager.default.copyItem(atPath: HoneBinary.home + "/models/base", toPath: folder + "/model")
            let result = try await HoneBinary.shell(
                """
                $HONE plan trl.yaml --set model=model -o own.yaml && $HONE train own.yaml --prepare > run.txt || exit 9
                RUN=$(cat run.txt); \(broken.line) || exit 8
                HONE_PYTHON='\(TRLPython.path ?? "")' bash $RUN/engine/launch.sh < /dev/null > /dev/null; code=$?
                cat $RUN/events.jsonl; exit $code
                """, in: folder)
            #expect(result.code == 3, "\(broken.name): \(result.output) \(result.talk)")
            #expect(result.output.contains("\"failed\"") && result.output.contains(broken.words), "\(result.output)")
            #expect(!result.output.contains("\"step\""))
        }
    }
}
