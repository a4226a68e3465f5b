import ArgumentParser
import Evaluation
import Foundation
import JSONText
import ModelFiles
import Tensors
import Tokenization
import Transformer

/// Scores a model folder on the held-out sets: greedy answers, equal token by token to the expected ones.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Score the model on the held-out sets.")

    @Option(help: "The folder of the model.") var base = "models/base"
    @Option(help: "The folder with the held-out sets.") var probes = "models/base/probes"
    @Option(help: "Threads.") var threads = 2

    static let sets = ["knowledge", "passages", "patterns"]

    func run() throws {
        let encoder = try ChatEncoder(folder: base)
        let model = try LlamaModel(
            folder: ModelFolder(path: base), trainable: .none, team: ThreadTeam(threads: threads), maxBatchTokens: 4096)
        for name in Self.sets {
            let items = try JSONLines(URL(fileURLWithPath: probes).appendingPathComponent(name + ".jsonl")).values
            let questions = try items.map { item in
                HeldOutQuestion(try encoder.encode(messages: item["messages"]?.arrayValue ?? []))
            }
            let answers = try Generator(model: model).generate(
                prompts: questions.map(\.prompt), limit: 64, stopIDs: Set(questions.map(\.stop)))
            let isRight = zip(questions, answers).map { $0.answer == $1.ids && $1.finish == .stop }
            print(line(name, isRight))
            for (kind, places) in kinds(items) { print("    " + line(kind, places.map { isRight[$0] })) }
        }
    }

    /// Items of one kind, by the part of the id that names it: the relation of a fact, the rule of a pattern.
    private func kinds(_ items: [JSONValue]) -> [(String, [Int])] {
        let names = items.map { item in
            let parts = (item["id"]?.stringValue ?? "").components(separatedBy: "/")
            return ["pattern", "passage"].contains(parts[0]) ? parts[parts.count - 1] : parts[0]
        }
        return Dictionary(grouping: names.indices) { names[$0] }.sorted { $0.key < $1.key }
    }

    private func line(_ name: String, _ isRight: [Bool]) -> String {
        let right = isRight.count { $0 }
        let share = String(format: "%.1f %%", 100 * Double(right) / Double(max(1, isRight.count)))
        guard let interval = Interval.wilson(successes: right, of: isRight.count) else { return "\(name): no items" }
        let bounds = String(format: "%.1f to %.1f", 100 * interval.low, 100 * interval.high)
        return "\(name): \(share) (95 % interval \(bounds), n = \(isRight.count))"
    }
}

/// The last answer of an encoded conversation, and what comes before it.
struct HeldOutQuestion {
    let prompt: [Int32]
    let answer: [Int32]
    /// The token that ends an answer.
    let stop: Int32

    init(_ chat: EncodedChat) {
        let last = chat.isTarget.lastIndex(of: true) ?? chat.ids.count - 1
        let first = (chat.isTarget[..<last].lastIndex(of: false) ?? -1) + 1
        prompt = Array(chat.ids[..<first])
        answer = Array(chat.ids[first..<last])
        stop = chat.ids[last]
    }
}
