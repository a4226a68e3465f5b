import YAMLText

extension TrainingSettings {
    init(_ reader: PlanReader) throws(YAMLError) {
        self.init()
        maxLength = try reader.int("max_length", maxLength)
        lossOnPrompts = try reader.bool("loss_on_prompts", lossOnPrompts)
        batching = try TrainingSettings.batching(reader, maxLength: maxLength)
        packingStrategy = try reader.choice("packing_strategy", packingStrategy)
        gradientAccumulationSteps = try reader.int("gradient_accumulation_steps", gradientAccumulationSteps)
        // Both at once is refused after reading, with the place of the second.
        let epochs = try reader.double("epochs"), steps = try reader.int("max_steps")
        if let steps { duration = .steps(steps) } else if let epochs { duration = .epochs(epochs) }
        optimizer = try reader.choice("optimizer", optimizer)
        learningRate = try reader.double("learning_rate", learningRate)
        adamBeta1 = try reader.double("adam_beta1", adamBeta1)
        adamBeta2 = try reader.double("adam_beta2", adamBeta2)
        adamEpsilon = try reader.double("adam_epsilon", adamEpsilon)
        schedule = try reader.choice("schedule", schedule)
        if let written = reader.node("warmup_steps") {
            let value = try written.double()
            warmup = value >= 1 ? .steps(try written.int()) : .share(value)
        }
        weightDecay = try reader.double("weight_decay", weightDecay)
        maxGradNorm = try reader.double("max_grad_norm", maxGradNorm)
        precision = try reader.choice("precision", precision)
        gradientCheckpointing = try reader.bool("gradient_checkpointing", gradientCheckpointing)
        sharePrefixes = try reader.bool("share_prefixes", sharePrefixes)
        shuffle = try reader.bool("shuffle", shuffle)
        curriculum = try reader.choice("curriculum", curriculum)
        seed = try reader.int("seed", seed)
        threads = try reader.int("threads", threads)
        memoryLimit = ByteCount(spelling: try reader.node("memory_limit")?.scalar(.text).text ?? "")
        evalEvery = try reader.int("eval_every")
        saveEvery = try reader.int("save_every")
        saveTotalLimit = try reader.int("save_total_limit")
        earlyStoppingPatience = try reader.int("early_stopping_patience")
        earlyStoppingMetric = try reader.string("early_stopping_metric", earlyStoppingMetric)
        neftuneAlpha = try reader.double("neftune_alpha")
    }

    /// `packing` decides which of the two batch keys counts; the other one is refused after reading, not ignored.
    private static func batching(_ reader: PlanReader, maxLength: Int) throws(YAMLError) -> Batching {
        let rows = try reader.int("micro_batch"), tokens = try reader.int("tokens_per_micro_batch")
        let isPacked = try reader.bool("packing", tokens != nil)
        return isPacked ? .packed(tokens: tokens ?? 4 * maxLength) : .rows(rows ?? 8)
    }
}
