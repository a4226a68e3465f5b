/// Which tokens of one conversation are targets: one run of them per answer.
struct LossMask {
    /// The template merged or dropped answers, so that single ones cannot be told apart.
    struct NotSeparable: Error, CustomStringConvertible {
        var answers: Int
        var runs: Int

        var description: String {
            "the template writes \(runs) separate answers where the row has \(answers), so that answers of weight 0 cannot be left out"
        }
    }

    private let isTarget: [Bool]

    init(_ isTarget: [Bool]) { self.isTarget = isTarget }

    /// The mask without the answers that are not to be kept.
    func keeping(_ isKept: [Bool]) throws(NotSeparable) -> [Bool] {
        var mask = isTarget
        var run = -1
        for place in mask.indices where mask[place] {
            if place == 0 || !isTarget[place - 1] { run += 1 }
            if run < isKept.count { mask[place] = isKept[run] }
        }
        guard run + 1 == isKept.count else { throw NotSeparable(answers: isKept.count, runs: run + 1) }
        return mask
    }
}
