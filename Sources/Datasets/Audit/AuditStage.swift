/// The parts of an audit, for saying what takes how long.
package enum AuditStage: String, Sendable, Hashable, CaseIterable {
    case reading
    /// Every row by itself.
    case rows
    case privacy
    /// Answers, labels, owners, languages, copies and conflicts.
    case contents
    case nearDuplicates = "near_duplicates"
    /// Leaks between the parts, usage and behaviours.
    case leakage
    case tokens
}

/// Seconds between laps; without a clock it does nothing.
struct Stopwatch {
    private let clock: (@Sendable () -> Double)?
    private var last: Double
    private(set) var seconds: [AuditStage: Double] = [:]

    init(clock: (@Sendable () -> Double)?) {
        self.clock = clock
        last = clock?() ?? 0
    }

    mutating func lap(_ stage: AuditStage) {
        guard let clock else { return }
        let now = clock()
        seconds[stage] = now - last
        last = now
    }
}
