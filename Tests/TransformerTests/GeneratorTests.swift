import Tensors
import Testing

@testable import Transformer

@Suite("Generation")
struct GeneratorTests {
    let example: LlamaOracle.Case
    let prompts: [[Int32]] = [[3, 14, 15, 9], [26], [5, 35, 8, 9, 7, 9, 32, 3, 8, 4], [6, 2], [6, 4, 33, 8, 32, 7]]

    init() throws { example = try LlamaOracle.load().cases[0] }

    /// The most likely continuation, recomputed from the start for every token.
    private func withoutCache(_ model: LlamaModel, _ prompt: [Int32], limit: Int) throws -> [Int32] {
        var ids = prompt
        for _ in 0..<limit {
            let batch = PackedBatch(rows: [(ids, ids.map { _ in false })])
            let logits = try model.logits(batch, at: [ids.count - 1])
            ids.append(Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0))
        }
        return Array(ids.dropFirst(prompt.count))
    }

    @Test("with a cache it writes what it writes without one", arguments: [1, 2], [1, 2, 5])
    func cache(threads: Int, slots: Int) throws {
        for model in [try example.model(.none, threads: threads), try example.model(.full, threads: threads)] {
            var generator = Generator(model: model)
            generator.slots = slots
            let texts = try generator.generate(prompts: prompts, limit: 12, stopIDs: [])
            for (prompt, text) in zip(prompts, texts) {
                #expect(text.ids == (try withoutCache(model, prompt, limit: 12)))
                #expect(text.finish == .length)
            }
        }
    }

    @Test("it ends at a stop id, which is not part of the text")
    func stop() throws {
        let model = try example.model(.none)
        let free = try Generator(model: model).generate(prompts: prompts, limit: 12, stopIDs: [])
        let stopID = free[2].ids[4]
        let texts = try Generator(model: model).generate(prompts: prompts, limit: 12, stopIDs: [stopID])
        for (text, free) in zip(texts, free) {
            let cut = free.ids.firstIndex(of: stopID)
            #expect(text.ids == Array(free.ids[..<(cut ?? free.ids.count)]))
            #expect(text.finish == (cut == nil ? .length : .stop))
        }
    }

    @Test("sampling depends on seed, prompt and token only, not on the company of a prompt")
    func sampling() throws {
        let model = try example.model(.none)
        let sampling = Generator.Sampling.sampled(temperature: 0.9, topP: 0.95, seed: 5)
        let together = try Generator(model: model).generate(prompts: prompts, limit: 8, stopIDs: [], sampling: sampling)
        var narrow = Generator(model: model)
        narrow.slots = 2
        #expect(try narrow.generate(prompts: prompts, limit: 8, stopIDs: [], sampling: sampling) == together)
        let other = Generator.Sampling.sampled(temperature: 0.9, topP: 0.95, seed: 6)
        #expect(
            try Generator(model: model).generate(prompts: prompts, limit: 8, stopIDs: [], sampling: other) != together)
    }

    @Test("a text stops at the model's last position")
    func positions() throws {
        let model = try example.model(.none)
        let text = try Generator(model: model).generate(prompts: [[1, 2, 3, 4]], limit: 100, stopIDs: [])[0]
        #expect(text.ids.count == 32 - 4 + 1)
        #expect(text.finish == .length)
    }

    @Test("an empty prompt is refused by its index")
    func empty() throws {
        let model = try example.model(.none)
        #expect(throws: TransformerError.emptyPrompt(index: 1)) {
            try Generator(model: model).generate(prompts: [[1], []], limit: 3, stopIDs: [])
        }
    }
}
