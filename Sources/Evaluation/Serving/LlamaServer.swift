import Foundation
import Glibc
import JSONText

/// llama.cpp's own HTTP server, started for one file and ended again.
package struct LlamaServer: ServingProgram {
    package let name = "llama.cpp"
    package let version: String
    private let program: String
    /// How long a file may take to load, in seconds.
    private let patience: Double

    /// Nil where the program does not say that it is llama.cpp's server.
    package init?(program: String, patience: Double = 600) {
        guard let ended = try? ChildProcess(program, ["--version"]).run(), ended.status == 0 else { return nil }
        // It says `version: 6543 (a1b2c3d)`, on standard error.
        let said = (ended.complaint + ended.output.split(separator: "\n").map(String.init))
            .first { $0.hasPrefix("version:") }
        version = "llama-server " + (said?.split(separator: " ").dropFirst().first.map(String.init) ?? "")
        (self.program, self.patience) = (program, patience)
    }

    package func answer(
        _ questions: [ServedQuestion], with file: String, limit: Int, threads: Int
    ) throws(ServingError) -> [ServedAnswer] {
        let longest = questions.map { $0.ids.count + max(limit, $0.wanted.count) }.max() ?? 0
        let server = try start(file, room: max(64, longest + 1), threads: threads)
        defer { server.stop() }
        var answers: [ServedAnswer] = []
        for question in questions {
            let (ids, ends) = try server.complete(question.ids, limit: limit)
            let isWanted = ids == question.wanted && ends == question.ends
            answers.append(
                ServedAnswer(
                    output: .ids(ids), ends: ends,
                    agreed: isWanted ? question.choices : try server.led(question),
                    cutsEqually: try server.cut(question.text) == question.ids))
        }
        return answers
    }

    private func start(_ file: String, room: Int, threads: Int) throws(ServingError) -> RunningServer {
        guard let port = Self.freePort() else { throw .refused(program: name, said: "no port is free") }
        let log: ProcessLog
        do throws(ChildProcessError) { log = try ProcessLog(program) } catch {
            throw .refused(program: name, said: "\(program) cannot be started")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "--model", file, "--host", "127.0.0.1", "--port", String(port), "--ctx-size", String(room), "--parallel",
            "1", "--threads", String(threads),
        ]
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
        process.standardError = log.handle
        do { try process.run() } catch { throw .refused(program: name, said: "\(program) cannot be started") }
        let server = RunningServer(process: process, log: log, address: "http://127.0.0.1:\(port)")
        let clock = ContinuousClock(), begin = clock.now
        while true {
            // It answers 503 while it loads.
            if (try? CurlRequest(address: server.address + "/health", isLocal: true, seconds: 5).send().status) == 200 {
                return server
            }
            guard process.isRunning, clock.now - begin < .seconds(patience) else {
                let said = process.isRunning ? "it is not ready after \(Int(patience)) seconds" : log.tail.last
                server.stop()
                throw .refused(program: name, said: said ?? "it left without a word")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    /// A port nobody listens on, as the kernel gives one.
    private static func freePort() -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(descriptor, place, size) == 0 && getsockname(descriptor, place, &size) == 0
            }
        }
        return isBound ? UInt16(bigEndian: place.sin_port) : nil
    }
}

/// A server that has loaded its file.
private struct RunningServer {
    let process: Process
    let log: ProcessLog
    let address: String

    /// The likeliest tokens after the prompt, which stays a list of ids.
    func complete(_ prompt: [Int32], limit: Int) throws(ServingError) -> (ids: [Int32], ends: Bool) {
        let said = try post(
            "/completion",
            [
                "prompt": Self.list(prompt), "n_predict": JSONValue(limit), "temperature": 0, "top_k": 1,
                "samplers": ["top_k"], "cache_prompt": true, "return_tokens": true, "stream": false,
            ])
        guard let tokens = said["tokens"]?.arrayValue else {
            throw .refused(program: "llama.cpp", said: "its answer has no tokens")
        }
        let ends = said["stop_type"]?.stringValue == "eos"
        // The token that ends an answer is among its tokens.
        let ids = tokens.compactMap { $0.intValue.map { Int32(truncatingIfNeeded: $0) } }
        return (Array(ids.dropLast(ends ? 1 : 0)), ends)
    }

    /// Tokens of the wanted answer it chooses as well, asked one at a time.
    func led(_ question: ServedQuestion) throws(ServingError) -> Int {
        var agreed = 0
        for place in 0..<question.choices {
            let (ids, ends) = try complete(question.ids + question.wanted[..<place], limit: 1)
            let isWanted = place < question.wanted.count ? ids.first == question.wanted[place] : ends
            agreed += isWanted ? 1 : 0
        }
        return agreed
    }

    func cut(_ text: String) throws(ServingError) -> [Int32] {
        let said = try post("/tokenize", ["content": .string(text), "add_special": false, "parse_special": true])
        return (said["tokens"]?.arrayValue ?? []).compactMap { $0.intValue.map { Int32(truncatingIfNeeded: $0) } }
    }

    /// It has nothing to save, and a child of a thread that blocks signals would never see a gentler one.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func post(_ path: String, _ body: JSONValue) throws(ServingError) -> JSONValue {
        guard let said = try? CurlRequest(address: address + path, body: body.text(), isLocal: true).send() else {
            throw .refused(program: "llama.cpp", said: log.tail.last ?? "it does not answer")
        }
        guard said.status == 200, let json = try? JSONValue.parse(said.response) else {
            throw .refused(program: "llama.cpp", said: String(said.response.prefix(200)))
        }
        return json
    }

    private static func list(_ ids: [Int32]) -> JSONValue { .array(ids.map { JSONValue(Int($0)) }) }
}
