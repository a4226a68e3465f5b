import Foundation
import ModelFiles
package import Plan
import Tensors

/// What a model wrote after one prompt.
package struct GeneratedText: Sendable, Hashable {
    package enum Finish: String, Sendable, Hashable {
        /// A stop id came; it is not part of `ids`.
        case stop
        /// The limit of new tokens, or of the model's positions, was reached.
        case length
    }

    package var ids: [Int32]
    package var finish: Finish

    package init(ids: [Int32], finish: Finish) {
        self.ids = ids
        self.finish = finish
    }
}

/// Writes completions for many prompts at once, with cached keys and values.
///
/// A fixed number of slots is kept busy: when a completion ends, the next prompt takes its slot. Prompts go through the
/// same forward pass as training; after that every step computes one row per busy slot.
package struct Generator {
    package enum Sampling: Sendable, Hashable {
        case greedy
        /// Softmax of logits / temperature, cut to the smallest set of tokens whose probabilities reach `topP`. The
        /// number drawn depends on seed, prompt index and token index only.
        case sampled(temperature: Double, topP: Double, seed: Int)
    }

    package let model: LlamaModel
    /// Completions in progress at most.
    package var slots = 32
    /// The cache may take this many bytes; fewer slots are used when they would need more.
    package var cacheLimit = ByteCount(gibibytes: 2)
    /// Chooses in place of `sampling`, where only some tokens may follow: given the prompt's index, what was written after
    /// it, and the logits.
    package var chooser: ((_ prompt: Int, _ written: [Int32], UnsafeBufferPointer<Float>) -> Int32)?

    package init(model: LlamaModel) { self.model = model }

    /// One result per prompt, in their order.
    /// - Throws: `TransformerError` for a prompt that is empty, longer than `maxBatchTokens`, or holds unknown tokens.
    package func generate(
        prompts: [[Int32]], limit: Int, stopIDs: Set<Int32>, sampling: Sampling = .greedy
    ) throws(TransformerError) -> [GeneratedText] {
        for (index, prompt) in prompts.enumerated() {
            guard !prompt.isEmpty else { throw .emptyPrompt(index: index) }
            guard prompt.count <= model.shape.maxPositions else {
                throw .positionTooLarge(prompt.count - 1, row: prompt.count - 1, limit: model.shape.maxPositions)
            }
        }
        var results = prompts.map { _ in GeneratedText(ids: [], finish: .length) }
        guard limit > 0, let longest = prompts.map(\.count).max() else { return results }
        let capacity = min(longest + limit, model.shape.maxPositions)
        let perSlot = ByteCount(KeyValueCache.byteCount(model.shape, slots: 1, capacity: capacity))
        let affordable = max(1, cacheLimit.bytes / max(1, perSlot.bytes))
        let slotCount = min(slots, affordable, prompts.count, model.layout.headRows, model.maxBatchTokens)
        let cache = KeyValueCache(model.shape, slots: slotCount, capacity: capacity)

        var waiting = prompts.indices.makeIterator(), pending = waiting.next()
        var free = Array((0..<slotCount).reversed()), busy: [Sequence] = []
        while pending != nil || !busy.isEmpty {
            var entering: [Sequence] = [], tokens = 0
            while let index = pending, let slot = free.last,
                entering.isEmpty || tokens + prompts[index].count <= model.maxBatchTokens
            {
                entering.append(Sequence(prompt: index, slot: slot, cached: prompts[index].count))
                tokens += prompts[index].count
                free.removeLast()
                pending = waiting.next()
            }
            if entering.isEmpty {
                try model.extend(busy, last: busy.map { results[$0.prompt].ids.last ?? 0 }, cache)
            } else {
                try model.prefill(entering, prompts: prompts, cache)
            }
            var stepped = entering
            if entering.isEmpty {
                stepped = busy.map { Sequence(prompt: $0.prompt, slot: $0.slot, cached: $0.cached + 1) }
                busy = []
            }
            for (row, sequence) in stepped.enumerated() {
                let id = choose(row, sequence, results[sequence.prompt].ids, sampling)
                if stopIDs.contains(id) {
                    results[sequence.prompt].finish = .stop
                    free.append(sequence.slot)
                    continue
                }
                results[sequence.prompt].ids.append(id)
                if results[sequence.prompt].ids.count == limit || sequence.cached == model.shape.maxPositions {
                    free.append(sequence.slot)
                } else {
                    busy.append(sequence)
                }
            }
        }
        return results
    }

    private func choose(_ row: Int, _ sequence: Sequence, _ written: [Int32], _ sampling: Sampling) -> Int32 {
        let vocabulary = model.shape.vocabularySize
        let logits = model.arena.floats + model.layout.logits + row * vocabulary
        if let chooser {
            return chooser(sequence.prompt, written, UnsafeBufferPointer(start: logits, count: vocabulary))
        }
        switch sampling {
        case .greedy:
            return Int32(Kernels.argmax(vocabulary, logits))
        case .sampled(let temperature, let topP, let seed):
            let logits = UnsafeBufferPointer(start: logits, count: vocabulary)
            return TokenSampler(temperature: temperature, topP: topP)
                .sample(logits, seed: seed, prompt: sequence.prompt, token: written.count)
        }
    }

    /// One completion in progress: `cached` of its tokens are in the cache, the last one written is not yet.
    struct Sequence {
        let prompt: Int
        let slot: Int
        let cached: Int
    }
}
