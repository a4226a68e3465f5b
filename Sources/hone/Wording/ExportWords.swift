import Evaluation
import ModelFiles
import Plan
import Publishing
import Workflows

extension ExportForm {
    /// What a part is, in a list of them.
    var words: String {
        switch self {
        case .adapter: "the adapter, for PEFT and vLLM"
        case .merged: "the merged model, for transformers and vLLM"
        case .gguf: "for llama.cpp, Ollama and LM Studio"
        case .ggufAdapter: "the adapter, for llama.cpp's --lora"
        case .ollama: "for `ollama create`"
        case .lmEval: "the held-out rows, for lm-evaluation-harness"
        case .card: "the model card"
        }
    }
}

extension ExportCaveat {
    var words: String {
        switch self {
        case .gguf(.windowIgnored(let window)):
            "llama.cpp ignores this model's window: in rows longer than \(grouped(window)) tokens it attends to more than hone does"
        case .gguf(.stopIDsLeftOut(let ids)):
            "GGUF has no place for more than three end tokens; left out: \(ids.map(String.init).joined(separator: ", "))"
        case .noOllamaTemplate:
            "the chat template cannot be said in Ollama's language: Ollama will use the one inside the GGUF if it knows it"
        }
    }
}

extension ExportError: Explained {
    var explanation: Explanation {
        switch self {
        case .inTheWay(let path):
            Explanation("\(path) is in the way: no export wrote it", hint: "write elsewhere with --to DIR, or move it")
        case .recordBroken(let path):
            Explanation("\(path) cannot be read", hint: "write elsewhere with --to DIR, or remove the export folder")
        case .notApplicable(let form):
            Explanation(
                "there is nothing to write as \(form.rawValue)", causes: [form.reason],
                hint: "leave --format out to write every form that applies", exitCode: .wrongUsage)
        }
    }
}

extension ExportForm {
    fileprivate var reason: String {
        switch self {
        case .adapter: "the whole model was trained, so there is no adapter"
        case .ggufAdapter: "there is no adapter, or it holds more than low-rank factors (DoRA, modules trained whole)"
        case .lmEval: "a model alone has no held-out rows; give the folder of a run"
        case .ollama: "the model has no chat template"
        case .merged, .gguf, .card: "the source has no weights"
        }
    }
}

extension ShippingLadder.Finding {
    var words: String {
        switch self {
        case .endTokens(let expected, let found):
            "ends an answer at \(found.isEmpty ? "nothing" : found.joined(separator: " ")); the evaluated model ends it at \(expected.joined(separator: " "))"
        case .promptTokens(let rows): "\(grouped(rows)) prompts become other tokens: tokenizer or chat template differs"
        case .noTemplate: "it carries no chat template"
        case .tokenizerFile(let name): "\(name) is not the base model's, byte for byte"
        case .rowsNotPermuted(let tensors):
            "the rows of \(tensors) query and key matrices are in Hugging Face's order: the permutation is missing"
        case .mergedInto4Bits(let tensors):
            "\(tensors) matrices hold at most 16 numbers per block: the adapter was merged into a base in 4 bits"
        case .otherWeights(let tensor, let error):
            "\(tensor) is \(fixed(error * 100, 1)) % away from the evaluated weights, more than its number format explains"
        case .refused(let program, let said): "\(program) gave no answers: \(said)"
        }
    }
}

extension ShippingLadder {
    /// Which programs were asked, and which could not be.
    var programWords: [String] {
        let asked = programs(.asked).map { $0.version ?? $0.name }
        let absent = programs(.absent).map(\.name)
        return (asked.isEmpty ? [] : ["also asked: " + asked.joined(separator: ", ")])
            + (absent.isEmpty ? [] : ["not on this machine: " + absent.joined(separator: ", ")])
            + programs(.asleep).map {
                "\($0.name) is installed and its server does not answer: `ollama serve` starts it"
            }
    }
}

