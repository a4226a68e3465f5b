package import Datasets
package import FileStore
package import ModelFiles
package import Plan
package import Tokenization

/// What a plan trains and scores on: the model's files, its tokenizer and template, the rows, their split and their ids.
///
/// The engine, the feasibility check and the evaluation all prepare a run through this one place, so that they see the same
/// tokens.
package struct PreparedRun: Sendable {
    package internal(set) var plan: RunPlan
    package let location: ModelLocation
    package let model: ModelFolder
    package let encoder: ChatEncoder
    package let dataset: Dataset
    package let split: Split
    package internal(set) var encoded: EncodedDataset
    /// General conversations that the plan mixes in, where it does; those used stand at the end of the encoded rows.
    package let general: Dataset?

    /// - Parameters:
    ///   - rows: The rows, where they were read before with nothing but their paths.
    ///   - isForLooking: Nothing is going to be trained, so the base model is not asked for general answers.
    package init(
        _ plan: RunPlan, rows: Dataset? = nil, in installation: Installation, isForLooking: Bool = false,
        store: FileStore = FileStore()
    ) throws {
        self.plan = plan
        location = try ModelLocation(plan.model, in: installation, store: store)
        model = try ModelFolder(path: location.path, store: store)
        encoder = try ChatEncoder(folder: location.path)
        let threads = plan.training.threads
        if let rows, plan.data.format == .auto, plan.data.split.group == nil {
            dataset = rows
        } else {
            dataset = try DatasetReader(format: plan.data.format, groupField: plan.data.split.group, threads: threads)
                .read(paths: plan.data.paths)
        }
        split = Split(dataset, settings: plan.data.split)
        let rowEncoder = DatasetEncoder(
            encoder: encoder, maxLength: plan.training.maxLength, threads: threads,
            lossOnPrompts: plan.training.lossOnPrompts, compat: plan.compat, packing: plan.trlPacking)
        var general: DatasetEncoder.GeneralRows?
        if let mix = plan.data.generalMix {
            let bundled = installation.models + "/base/general_mix.jsonl"
            let isOwn = mix.source == GeneralMix.baseAnswersName
            let path = isOwn || mix.source == GeneralMix.bundledName ? bundled : mix.source
            var rows = try DatasetReader(threads: threads).read(paths: [path])
            if isOwn {
                let wanted = try rowEncoder.encode(dataset, split: split).lengths.targetTokens
                let answers = try BaseAnswers(model: model, encoder: encoder, settings: plan, store: store)
                rows = try answers.answering(
                    rows, targetTokens: mix.targetTokens(beside: wanted), writes: !isForLooking)
            }
            general = DatasetEncoder.GeneralRows(
                path: mix.source, dataset: rows, share: mix.share,
                seed: UInt64(truncatingIfNeeded: plan.training.seed))
        }
        encoded = try rowEncoder.encode(dataset, split: split, general: general)
        self.general = general?.dataset
    }

    /// The rows that are trained, general ones among them: what was dropped is not.
    package var trainingExamples: [Example] {
        encoded.train.compactMap { row in
            row.stage == .general ? general?.examples[row.index] : dataset.examples[row.index]
        }
    }
}

extension GeneralMix {
    /// Target tokens that have this share beside those of the task.
    func targetTokens(beside task: Int) -> Int { Int((share / max(1e-9, 1 - share) * Double(task)).rounded(.up)) }
}
