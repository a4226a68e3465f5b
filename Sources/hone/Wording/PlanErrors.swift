import Plan
import YAMLText

extension PlanError: Explained {
    var explanation: Explanation {
        switch self {
        case .malformed(let error):
            error.explanation
        case .outOfRange(let key, let value, let allowed, let place):
            Explanation(
                "\(located(key, place)) is \(value), which cannot be", causes: ["allowed: \(allowed.words)"],
                hint: "change `\(key)` to \(allowed.words)", exitCode: .wrongUsage)
        case .contradiction(let contradiction, let place):
            contradiction.explanation(at: place)
        case .unreadableSize(let key, let place):
            Explanation(
                "\(place): `\(key)` is not a size", hint: "write a number with a unit: 4 GiB, 500 MB",
                exitCode: .wrongUsage)
        case .unknownModule(let module, let known, let place):
            Explanation(
                "\(located("method.target_modules", place)) names `\(module)`, which no Llama block has",
                causes: ["layers: " + known.joined(separator: ", ")],
                hint: didYouMean(module, among: known).map { "did you mean `\($0)`?" }
                    ?? "use all_linear for all of them",
                exitCode: .wrongUsage)
        case .emptyList(let key, let place):
            Explanation(
                "\(located(key, place)) is empty", hint: "give `\(key)` at least one entry", exitCode: .wrongUsage)
        case .missingFile(let key, let path, let place):
            Explanation(
                "\(located(key, place)) names \(path), which is not there",
                causes: ["relative paths start from the folder hone is called in"],
                hint: "correct the path, or write the plan again with `hone plan`")
        case .newerVersion(let version, let known, let place):
            Explanation(
                "\(place): the plan has version \(version), this hone knows versions up to \(known)",
                hint: "update hone, or write the plan again with `hone plan`", exitCode: .wrongUsage)
        }
    }
}

extension PlanContradiction {
    fileprivate func explanation(at place: YAMLPlace?) -> Explanation {
        let (what, hint) = words
        return Explanation((place.map { "\($0): " } ?? "") + what, hint: hint, exitCode: .wrongUsage)
    }

    private var words: (what: String, hint: String) {
        switch self {
        case .epochsAndMaxSteps:
            ("both `epochs` and `max_steps` say how long training lasts", "keep one of the two")
        case .rowsWithPacking:
            (
                "`micro_batch` counts rows, but with `packing: true` a micro-batch is filled by tokens",
                "use `tokens_per_micro_batch`, or set `packing: false`"
            )
        case .tokensWithoutPacking:
            (
                "`tokens_per_micro_batch` counts tokens, but without packing a micro-batch is a number of rows",
                "use `micro_batch`, or set `packing: true`"
            )
        case .adapterKeyWithFull(let key):
            (
                "`\(key)` belongs to adapters, but `method.kind: full` trains every weight",
                "remove `\(key)`, or use `kind: lora`"
            )
        case .quantizationWithout(let kind):
            (
                "`method.quantization` needs `kind: qlora`, but the kind is \(kind.rawValue)",
                "use `kind: qlora`, or remove it"
            )
        case .microBatchSmallerThanMaxLength(let tokens, let maxLength):
            (
                "`tokens_per_micro_batch` is \(tokens), so a row of `max_length` \(maxLength) tokens would not fit",
                "raise `tokens_per_micro_batch` to at least \(maxLength)"
            )
        case .wholeModulesInLowPrecision:
            (
                "`modules_to_save` trains whole modules, which the bundled trainer keeps in 32 bits only",
                "set `training.precision: fp32` and `method.kind: lora`, or remove `modules_to_save`"
            )
        case .dropoutWithDoRA:
            (
                "`use_dora` and `dropout` above 0 do not go together in the bundled trainer",
                "set `dropout: 0`, or `use_dora: false`"
            )
        case .packingStrategyWithoutTRL:
            (
                "`packing_strategy` says how TRL packs, and this plan does not pack as TRL does",
                "remove it, or set `compat: trl` and `training.packing: true`"
            )
        case .heldOutShares(let share):
            (
                "validation and test together take \(Int((share * 100).rounded())) % of the rows, nothing is left to train on",
                "0.1 each is usual"
            )
        case .earlyStoppingWithoutValidation:
            (
                "`early_stopping_patience` needs validation rows, but `data.split.validation` is 0",
                "set `data.split.validation: 0.1`"
            )
        case .earlyStoppingWithoutInterval:
            (
                "`early_stopping_patience` needs evaluations during training, but `eval_every` is not set",
                "set `training.eval_every`"
            )
        case .noiseWithSharedPrefixes(let key):
            (
                "`\(key)` draws noise for every row, but with `share_prefixes` rows have their beginning in common",
                "set `\(key)` to 0 or remove it, or `training.share_prefixes: false`"
            )
        case .deviceWithBundledEngine(let device):
            (
                "`launch.device` is \(device), but the bundled engine computes on this machine's CPU",
                "use `engine: trl`, or remove the line"
            )
        case .gpusWithBundledEngine(let count):
            (
                "`launch.gpus_per_node` is \(count), but the bundled engine computes on the CPU",
                "use `engine: trl`, or remove the line"
            )
        case .processesWithBundledEngine(let count):
            (
                "`launch` asks for \(count) processes, but the bundled engine is one",
                "use `engine: trl`, or leave `launch.nodes` and `launch.processes_per_node` at 1"
            )
        case .singleWithProcesses(let count):
            (
                "`launch.strategy` is single, but \(count) processes are to train together",
                "write `launch.strategy: ddp`, or fsdp, zero2 or zero3 where the model needs sharing out"
            )
        }
    }
}

extension PlanRange {
    var words: String {
        let whole = isWhole ? "a whole number " : ""
        func text(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
        let from = lowIsAllowed ? "from \(text(low))" : "more than \(text(low))"
        let to = highIsAllowed ? "up to \(text(high))" : "and less than \(text(high))"
        return "\(whole)\(from) \(to)"
    }
}

/// `plan.yaml:12:18: training.seed`, or the key alone where the plan was not read from a file.
private func located(_ key: String, _ place: YAMLPlace?) -> String { (place.map { "\($0): " } ?? "") + "`\(key)`" }