extension ShippingLadder.Failure {
    /// Nil where a finding has said it.
    var words: String? {
        switch self {
        case .agreement(let value, let least):
            "\(fixed(value * 100, 2)) % of the tokens are the same, at least \(fixed(least * 100, 1)) % are wanted"
        case .keptChange(let value, let least):
            "\(fixed(value * 100, 1)) % of what training changed is kept, at least \(fixed(least * 100, 1)) % are wanted"
        case .stopRate(let value, let reference, _):
            "\(fixed(value * 100, 1)) % of its answers end by themselves, \(fixed(reference * 100, 1)) % of the evaluated model's"
        case .score(let value, let low):
            "its score of \(fixed(value * 100, 1)) is below the evaluated model's interval, which begins at \(fixed(low * 100, 1))"
        case .finding: nil
        }
    }
}

extension ExportVerificationError: Explained {
    var explanation: Explanation {
        switch self {
        case .nothingExported(let folder):
            Explanation("there is neither a merged model nor a GGUF file in \(folder)", hint: "run `hone export` first")
        case .noLimits(let form):
            Explanation(
                "the rule book has no limits for \(form)", causes: ["table `shipping`"],
                hint: "add a row to rules/tables/shipping.yaml")
        }
    }
}

extension ToolConfig.Refusal: Explained {
    var explanation: Explanation {
        switch self {
        case .cannotExpress(let tool, let key, let value, let reason):
            Explanation(
                "\(tool.rawValue) cannot be told `\(key): \(value)`", causes: [reason],
                hint: "change the plan (`hone plan PLAN.yaml --set \(key)=…`) or choose another tool")
        }
    }
}

extension RetrievalStarterError: Explained {
    var explanation: Explanation {
        switch self {
        case .noPassages(let documents):
            Explanation(
                "there is no text to index in \(documents.joined(separator: ", "))",
                hint: "give Markdown or plain text files, or the folder that holds them")
        case .badQuestion(let path, let line):
            Explanation(
                "\(path):\(line): a line of the test set is an object with `question`",
                hint: "run `hone report RUN` again")
        case .noDeliverables(let run):
            Explanation(
                "\(run) has neither a prompt nor a retrieval to write",
                hint: "a run writes them when it decides for them and has rows to choose examples from")
        case .noDocuments(let run):
            Explanation(
                "\(run) decided for retrieval, and no documents were given",
                hint: "name the folder that holds them: --documents DIR", exitCode: .wrongUsage)
        }
    }
}

extension ImportedPlan.Tool {
    var words: String {
        switch self {
        case .axolotl: "a configuration of Axolotl"
        case .llamaFactory: "a configuration of LLaMA-Factory"
        case .trl: "a configuration of TRL"
        }
    }
}

extension ImportedPlan.LeftOut {
    var words: String {
        switch reason {
        case .noPlace: "not carried over: a plan has no such setting"
        case .otherwise(let words): "not carried over; hone has " + words
        case .refused(let key): "not carried over: `\(key)` does not take this value"
        }
    }
}

extension ImportError: Explained {
    var explanation: Explanation {
        switch self {
        case .unreadable(let error): error.explanation
        case .unknownTool(let path):
            Explanation(
                "\(path) is no configuration that hone reads",
                causes: ["neither `base_model` nor `model_name_or_path` is in it"],
                hint: "give a file of Axolotl, LLaMA-Factory or TRL")
        case .missing(let path, let key): Explanation("\(path): `\(key)` is missing", hint: "add the line")
        case .noData(let path, let names):
            Explanation(
                "\(path) trains on nothing that is a file here",
                causes: names.map { "`\($0)` is not a file" }, hint: "fetch the rows and name the file in it")
        }
    }
}

extension ServingError: Explained {
    var explanation: Explanation {
        switch self {
        case .notFound(let program, let path):
            Explanation(
                "\(path) is not \(program)",
                causes: ["a llama-server, a folder that holds one, or a Python in which `import llama_cpp` works"],
                hint: "name one of these with --llama-cpp, or leave it out", exitCode: .wrongUsage)
        case .refused(let program, let said):
            Explanation("\(program) gave no answers", causes: [said], hint: "try the file in \(program) by hand")
        }
    }
}
