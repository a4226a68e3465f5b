import Datasets
import Foundation
import Testing

@testable import Evaluation

@Suite("A model behind an endpoint")
struct EndpointTests {
    private let question = [ChatMessage(role: .user, content: "Say \"hi\"\nplease")]

    @Test("it is asked with the key, once for equal questions, and answers with text and tokens")
    func asks() throws {
        let server = try LocalServer { _, _ in
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
        let busy = try LocalServer { count, _ in
            count == 1 ? (429, "slow down") : (200, #"{"choices":[{"message":{"content":"ok"},"finish_reason":"length"}]}"#)
        }
        let patient = try Endpoint(address: busy.address, model: "m", key: nil, maxNewTokens: 9, requestsPerMinute: 60_000, cache: nil)
        #expect(try patient.answer(to: question).isCut)
        let strict = try LocalServer { _, _ in (401, #"{"error":{"message":"bad key secret-key"}}"#) }
        let refused = try Endpoint(address: strict.address, model: "m", key: "secret-key", maxNewTokens: 9, cache: nil)
        #expect(throws: EndpointError.refused(address: strict.address + "/chat/completions", status: 401, said: "bad key …")) {
            try refused.answer(to: question)
        }
        #expect(throws: EndpointError.badAddress("example.org/v1")) {
            try Endpoint(address: "example.org/v1", model: "m", key: nil, maxNewTokens: 9, cache: nil)
        }
    }
}
