import Foundation
import JSONText

/// Ollama, given a Modelfile under a name of its own that is removed again. It is asked with texts, and says none of its
/// tokens.
package struct Ollama: ServingProgram {
    package let name = "Ollama"
    package let version: String
    private let program: String
    private let address: String

    package enum Absence: Error, Sendable, Hashable {
        /// The program is there, and its server does not answer.
        case notRunning
    }

    /// - Parameter host: As in OLLAMA_HOST: `127.0.0.1:11434`, with or without `http://`.
    package init(program: String, host: String?) throws(Absence) {
        var host = host.flatMap { $0.isEmpty ? nil : $0 } ?? "127.0.0.1:11434"
        while host.hasSuffix("/") { host.removeLast() }
        if !host.contains("://") { host = "http://" + host }
        // 0.0.0.0 is where a server listens, and nowhere to go to.
        host = host.replacing("://0.0.0.0", with: "://127.0.0.1")
        if host.split(separator: "://").last.map({ !$0.contains(":") }) ?? true { host += ":11434" }
        guard
            let said = try? CurlRequest(address: host + "/api/version", isLocal: true, seconds: 10).send(),
            said.status == 200
        else { throw .notRunning }
        version = "Ollama " + ((try? JSONValue.parse(said.response))?["version"]?.stringValue ?? "")
        (self.program, address) = (program, host)
    }

    /// - Parameter file: The Modelfile; what it names is looked for beside it.
    package func answer(
        _ questions: [ServedQuestion], with file: String, limit: Int, threads: Int
    ) throws(ServingError) -> [ServedAnswer] {
        let model = "hone-verify-" + UUID().uuidString.lowercased().prefix(8)
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        defer { _ = try? call(["rm", model], in: folder) }
        let made = try call(["create", model, "-f", file], in: folder)
        guard made.status == 0 else {
            throw .refused(program: name, said: made.complaint.last ?? "`ollama create` ended with code \(made.status)")
        }
        var answers: [ServedAnswer] = []
        for question in questions { answers.append(try ask(model, question, limit: limit)) }
        return answers
    }

    private func ask(_ model: String, _ question: ServedQuestion, limit: Int) throws(ServingError) -> ServedAnswer {
        let body: JSONValue = [
            "model": .string(model), "prompt": .string(question.text), "raw": true, "stream": false,
            "options": ["temperature": 0, "top_k": 1, "seed": 0, "num_predict": JSONValue(limit)],
        ]
        let status: Int, response: String
        do throws(CurlError) {
            (status, response) = try CurlRequest(address: address + "/api/generate", body: body.text(), isLocal: true)
                .send()
        } catch {
            throw .refused(program: name, said: "its server does not answer")
        }
        let json = try? JSONValue.parse(response)
        guard status == 200, let text = json?["response"]?.stringValue else {
            throw .refused(program: name, said: json?["error"]?.stringValue ?? String(response.prefix(200)))
        }
        return ServedAnswer(output: .text(text), ends: json?["done_reason"]?.stringValue == "stop")
    }

    private func call(_ arguments: [String], in folder: String) throws(ServingError) -> ChildProcess.Ending {
        do throws(ChildProcessError) {
            return try ChildProcess(program, arguments, in: folder).run()
        } catch {
            throw .refused(program: name, said: "\(program) cannot be started")
        }
    }
}
