package import FileStore

/// The programs of this machine that load what hone ships.
package struct ServingPrograms: Sendable {
    package var llama: (any ServingProgram)?
    package var ollama: (any ServingProgram)?
    /// Ollama is installed, and its server does not answer.
    package var isOllamaAsleep = false

    package init(llama: (any ServingProgram)? = nil, ollama: (any ServingProgram)? = nil) {
        (self.llama, self.ollama) = (llama, ollama)
    }

    /// Looks for `llama-server` and `ollama` on the path, and for `llama_cpp` in a Python.
    ///
    /// - Parameters:
    ///   - named: A `llama-server`, a folder that holds one, or a Python that has `llama_cpp`; then no other is looked for.
    ///   - python: The Python to look into otherwise.
    package static func find(
        named: String?, python: String, environment: [String: String], templates: String,
        _ store: FileStore = FileStore()
    ) throws(ServingError) -> ServingPrograms {
        var found = ServingPrograms()
        func onPath(_ program: String) -> String? {
            (environment["PATH"] ?? "").split(separator: ":").map { $0 + "/" + program }.first { store.isFile($0) }
        }
        if let named {
            let inside = ["llama-server", "bin/llama-server", "build/bin/llama-server", "bin/python"]
            let path =
                store.isFolder(named) ? inside.map { named + "/" + $0 }.first { store.isFile($0) } : named
            guard let path else { throw .notFound(program: "llama.cpp", path: named) }
            let isServer = FileStore.lastName(of: path).hasPrefix("llama")
            found.llama =
                isServer ? LlamaServer(program: path) : LlamaPython(python: path, templates: templates)
            guard found.llama != nil else { throw .notFound(program: "llama.cpp", path: path) }
        } else {
            found.llama = onPath("llama-server").flatMap { LlamaServer(program: $0) }
            if found.llama == nil { found.llama = LlamaPython(python: python, templates: templates) }
        }
        if let program = onPath("ollama") {
            do throws(Ollama.Absence) {
                found.ollama = try Ollama(program: program, host: environment["OLLAMA_HOST"])
            } catch {
                found.isOllamaAsleep = true
            }
        }
        return found
    }
}
