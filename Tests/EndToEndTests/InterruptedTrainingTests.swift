import FileStore
import Foundation
import Testing

/// Starts training in the background, waits for a checkpoint, and does something to it.
private func interrupted(by action: String, in folder: String) async throws -> HoneBinary.Result {
    try await HoneBinary.shell(
        """
        set -m
        $HONE train plan.yaml --name cut > out.txt 2> talk.txt & parent=$!
        for i in $(seq 300); do ls runs/*-cut/checkpoints/step-* > /dev/null 2>&1 && break; sleep 0.02; done
        \(action)
        wait $parent; code=$?; cat out.txt; cat talk.txt >&2; exit $code
        """, in: folder)
}

@Suite("Training that is interrupted", .serialized, .timeLimit(.minutes(3)), .enabled(if: HoneBinary.hasPracticeModel))
struct InterruptedTrainingTests {
    @Test("killed with SIGKILL and resumed, training ends with the same adapter, bit for bit")
    func killed() async throws {
        try await SmallCase.inFolder { folder in
            let straight = try await HoneBinary.run("train", "plan.yaml", "--name", "straight", in: folder)
            #expect(straight.code == 0, "\(straight.talk)")
            let killed = try await interrupted(by: "kill -9 $(cat /proc/$parent/task/*/children)", in: folder)
            #expect(killed.code == 1 && killed.talk.contains("killed by signal 9"), "\(killed.talk)")
            #expect(killed.talk.contains("hint: hone train --resume"))
            let resumed = try await HoneBinary.shell("$HONE train --resume runs/*-cut", in: folder)
            #expect(resumed.code == 0, "\(resumed.talk)")
            #expect(try SmallCase.adapter(of: "cut", in: folder) == SmallCase.adapter(of: "straight", in: folder))
        }
    }

    @Test("Ctrl-C saves, stops, and says how to go on")
    func controlC() async throws {
        try await SmallCase.inFolder { folder in
            let stopped = try await interrupted(by: "kill -INT $parent", in: folder)
            #expect(stopped.code == 130, "\(stopped.talk)")
            #expect(stopped.talk.contains("saved and stopped after step"))
            #expect(stopped.talk.contains("next: hone train --resume"))
            let resumed = try await HoneBinary.shell("$HONE train --resume runs/*-cut", in: folder)
            #expect(resumed.code == 0 && resumed.talk.contains("resumed after step"), "\(resumed.talk)")
            let again = try await HoneBinary.shell("$HONE train --resume runs/*-cut", in: folder)
            #expect(again.code == 2 && again.talk.contains("finished"))
        }
    }

    @Test("when the parent dies the engine saves and stops by itself")
    func orphan() async throws {
        try await SmallCase.inFolder { folder in
            let killed = try await interrupted(by: "kill -9 $parent", in: folder)
            #expect(killed.code == 137)
            let wait =
                "for i in $(seq 200); do grep -q '\"stopped\"' runs/*/events.jsonl && exit 0; sleep 0.05; done; exit 1"
            #expect(try await HoneBinary.shell(wait, in: folder).code == 0)
        }
    }

    @Test("a disk that fills up stops training with a clear error and keeps the earlier checkpoint")
    func fullDisk() async throws {
        try await SmallCase.inFolder { folder in
            // A limit on the size of a file makes writing fail as a full disk does; the engine is started without its parent,
            // which would reset the ignored signal.
            let stopped = try await interrupted(by: "kill -INT $parent", in: folder)
            #expect(stopped.code == 130)
            let script = "trap '' XFSZ; ulimit -f 8; $HONE engine runs/*-cut < /dev/null"
            let full = try await HoneBinary.shell(script, in: folder)
            #expect(full.code == 1)
            let resumed = try await HoneBinary.shell("$HONE train --resume runs/*-cut", in: folder)
            #expect(resumed.code == 0, "\(resumed.talk)")
        }
    }
}

