import Foundation
import Testing

@testable import Evaluation

private let templates = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/templates"

/// A folder with executable scripts in it that goes away.
private func withPrograms(
    _ scripts: [String: String], _ body: (_ folder: String) throws -> Void
) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/hone-programs-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in scripts {
        try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/" + name)
    }
    try body(folder)
}

private let question = ServedQuestion(ids: [5, 6], text: "Say \"hi\"", wanted: [7, 8, 9], ends: true)

@Suite("Programs that load what is shipped", .timeLimit(.minutes(1)))
struct ServingProgramTests {
    private func find(
        _ folder: String, named: String? = nil, python: String = "/nowhere/python", host: String? = nil
    ) throws(ServingError) -> ServingPrograms {
        var environment = ["PATH": folder]
        environment["OLLAMA_HOST"] = host
        return try ServingPrograms.find(named: named, python: python, environment: environment, templates: templates)
    }

    @Test("programs that are not here are no error, and one that was named is")
    func absent() throws {
        try withPrograms(["python": "#!/bin/sh\nexit 1\n"]) { folder in
            let found = try find(folder, python: folder + "/python")
            #expect(found.llama == nil && found.ollama == nil && !found.isOllamaAsleep)
            #expect(throws: ServingError.notFound(program: "llama.cpp", path: folder + "/none")) {
                try find(folder, named: folder + "/none")
            }
            #expect(throws: ServingError.notFound(program: "llama.cpp", path: folder + "/python")) {
                try find(folder, named: folder + "/python")
            }
        }
    }

    @Test("a Python answers with ids, whether it ended, how far it agrees when led, and how it cuts the text")
    func python() throws {
        let script = """
            #!/bin/sh
            if [ "$2" = --version ]; then echo '{"version": "0.3.9"}'; exit; fi
            cat > "$(dirname "$0")/asked"
            echo '{"ids": [7, 8], "ends": false, "agreed": 2, "cuts_equally": false}'
            """
        try withPrograms(["python": script]) { folder in
            let program = try #require(try find(folder, python: folder + "/python").llama)
            #expect(program.version == "llama-cpp-python 0.3.9")
            let answers = try program.answer([question], with: "/x.gguf", limit: 4, threads: 1)
            #expect(answers == [ServedAnswer(output: .ids([7, 8]), ends: false, agreed: 2, cutsEqually: false)])
            let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
            #expect(asked.contains(#""ids":[5,6]"#) && asked.contains(#""wanted":[7,8,9]"#))
        }
    }

    @Test("what a Python says of a file it cannot load is passed on, and so is a crash")
    func refusals() throws {
        func said(_ line: String) throws -> String? {
            let script =
                "#!/bin/sh\nif [ \"$2\" = --version ]; then echo '{\"version\": \"1\"}'; exit; fi\n" + line + "\n"
            var words: String?
            try withPrograms(["python": script]) { folder in
                let program = try #require(try find(folder, python: folder + "/python").llama)
                do throws(ServingError) {
                    _ = try program.answer([question], with: "/x.gguf", limit: 4, threads: 1)
                } catch {
                    if case .refused(_, let said) = error { words = said }
                }
            }
            return words
        }
        #expect(try said(#"echo '{"error": "ValueError: no such file"}'; exit 1"#) == "ValueError: no such file")
        #expect(try said("echo 'GGML_ASSERT failed' >&2; kill -ABRT $$") == "GGML_ASSERT failed")
        #expect(try said("exit 3") == "it ended with code 3")
    }

    @Test("Ollama gets the Modelfile under a name of its own, raw texts, the likeliest token, and is tidied up")
    func ollama() throws {
        let server = try LocalServer { _, request in
            request.hasPrefix("GET /api/version")
                ? (200, #"{"version":"0.9.1"}"#) : (200, #"{"response":"hi there","done_reason":"stop"}"#)
        }
        let host = String(server.address.dropFirst("http://".count).dropLast("/v1".count))
        try withPrograms(["ollama": "#!/bin/sh\necho \"$PWD $*\" >> \"$(dirname \"$0\")/calls\"\n"]) { folder in
            let program = try #require(try find(folder, host: host).ollama)
            #expect(program.version == "Ollama 0.9.1")
            let answers = try program.answer([question], with: folder + "/Modelfile", limit: 4, threads: 1)
            #expect(answers == [ServedAnswer(output: .text("hi there"), ends: true)])
            let calls = try String(contentsOfFile: folder + "/calls", encoding: .utf8).split(separator: "\n").map {
                $0.split(separator: " ").map(String.init)
            }
            try #require(calls.count == 2)
            #expect(calls[0][1] == "create" && calls[0].suffix(2) == ["-f", folder + "/Modelfile"])
            #expect(calls[1][1] == "rm" && calls[1][2] == calls[0][2] && calls[0][2].hasPrefix("hone-verify-"))
            #expect(calls[0][0] == folder)
            let request = try #require(server.requests.last)
            for word in [#""raw":true"#, #""temperature":0"#, #""num_predict":4"#, #"Say \"hi\""#] {
                #expect(request.contains(word), "\(word)")
            }
        }
    }

    @Test("a Modelfile that Ollama refuses is a refusal in its words, and the name is removed all the same")
    func ollamaRefuses() throws {
        let server = try LocalServer { _, _ in (200, #"{"version":"0.9.1"}"#) }
        let host = String(server.address.dropLast("/v1".count))
        let script = """
            #!/bin/sh
            echo "$1" >> "$(dirname "$0")/calls"
            [ "$1" = rm ] || { echo 'Error: invalid model' >&2; exit 1; }
            """
        try withPrograms(["ollama": script]) { folder in
            let program = try #require(try find(folder, host: host).ollama)
            #expect(throws: ServingError.refused(program: "Ollama", said: "Error: invalid model")) {
                try program.answer([question], with: folder + "/Modelfile", limit: 4, threads: 1)
            }
            #expect(try String(contentsOfFile: folder + "/calls", encoding: .utf8) == "create\nrm\n")
        }
    }

    @Test("Ollama without its server is said to be asleep")
    func asleep() throws {
        try withPrograms(["ollama": "#!/bin/sh\nexit 0\n"]) { folder in
            let found = try find(folder, host: "127.0.0.1:1")
            #expect(found.ollama == nil && found.isOllamaAsleep)
        }
    }

    /// Chooses the token after the last one it was given, ends after 9, and cuts every text into 5 and 6.
    private static let fakeServer = """
        #!/usr/bin/env python3
        import http.server, json, sys
        if "--version" in sys.argv:
            print("version: 6543 (abc)", file=sys.stderr); sys.exit()
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def reply(self, value):
                body = json.dumps(value).encode()
                self.send_response(200); self.send_header("Content-Length", len(body)); self.end_headers(); self.wfile.write(body)
            def do_GET(self): self.reply({"status": "ok"})
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/tokenize": return self.reply({"tokens": [5, 6]})
                last, tokens = asked["prompt"][-1], []
                while len(tokens) < asked["n_predict"] and last < 9: last += 1; tokens.append(last)
                ends = len(tokens) < asked["n_predict"]
                self.reply({"tokens": tokens + [2] * ends, "stop_type": "eos" if ends else "limit"})
        port = int(sys.argv[sys.argv.index("--port") + 1])
        http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
        """

    @Test(
        "llama-server is started, asked with ids, led where it answers otherwise, and ended",
        .enabled(if: (try? ChildProcess("/usr/bin/env", ["python3", "--version"]).run().status) == 0))
    func llamaServer() throws {
        try withPrograms(["llama-server": Self.fakeServer]) { folder in
            let program = try #require(try find(folder).llama)
            #expect(program.version == "llama-server 6543")
            let other = ServedQuestion(ids: [5, 6], text: "x", wanted: [7, 4, 9], ends: true)
            let answers = try program.answer([question, other], with: "/x.gguf", limit: 8, threads: 1)
            #expect(answers[0] == ServedAnswer(output: .ids([7, 8, 9]), ends: true, agreed: 4, cutsEqually: true))
            // Led along 7, 4, 9 it would say 7, 8, 5 and then end.
            #expect(answers[1].agreed == 2)
        }
    }
}
