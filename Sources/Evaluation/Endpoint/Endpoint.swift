package import Datasets
package import FileStore
import Foundation
import JSONText

/// A model behind an OpenAI-compatible address, asked one row at a time through `curl`.
///
/// Answers are kept, so that a second run costs nothing and gives the same figures. The key goes to `curl` on its standard
/// input: it stands in no argument list, no file and no message.
package struct Endpoint: Sendable {
    package struct Answer: Sendable, Hashable {
        package var output: String
        package var promptTokens: Int?
        package var outputTokens: Int?
        /// How long the request took when it was first made.
        package var seconds: Double
        /// The limit of tokens ended the answer.
        package var isCut: Bool
    }

    /// `https://…/v1`, or the whole address of `chat/completions`.
    package let address: String
    package let model: String
    private let key: String?
    private let maxNewTokens: Int
    private let pause: Double
    private let cache: String?
    private let store: FileStore
    private let pacer = Pacer()

    /// - Parameters:
    ///   - requestsPerMinute: Requests are spread evenly; kept answers are not counted.
    ///   - cache: The folder that keeps answers.
    package init(
        address: String, model: String, key: String?, maxNewTokens: Int, requestsPerMinute: Double = 600, cache: String?,
        store: FileStore = FileStore()
    ) throws(EndpointError) {
        guard let url = URL(string: address), let scheme = url.scheme, scheme == "http" || scheme == "https",
            url.host()?.isEmpty == false
        else { throw .badAddress(address) }
        var path = address
        while path.hasSuffix("/") { path.removeLast() }
        self.address = path.hasSuffix("/chat/completions") ? path : path + "/chat/completions"
        self.model = model
        self.key = key.flatMap { $0.isEmpty ? nil : $0 }
        self.maxNewTokens = maxNewTokens
        pause = 60 / max(requestsPerMinute, 0.001)
        self.cache = cache
        self.store = store
    }

    package func answer(to messages: [ChatMessage]) throws(EndpointError) -> Answer {
        let body: JSONValue = [
            "model": .string(model), "messages": .array(messages.map(\.json)), "temperature": 0,
            "max_tokens": JSONValue(maxNewTokens),
        ]
        let text = body.text()
        // The key belongs to who asks, not to what is asked.
        let name = Fingerprint(of: address + "\n" + text).hex
        if let kept = kept(name) { return kept }
        let (response, seconds) = try request(text)
        let answer = try read(response, seconds: seconds)
        try keep(answer, name)
        return answer
    }

    private static let tries = 5

    private func request(_ body: String) throws(EndpointError) -> (response: String, seconds: Double) {
        var wait = 1.0
        for attempt in 1...Self.tries {
            pacer.wait(atLeast: pause)
            let clock = ContinuousClock(), start = clock.now
            let (status, response) = try send(body)
            if status == 200 { return (response, (clock.now - start) / .seconds(1)) }
            guard status == 429 || status >= 500, attempt < Self.tries else {
                throw .refused(address: address, status: status, said: said(response))
            }
            Thread.sleep(forTimeInterval: wait)
            wait *= 2
        }
        throw .refused(address: address, status: 0, said: "")
    }

    private func send(_ body: String) throws(EndpointError) -> (status: Int, response: String) {
        do throws(CurlError) {
            return try CurlRequest(address: address, body: body, key: key).send()
        } catch {
            switch error {
            case .noCurl: throw .noCurl
            case .unreachable(let said): throw .unreachable(address: address, said: hidden(said))
            }
        }
    }

    private func read(_ response: String, seconds: Double) throws(EndpointError) -> Answer {
        guard let json = try? JSONValue.parse(response), let choice = json["choices"]?[0],
            let message = choice["message"]
        else { throw .notAnAnswer(address: address, said: said(response)) }
        return Answer(
            output: message["content"]?.stringValue ?? "", promptTokens: json["usage"]?["prompt_tokens"]?.intValue,
            outputTokens: json["usage"]?["completion_tokens"]?.intValue, seconds: seconds,
            isCut: choice["finish_reason"]?.stringValue == "length")
    }

    /// A server may repeat what it was sent.
    private func hidden(_ text: String) -> String { key.map { text.replacing($0, with: "…") } ?? text }

    private func said(_ response: String) -> String {
        let message = (try? JSONValue.parse(response))?["error"]?["message"]?.stringValue
        return hidden(String((message ?? response).prefix(200)))
    }

    private func kept(_ name: String) -> Answer? {
        guard let cache, store.isFile("\(cache)/\(name).json"), let text = try? store.readText("\(cache)/\(name).json"),
            let json = try? JSONValue.parse(text), let output = json["output"]?.stringValue
        else { return nil }
        return Answer(
            output: output, promptTokens: json["prompt_tokens"]?.intValue, outputTokens: json["output_tokens"]?.intValue,
            seconds: json["seconds"]?.doubleValue ?? 0, isCut: json["cut"]?.boolValue ?? false)
    }

    private func keep(_ answer: Answer, _ name: String) throws(EndpointError) {
        guard let cache else { return }
        let json: JSONValue = [
            "output": .string(answer.output), "prompt_tokens": JSONValue(answer.promptTokens) { JSONValue($0) },
            "output_tokens": JSONValue(answer.outputTokens) { JSONValue($0) }, "seconds": JSONValue(answer.seconds),
            "cut": .bool(answer.isCut), "model": .string(model),
        ]
        do throws(FileStoreError) {
            try store.createFolder(cache)
            try store.write(json.text() + "\n", to: "\(cache)/\(name).json")
        } catch {
            throw .cache(error)
        }
    }
}

/// Keeps requests apart in time.
private final class Pacer: @unchecked Sendable {
    private let lock = NSLock()
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant?

    func wait(atLeast pause: Double) {
        lock.lock()
        defer { lock.unlock() }
        if let last {
            let left = pause - (clock.now - last) / .seconds(1)
            if left > 0 { Thread.sleep(forTimeInterval: left) }
        }
        last = clock.now
    }
}

/// Why a model behind an endpoint could not be asked. No case holds the key.
package enum EndpointError: Error, Sendable, Hashable {
    case badAddress(String)
    /// `curl` is not installed.
    case noCurl
    case unreachable(address: String, said: String)
    case refused(address: String, status: Int, said: String)
    case notAnAnswer(address: String, said: String)
    case cache(FileStoreError)
}
