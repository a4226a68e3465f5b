package import YAMLText

/// What is wrong with a plan, and where. Without a place the plan was not read from a file.
package enum PlanError: Error, Sendable, Hashable {
    case malformed(YAMLError)
    /// Outside what the quantity can be, whatever the run.
    case outOfRange(key: String, value: String, allowed: PlanRange, place: YAMLPlace?)
    case contradiction(PlanContradiction, place: YAMLPlace?)
    case unreadableSize(key: String, place: YAMLPlace)
    case unknownModule(String, known: [String], place: YAMLPlace?)
    case emptyList(key: String, place: YAMLPlace?)
    case newerVersion(Int, known: Int, place: YAMLPlace)
    /// A file or folder that the plan names and that is not there.
    case missingFile(key: String, path: String, place: YAMLPlace?)
}

/// Settings that cannot both be meant.
package enum PlanContradiction: Sendable, Hashable {
    case epochsAndMaxSteps
    case rowsWithPacking
    case tokensWithoutPacking
    /// `full` trains every weight; the key belongs to adapters.
    case adapterKeyWithFull(key: String)
    case quantizationWithout(MethodKind)
    case microBatchSmallerThanMaxLength(tokens: Int, maxLength: Int)
    /// Modules trained whole are kept and multiplied in 32 bits.
    case wholeModulesInLowPrecision
    /// The bundled trainer has no dropout for adapters that learn the length of rows.
    case dropoutWithDoRA
    /// `packing_strategy` is TRL's, and means nothing unless its packing is followed.
    case packingStrategyWithoutTRL
    case heldOutShares(Double)
    case earlyStoppingWithoutValidation
    case earlyStoppingWithoutInterval
    /// `key` draws noise for every row, which rows that share their beginning cannot have.
    case noiseWithSharedPrefixes(key: String)
    case gpusWithBundledEngine(Int)
    case deviceWithBundledEngine(String)
    case processesWithBundledEngine(Int)
    /// `single` shares nothing, so there is nothing for further processes to do.
    case singleWithProcesses(Int)
}

/// A closed or half-open interval, kept as facts so that it can be worded.
package struct PlanRange: Sendable, Hashable {
    package let low: Double
    package let lowIsAllowed: Bool
    package let high: Double
    package let highIsAllowed: Bool
    package let isWhole: Bool

    static func whole(_ range: ClosedRange<Int>) -> PlanRange {
        PlanRange(
            low: Double(range.lowerBound), lowIsAllowed: true, high: Double(range.upperBound), highIsAllowed: true,
            isWhole: true)
    }

    /// Numbers from `low` (excluded) to `high` (included).
    static func above(_ low: Double, to high: Double) -> PlanRange {
        PlanRange(low: low, lowIsAllowed: false, high: high, highIsAllowed: true, isWhole: false)
    }

    /// Numbers from `low` (included) to `high` (excluded).
    static func from(_ low: Double, below high: Double) -> PlanRange {
        PlanRange(low: low, lowIsAllowed: true, high: high, highIsAllowed: false, isWhole: false)
    }

    func contains(_ value: Double) -> Bool {
        (lowIsAllowed ? value >= low : value > low) && (highIsAllowed ? value <= high : value < high)
    }
}
