package import ModelFiles
package import Plan
import Tensors
import Transformer

/// Peak memory of a training run of the bundled trainer, by part, as the largest of its phases.
package struct MemoryEstimate: Sendable, Hashable {
    /// When the peak is reached.
    package enum Phase: String, Sendable, Hashable, CaseIterable { case load, step, save }

    /// What the memory holds.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        /// The frozen or trained weights, and the tables of positions.
        case weights
        /// The tensor that is being read: its pages of the mapped file, and its numbers on their way to another format.
        case reading
        case weightGradients = "weight_gradients"
        /// The adapter's values and gradients, and where products are in bfloat16 its factors once more.
        case adapter
        /// First and second moments of AdamW.
        case optimizer
        /// Saved activations, gradients of activations, logits, scratch: the arena of `StepLayout`.
        case activations
        /// Token ids and masks of the data, and the text they came from.
        case data
        /// The copy that is written to disk.
        case checkpoint
        /// Program, libraries, BLAS buffers, tokenizer.
        case process
    }

    package let parts: [Part: ByteCount]
    package let phase: Phase
    /// The best guess, and the guess that is exceeded in one run of twenty.
    package let p50: ByteCount
    package let p95: ByteCount

    /// `storedBytes` is the size of the model's weight files.
    package init(plan: RunPlan, shape: ModelShape, storedBytes: ByteCount, load: TrainingLoad) {
        let counts = ParameterCounts(shape: shape, lora: plan.method.lora)
        let isFull = plan.method.kind == .full
        let purpose: StepLayout.Purpose = plan.method.lora.map { .adapterTraining($0) } ?? .fullTraining
        let stored = plan.method.quantization
        func arena(_ tokens: Int) -> ByteCount {
            StepLayout(
                shape: shape, purpose: purpose, precision: plan.training.precision, isQuantized: stored != nil,
                recomputes: plan.training.gradientCheckpointing, tokens: max(1, tokens), threads: plan.training.threads
            ).byteCount
        }
        let tokens = min(plan.largestMicroBatch(longestRow: load.longestRow), load.tokens + load.validationTokens)
        let usual = min(tokens, MemoryEstimate.usualLargestBatch(plan, load))
        let trained = isFull ? counts.base : counts.adapter + counts.saved
        // Cosines and sines are made for the positions that come, for each way of turning.
        let tables = 1 + (shape.windowedRotary == nil ? 0 : 1)
        let rotary = ByteCount(max(1024, tokens) * shape.rotarySize * 4 * tables)

        var parts: [Part: ByteCount] = [:]
        let isNarrow = plan.training.precision == .bf16
        let quantized = stored == nil ? 0 : counts.blocks
        let matrices = (counts.matrices - quantized) * (isNarrow ? 2 : 4)
        parts[.weights] =
            ByteCount(matrices + (counts.base - counts.matrices) * 4) + rotary
            + ByteCount(NF4Matrix.byteCount(quantized, isDoubleQuantized: stored?.doubleQuant ?? false))
        parts[.reading] = MemoryEstimate.readingBytes(
            shape.tensors.map { $0.shape.reduce(1, *) }, held: ByteCount(matrices), isNarrow: isNarrow,
            storedBytesPerNumber: storedBytes.bytes / max(1, counts.base))
        parts[.weightGradients] = ByteCount((isFull ? counts.base : counts.saved) * 4)
        parts[.adapter] = ByteCount(counts.adapter * (isNarrow ? 10 : 8))
        parts[.optimizer] = ByteCount(trained * 8)
        // Room is made for the largest batch there can be, but only what a batch uses is ever touched.
        parts[.activations] = arena(usual)
        parts[.data] = MemoryEstimate.dataBytes(load)
        // Values and moments go to disk in pieces of 1 MiB, each converted and handed to the file system.
        parts[.checkpoint] = ByteCount(mebibytes: 4)
        parts[.process] = MemoryEstimate.processBytes(shape: shape, threads: plan.training.threads)

        let loaded: Set<Part> = [.weights, .adapter, .data, .process]
        // The arena is reserved when the model is loaded, but its pages are touched by the first step.
        let stepping = loaded.union([.weightGradients, .optimizer, .activations])
        let phases = [
            (Phase.load, loaded.union([.reading])), (.step, stepping), (.save, stepping.union([.checkpoint])),
        ]
        var peak = (phase: Phase.step, bytes: ByteCount(0), members: Set<Part>())
        for (phase, members) in phases {
            let bytes = members.reduce(ByteCount(0)) { $0 + (parts[$1] ?? 0) }
            if bytes > peak.bytes { peak = (phase, bytes, members) }
        }
        self.parts = parts.filter { peak.members.contains($0.key) }
        phase = peak.phase
        p50 = peak.bytes
        // The bound on a batch stands here, so that a plan called `fits` has room for it.
        p95 =
            peak.bytes + (arena(tokens) - arena(usual))
            + max(ByteCount(mebibytes: 24), ByteCount(peak.bytes.bytes / 20))
    }

    /// What reading needs beside the weights when all are there. Tensors are read one after the other, and memory is
    /// taken when it is written: the embedding, mostly the largest, comes while the others are still to come.
    private static func readingBytes(
        _ tensors: [Int], held: ByteCount, isNarrow: Bool, storedBytesPerNumber: Int
    ) -> ByteCount {
        let all = max(1, tensors.reduce(0, +))
        var left = all, most = 0
        for numbers in tensors {
            left -= numbers
            let waiting = Int(Double(held.bytes) * Double(left) / Double(all))
            most = max(most, numbers * ((isNarrow ? 4 : 0) + storedBytesPerNumber) - waiting)
        }
        return ByteCount(most)
    }

    /// Parts in the order of their size, empty ones left out.
    package var largestFirst: [(part: Part, bytes: ByteCount)] {
        parts.filter { $0.value > 0 }.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { ($0.key, $0.value) }
    }

    private static func usualLargestBatch(_ plan: RunPlan, _ load: TrainingLoad) -> Int {
        guard case .rows(let rows) = plan.training.batching else {
            return plan.largestMicroBatch(longestRow: load.longestRow)
        }
        let steps = plan.optimizerSteps(rows: load.rows, tokens: load.tokens)
        return load.usualLargestBatch(rows: rows, of: steps * plan.training.gradientAccumulationSteps)
    }

    /// A row in memory: ids (4 bytes) and mask (1 byte) per token, and about 4 bytes of text per token held twice while
    /// reading (messages and rendered conversation).
    private static func dataBytes(_ load: TrainingLoad) -> ByteCount {
        ByteCount((load.tokens + load.validationTokens) * 16 + (load.rows + load.validationRows) * 512)
    }

    /// Measured on x86-64 Linux: program and libraries, one 32 MiB BLAS workspace per thread of which a part is touched,
    /// and the tokenizer's tables by vocabulary.
    private static func processBytes(shape: ModelShape, threads: Int) -> ByteCount {
        ByteCount(mebibytes: 32 + 3 * Double(threads)) + ByteCount(shape.vocabularySize * 400)
    }
}
