import Datasets
import Foundation
import Glibc
import Testing

@testable import Evaluation

@Suite("A model behind an endpoint")
struct EndpointTests {
    private let question = [ChatMessage(role: .user, content: "Say \"hi\"\nplease")]

    @Test("it is asked with the key, once for equal questions, and answers with text and tokens")
    func asks() throws {
        let server = try LocalServer { _ in
            (200, #"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":1}}"#)
        }
        let folder = FileManager.default.temporaryDirectory.path + "/hone-endpoint-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let endpoint = try Endpoint(
            address: server.address, model: "m", key: "secret-key", maxNewTokens: 9, requestsPerMinute: 60_000, cache: folder)
        let answer = try endpoint.answer(to: question)
        #expect(answer.output == "hi" && answer.promptTokens == 7 && answer.outputTokens == 1 && !answer.isCut)
        #expect(try endpoint.answer(to: question) == answer)
        #expect(server.requests.count == 1)
        let request = try #require(server.requests.first)
        #expect(request.contains("Authorization: Bearer secret-key") && request.contains(#"Say \"hi\"\nplease"#))
        #expect(request.hasPrefix("POST /v1/chat/completions "))
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            #expect(try !String(contentsOfFile: folder + "/" + file, encoding: .utf8).contains("secret-key"))
        }
    }

    @Test("it is asked again when it is busy, and the key is in no error")
    func refusals() throws {
        let busy = try LocalServer { count in
            count == 1 ? (429, "slow down") : (200, #"{"choices":[{"message":{"content":"ok"},"finish_reason":"length"}]}"#)
        }
        let patient = try Endpoint(address: busy.address, model: "m", key: nil, maxNewTokens: 9, requestsPerMinute: 60_000, cache: nil)
        #expect(try patient.answer(to: question).isCut)
        let strict = try LocalServer { _ in (401, #"{"error":{"message":"bad key secret-key"}}"#) }
        let refused = try Endpoint(address: strict.address, model: "m", key: "secret-key", maxNewTokens: 9, cache: nil)
        #expect(throws: EndpointError.refused(address: strict.address + "/chat/completions", status: 401, said: "bad key …")) {
            try refused.answer(to: question)
        }
        #expect(throws: EndpointError.badAddress("example.org/v1")) {
            try Endpoint(address: "example.org/v1", model: "m", key: nil, maxNewTokens: 9, cache: nil)
        }
    }
}

/// Answers requests on this machine one at a time, the way it is told to.
private final class LocalServer: @unchecked Sendable {
    let address: String
    private let socket: Int32
    private let lock = NSLock()
    private var seen: [String] = []

    var requests: [String] {
        lock.lock()
        defer { lock.unlock() }
        return seen
    }

    struct NoPort: Error {}

    init(_ answer: @escaping @Sendable (_ count: Int) -> (status: Int, body: String)) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let isBound = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(descriptor, place, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, place, &size) == 0
            }
        }
        guard isBound else { throw NoPort() }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/v1"
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                let request = Self.read(client)
                guard let self else {
                    close(client)
                    return
                }
                self.lock.lock()
                self.seen.append(request)
                let count = self.seen.count
                self.lock.unlock()
                let (status, body) = answer(count)
                let reply = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                _ = reply.withCString { write(client, $0, strlen($0)) }
                close(client)
            }
        }
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    /// Heads and as much of a body as they promise.
    private static func read(_ client: Int32) -> String {
        var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(client, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let promised = text[..<end.lowerBound].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
            if text[end.upperBound...].utf8.count >= promised { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
