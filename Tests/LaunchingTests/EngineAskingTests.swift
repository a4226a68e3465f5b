import Foundation
import Plan
import Testing

@testable import Launching

private let templates = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/templates/engine/"

/// Modules that stand in for PyTorch and vLLM: two accelerators, a base that answers 1 2, an adapter that answers 3.
private let torch = """
    class cuda:
        device_count = staticmethod(lambda: DEVICES)
        empty_cache = staticmethod(lambda: None)
    """
private let vllm = """
    import sys
    from types import SimpleNamespace as Values
    class SamplingParams:
        def __init__(self, **named): self.__dict__.update(named)
    class LLM:
        def __init__(self, **named): print("loaded", sorted(named.items()), file=sys.stderr)
        def generate(self, prompts, sampling, lora_request=None, use_tqdm=True):
            assert sampling.temperature == 0
            for prompt in prompts:
                ids = prompt["prompt_token_ids"]
                answer = [3, 9] if lora_request else [1, 2, 9, 4]
                logprobs = [None] + [{token: Values(logprob=-0.5)} for token in ids[1:]]
                yield Values(outputs=[Values(token_ids=answer)], prompt_logprobs=logprobs)
    """

@Suite(
    "An engine that answers rows",
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/env") && system("python3 -c '' 2> /dev/null") == 0))
struct EngineAskingTests {
    /// A run folder with the scripts and two questions, and a Python in which the modules are.
    private func ask(
        devices: Int = 2, hasVLLM: Bool = true, useCPU: Bool = false, isQuantized: Bool = false,
        _ check: (Result<String, LaunchError>, RunFolder) throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/hone-asking-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = RunFolder(path: folder), modules = folder + "/modules"
        func write(_ text: String, _ path: String) throws {
            let place = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: place, atomically: false, encoding: .utf8)
        }
        for name in EngineAsking.scripts {
            try write(try String(contentsOfFile: templates + name, encoding: .utf8), run.engine + "/" + name)
        }
        try write(torch.replacingOccurrences(of: "DEVICES", with: "\(devices)"), modules + "/torch/__init__.py")
        if hasVLLM {
            try write(vllm, modules + "/vllm/__init__.py")
            try write("", modules + "/vllm/lora/__init__.py")
            try write("class LoRARequest:\n    def __init__(self, *_): pass\n", modules + "/vllm/lora/request.py")
        }
        for name in ["vllm", "transformers"] {
            try write(
                "Metadata-Version: 2.1\nName: \(name)\nVersion: 0.11.0\n",
                modules + "/\(name)-0.11.0.dist-info/METADATA")
        }
        let stored = isQuantized ? #"{"type": "nf4", "double_quant": true}"# : "null"
        try write(
            """
            {"model": "/m", "dtype": "bfloat16", "lora": {"r": 12}, "quantization": \(stored), "threads": 1,
             "sft": {"use_cpu": \(useCPU)}, "device": "a", "memory": {}}
            """, run.engine + "/settings.json")
        try write(#"{"max_new_tokens": 4, "stop_ids": [9], "batch": 2}"#, run.engine + "/decoding.json")
        try write(
            """
            {"prompt": [5, 6], "input_ids": [5, 6, 1, 2], "loss_mask": [0, 0, 1, 1]}
            {"prompt": null, "input_ids": [], "loss_mask": []}

            """, run.engine + "/questions.jsonl")
        try write("#!/bin/sh\nPYTHONPATH='\(modules)' exec python3 \"$@\"\n", folder + "/python")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/python")
        let result: Result<String, LaunchError>
        do throws(LaunchError) {
            result = .success(try await EngineAsking(python: folder + "/python", run: run).ask { _, _, _ in })
        } catch {
            result = .failure(error)
        }
        try check(result, run)
    }

    @Test("vLLM answers where it is installed and an accelerator is there, and it is recorded")
    func vLLM() async throws {
        try await ask { result, run in
            #expect(try result.get() == "vllm 0.11.0")
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: run.engine + "/" + name, encoding: .utf8)
            }
            #expect(try text("answered_by.json").contains(#""program": "vllm 0.11.0""#))
            let skipped = #"{"ids": null, "is_stopped": false, "loss": null, "tokens": 0}"# + "\n"
            #expect(
                try text("answers.base.jsonl")
                    == #"{"ids": [1, 2], "is_stopped": true, "loss": 1.0, "tokens": 2}"# + "\n" + skipped)
            #expect(
                try text("answers.tuned.jsonl")
                    == #"{"ids": [3], "is_stopped": true, "loss": 1.0, "tokens": 2}"# + "\n" + skipped)
            // Ranks are reserved in steps, and every accelerator takes its share.
            let log = try String(contentsOfFile: run.engineLog, encoding: .utf8)
            #expect(log.contains("('max_lora_rank', 16)") && log.contains("('tensor_parallel_size', 2)"))
        }
    }

    /// The fake transformers cannot be imported, so its name in the error is the proof that it was chosen.
    @Test("transformers answers otherwise: without vLLM, without accelerators, on the processor, from 4 bits")
    func transformers() async throws {
        func expectTransformers(_ result: Result<String, LaunchError>, _: RunFolder) throws {
            guard case .failure(.asking(let error, _)) = result else {
                Issue.record("vLLM was asked: \(result)")
                return
            }
            #expect(error.contains("transformers") || error.contains("peft") || error.contains("torch"), "\(error)")
        }
        try await ask(hasVLLM: false, expectTransformers)
        try await ask(devices: 0, expectTransformers)
        try await ask(useCPU: true, expectTransformers)
        try await ask(isQuantized: true, expectTransformers)
    }
}
