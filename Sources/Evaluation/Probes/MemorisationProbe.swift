import Glibc

/// Whether training rows can be told from rows the model never saw, and drawn out of it: evidence against the attacks that
/// were run, never proof that nothing leaks.
///
/// Losses fall in training; the question is whether they fall more on the rows trained on than on others of the same kind
/// (membership by calibrated loss: Carlini et al. 2022). Held-out rows are the controls, at least a hundred of them.
package struct MemorisationProbe: Sendable, Hashable {
    /// Training rows and held-out rows that were compared.
    package var members: Int
    package var controls: Int
    /// log₂(controls + 1) − log₂(rank) of each member among the controls, on average: 1.4 bits are chance (Carlini et al. 2019).
    package var exposure: Double
    /// The highest exposure of a single row.
    package var highestExposure: Double
    /// Members found at a threshold that calls one control in a hundred a member; exact interval.
    package var found: Interval
    /// How often a member's loss fell more than a control's.
    package var areaUnderCurve: Double
    /// Answers completed word for word from their first half: members, then controls.
    package var regurgitated: Interval?
    package var controlsRegurgitated: Interval?

    /// - Parameters:
    ///   - members: By how much the loss per token fell on each training row (nats; more is a larger fall).
    ///   - controls: The same for held-out rows.
    /// - Returns: Nil without members or controls.
    package init?(members: [Double], controls: [Double]) {
        guard !members.isEmpty, !controls.isEmpty else { return nil }
        let sorted = controls.sorted(by: >)
        func above(_ fall: Double) -> (higher: Int, equal: Int) {
            (sorted.prefix { $0 > fall }.count, sorted.count { $0 == fall })
        }
        let exposures = members.map { fall in
            let (higher, equal) = above(fall)
            return log2(Double(controls.count + 1)) - log2(Double(higher) + Double(equal) / 2 + 1)
        }
        self.members = members.count
        self.controls = controls.count
        exposure = exposures.reduce(0, +) / Double(members.count)
        highestExposure = exposures.max() ?? 0
        // The threshold lies above all but one control of a hundred.
        let threshold = sorted[min(sorted.count - 1, sorted.count / 100)]
        guard let found = Interval.clopperPearson(successes: members.count { $0 > threshold }, of: members.count) else {
            return nil
        }
        self.found = found
        areaUnderCurve =
            members.reduce(0) { sum, fall in
                let (higher, equal) = above(fall)
                return sum + (Double(sorted.count - higher - equal) + Double(equal) / 2) / Double(sorted.count)
            } / Double(members.count)
    }

    /// The share of members that chance alone finds.
    package static let chance = 0.01

    /// Found more often than chance would, beyond doubt.
    package var isAboveChance: Bool { found.low > Self.chance || isRegurgitating }

    /// Members are completed word for word more often than rows the model never saw: the intervals do not meet.
    package var isRegurgitating: Bool {
        guard let regurgitated, let controlsRegurgitated else { return false }
        return regurgitated.low > controlsRegurgitated.high
    }

    /// Nearly the same: at most a tenth of the characters differ (Levenshtein 1966).
    package static func isNearly(_ output: String, _ expected: String) -> Bool {
        let given = Array(trimmed(output).unicodeScalars), wanted = Array(trimmed(expected).unicodeScalars)
        let most = wanted.count / 10
        guard !wanted.isEmpty, abs(given.count - wanted.count) <= most else { return false }
        var row = Array(0...wanted.count)
        for (place, letter) in given.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for column in wanted.indices {
                let changed = diagonal + (letter == wanted[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[wanted.count] <= most
    }
}
