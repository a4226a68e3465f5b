/// When training is warned about, paused and stopped: the rows of `rules/tables/training_limits.yaml`.
package struct TrainingLimits: Sendable, Hashable {
    /// Seconds before a full disk is tried for the first time, what that grows by each time, and what it grows to.
    package var diskRetryFirst: Double
    package var diskRetryFactor: Double
    package var diskRetryLongest: Double
    /// MiB of memory, of the machine or of a control group, below which training saves and stops.
    package var memoryReserve: Double
    /// Steps whose mean losses are compared, and the share the later mean must lie below the earlier one.
    package var learningWindow: Double
    package var learningFall: Double
    /// The share by which the validation loss rises above its lowest, and how many looks in a row.
    package var overfittingRise: Double
    package var overfittingLooks: Double

    /// - Parameter row: The number in a row of the table.
    package init<Failure>(reading row: (String) throws(Failure) -> Double) throws(Failure) {
        diskRetryFirst = try row("disk_retry_first")
        diskRetryFactor = try row("disk_retry_factor")
        diskRetryLongest = try row("disk_retry_longest")
        memoryReserve = try row("memory_reserve")
        learningWindow = try row("learning_window")
        learningFall = try row("learning_fall")
        overfittingRise = try row("overfitting_rise")
        overfittingLooks = try row("overfitting_looks")
    }
}
