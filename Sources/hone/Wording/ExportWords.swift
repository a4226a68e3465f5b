import Evaluation
import ModelFiles
import Plan
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
                "the rule book has no limits for \(form)", causes: ["table `shipping`"], hint: "add a row to rules/tables/shipping.yaml")
        }
    }
}