@Suite("Training within bounds", .serialized, .timeLimit(.minutes(3)), .enabled(if: HoneBinary.hasPracticeModel))
struct BoundedTrainingTests {
    /// The plan of the small case with one more line in its training settings.
    private func write(_ line: String, in folder: String) throws {
        try SmallCase.plan.replacing("  save_every: 4", with: "  save_every: 4\n  " + line).write(
            toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
    }

    @Test("a plan that needs more than its memory limit is refused with exit code 4, the levers and no run folder")
    func refused() async throws {
        try await SmallCase.inFolder { folder in
            try write("memory_limit: 60 MiB", in: folder)
            let refused = try await HoneBinary.run("train", "plan.yaml", in: folder)
            #expect(refused.code == 4 && refused.talk.contains("this machine has 60"), "\(refused.talk)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
        }
    }

    @Test("with --auto what is too large is made smaller until it may be trained, and every change is named")
    func fitted() async throws {
        try await SmallCase.inFolder { folder in
            try SmallCase.plan.replacing("micro_batch: 4", with: "micro_batch: 64\n  memory_limit: 80 MiB")
                .replacing("max_steps: 24", with: "max_steps: 2")
                .write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            let refused = try await HoneBinary.run("train", "plan.yaml", in: folder)
            #expect(refused.code == 4 && refused.talk.contains("training.micro_batch"), "\(refused.talk)")
            let fitted = try await HoneBinary.run("train", "plan.yaml", "--auto", "--name", "fit", in: folder)
            #expect(fitted.talk.contains("--auto: set `training.micro_batch"), "\(fitted.talk)")
            let run = try #require(try SmallCase.run("fit", in: folder))
            let plan = try String(contentsOfFile: run + "/plan.yaml", encoding: .utf8)
            #expect(plan.contains("check.auto"), "\(plan)")
        }
    }
}

@Suite("A rehearsal", .serialized, .timeLimit(.minutes(3)), .enabled(if: HoneBinary.hasPracticeModel))
struct RehearsalTests {
    @Test("a rehearsal goes through every part of a training, kill and resume among them, and leaves nothing behind")
    func everyPart() async throws {
        try await SmallCase.inFolder { folder in
            let result = try await HoneBinary.run("rehearse", "plan.yaml", "--json", in: folder)
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.talk.contains("resumed after step 2"))
            for phase in ["load", "step", "validation", "save", "resume", "result", "export"] {
                #expect(result.output.contains("\"phase\": \"\(phase)\""), "\(phase)")
            }
            #expect(result.output.contains("\"survives\": true"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
        }
    }

    @Test("with --keep the folder stays, and a plan that does not fit is refused with exit code 4")
    func keptAndRefused() async throws {
        try await SmallCase.inFolder { folder in
            let kept = try await HoneBinary.run("rehearse", "plan.yaml", "--keep", in: folder)
            #expect(kept.code == 0 && kept.output.contains("Verdict: the real run survives here"), "\(kept.talk)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/runs/.rehearsal").count == 1)
            try SmallCase.plan.replacing("threads: 2", with: "threads: 2\n  memory_limit: 60 MiB").write(
                toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            let refused = try await HoneBinary.run("rehearse", "plan.yaml", in: folder)
            #expect(refused.code == 4, "\(refused.talk)")
        }
    }
}

@Suite("Damaged models", .enabled(if: HoneBinary.hasPracticeModel))
struct DamagedModelTests {
    @Test("truncated weights are refused with the file and the sizes, and no run folder is left behind")
    func truncated() async throws {
        try await SmallCase.inFolder { folder in
            try FileManager.default.copyItem(atPath: HoneBinary.home + "/models/base", toPath: folder + "/model")
            let weights = folder + "/model/model.safetensors"
            let bytes = try FileStore().read(weights)
            try FileStore().write(Array(bytes.prefix(bytes.count / 2)), to: weights)
            try SmallCase.plan.replacing("practice-3m", with: "model").write(
                toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            let result = try await HoneBinary.run("train", "plan.yaml", in: folder)
            #expect(result.code == 1 && result.talk.contains("model.safetensors"), "\(result.talk)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
        }
    }
}
