import ArgumentParser
import Feasibility
import FileStore
import JSONText

/// A run on an accelerator, in options.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A model of rules/tables/architectures.yaml, or a folder with its config.json.", valueName: "model"))
    var model: String?

    @Option(help: "lora, qlora or full.")
    var method = "lora"

    @Option(help: ArgumentHelp("A device of rules/tables/devices.yaml, or this_machine.", valueName: "device"))
    var device = "this_machine"

    @Option(help: "Rank of the adapter.")
    var rank: Int?

    @Option(help: "Adapted layers: all-linear, or q,k,v,o,gate,up,down, …")
    var targets = "all-linear"

    @Option(help: "Tokens of the longest row.")
    var maxLength = 1024

    @Option(help: "Rows per micro-batch.")
    var microBatch = 1

    @Option(help: "Micro-steps per optimizer step.")
    var accumulation = 1

    @Option(help: "Recompute activations: yes or no.")
    var checkpointing = "yes"

    @Option(help: "ordinary, chunked or fused.")
    var loss = "chunked"

    @Option(help: "efficient, math or eager.")
    var attention = "efficient"

    @Option(help: "As the framework spells it: adamw_torch_fused, adamw_8bit, …")
    var optimizer = "adamw_torch_fused"

    @Option(help: "Weight format: nf4, nf4-dq, int8, gptq-int4, …")
    var format: String?

    @Option(help: "trl, transformers, unsloth, axolotl, torchtune, litgpt, …")
    var framework = "trl"

    @Option(help: "Number of devices.")
    var gpus = 1

    @Option(help: "single, ddp, zero2, zero3 or fsdp.")
    var strategy: String?

    @Option(help: "Rows of an evaluation batch, 0 without evaluation during training.")
    var evalBatch = 0

    @Option(help: "Tokens to train on, all epochs together, for hours and money.")
    var tokens = 1_500_000

    @Flag(help: "Ask the driver about this machine's accelerator again; its last answer is kept for a day.")
    var probe = false

    @Flag(help: "Show every term with its formula, its numbers and its source.")
    var explain = false

    func question() throws -> DeviceQuestion {
        guard let model else { throw ValidationError("--model says which model") }
        return try settings(DeviceQuestion(model: model))
    }

    /// Everything but the model.
    func settings(_ base: DeviceQuestion) throws -> DeviceQuestion {
        guard tokens > 0 else { throw ValidationError("--tokens must be at least 1") }
        var question = base
        question.method = method
        question.format = format
        question.framework = framework
        question.loss = loss
        question.optimizer = optimizer
        question.targets = targets
        question.rank = rank
        question.maxLength = maxLength
        question.microBatch = microBatch
        question.accumulation = accumulation
        question.checkpointing = try isChecked()
        question.attention = attention
        question.devices = gpus
        question.strategy = strategy
        question.evaluationBatch = max(0, evalBatch)
        return question
    }

    private func isChecked() throws -> Bool {
        guard ["yes", "no"].contains(checkpointing) else { throw ValidationError("--checkpointing is yes or no") }
        return checkpointing == "yes"
    }

    /// From the folder's own `config.json`; nil for a name that is looked up.
    func localArchitecture() throws -> Architecture? {
        guard let model, FileStore().isFolder(model) else { return nil }
        let path = model + "/config.json"
        let json: JSONValue
        do { json = try JSONValue.parse(utf8: try FileStore().read(path)) } catch let error as JSONSyntaxError {
            throw DeviceFileError.notJSON(path, "\(error)")
        }
        return try Architecture(config: json, path: path)
    }
}

/// Why a local model cannot be read.
enum DeviceFileError: Error {
    case notJSON(String, String)
}

extension DeviceFileError: Explained {
    var explanation: Explanation {
        switch self {
        case .notJSON(let path, let problem):
            Explanation("\(path) is no JSON", causes: [problem], hint: "download the file again", exitCode: .wrongUsage)
        }
    }
}
