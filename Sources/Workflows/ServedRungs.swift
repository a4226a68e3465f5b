import Evaluation
import FileStore
import ModelFiles
import Plan
import Tokenization

/// What other programs of this machine answer with the files that are shipped.
///
/// hone reads GGUF itself, so a file both its writer and its reader take wrongly would pass; these programs are the ones
/// that people will ask.
struct ServedRungs {
    let programs: ServingPrograms
    let asking: LadderQuestions
    let wanted: LadderQuestions.Answers
    let stops: Set<Int32>
    let limits: [String: ShippingLimits]
    let reference: ShippingLadder.Rung
    let threads: Int
    let store: FileStore
    let progress: (_ rung: String) -> Void

    /// A rung for each GGUF model in llama.cpp and one for the Modelfile in Ollama, and which programs were here.
    func rungs(
        _ targets: ExportTargets, folder: String
    ) throws -> (rungs: [ShippingLadder.Rung], programs: [ShippingLadder.Program]) {
        var rungs: [ShippingLadder.Rung] = [], found: [ShippingLadder.Program] = []
        let models = targets.all.filter { $0.kind == .gguf }
        if !models.isEmpty {
            found.append(presence("llama.cpp", programs.llama))
            for target in models {
                guard let program = programs.llama else { break }
                let name = "\(target.name) in \(program.name)"
                progress(name)
                let file = try GGUFModel(path: target.path)
                rungs.append(try rung(name, "gguf-" + file.mainType().name, file, program, loading: target.path))
            }
        }
        let modelfile = folder + "/ollama/Modelfile"
        if store.isFile(modelfile), let path = try model(namedBy: modelfile) {
            found.append(
                programs.isOllamaAsleep
                    ? ShippingLadder.Program(name: "Ollama", state: .asleep) : presence("Ollama", programs.ollama))
            if let program = programs.ollama {
                progress("Modelfile in \(program.name)")
                rungs.append(
                    try rung(
                        "Modelfile in \(program.name)", "ollama", try GGUFModel(path: path), program, loading: modelfile
                    ))
            }
        }
        return (rungs, found)
    }

    private func presence(_ name: String, _ program: (any ServingProgram)?) -> ShippingLadder.Program {
        ShippingLadder.Program(name: name, state: program == nil ? .absent : .asked, version: program?.version)
    }

    private func rung(
        _ name: String, _ form: String, _ file: GGUFModel, _ program: any ServingProgram, loading path: String
    ) throws -> ShippingLadder.Rung {
        let encoder = try ChatEncoder(gguf: file), roles = file.tokenizer.roles
        var rung = ShippingLadder.Rung(name: name, form: form)
        // Programs that are given texts write the begin token themselves where the file says so.
        let isText = form == "ollama"
        let begin = isText && roles.addsBegin ? roles.begin.map { file.tokenizer.tokens[$0].text } : nil
        let questions = try asking.served(encoder, wanted, withoutBegin: begin ?? "")
        do throws(ServingError) {
            let answers = try program.answer(
                questions, with: path, limit: asking.settings.maxNewTokens, threads: threads)
            asking.fill(&rung, answers, beside: wanted, encoder)
        } catch {
            guard case .refused(let program, let said) = error else { throw error }
            rung.findings.append(.refused(program: program, said: said))
        }
        return limits[form].map { rung.judged($0, beside: reference) } ?? rung
    }

    /// The GGUF a Modelfile begins with, beside it; nil where it names something else.
    private func model(namedBy modelfile: String) throws -> String? {
        let line = try store.readText(modelfile).split(separator: "\n").first { $0.hasPrefix("FROM ") }
        guard let name = line?.dropFirst(5).trimmingSpaces, name.hasSuffix(".gguf") else { return nil }
        let path = name.hasPrefix("/") ? name : FileStore.folder(of: modelfile) + "/" + name
        return store.isFile(path) ? path : nil
    }
}

extension GGUFModel {
    /// The number format of the large matrices.
    func mainType() throws -> GGUFType { try type(of: shape.tensors[1 + shape.norms.count].name) }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\r" }.reversed())
    }
}
