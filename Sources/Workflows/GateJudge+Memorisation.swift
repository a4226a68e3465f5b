import Evaluation
import Publishing

extension GateJudge {
    /// Whether training rows can be told from others or drawn out more often than chance has it.
    func memorisation(least: Int) -> (GateRecord.State, String?) {
        guard let probe = evaluation.memorisation else { return (.not_measured, nil) }
        var words =
            "\(percent(probe.found.value)) of \(probe.members) training rows are told from \(probe.controls) others "
            + "where chance tells \(percent(MemorisationProbe.chance)) (at least \(percent(probe.found.low)))"
        if let members = probe.regurgitated, let controls = probe.controlsRegurgitated {
            words +=
                ", \(percent(members.value)) are completed word for word from their first half, "
                + "of unseen rows \(percent(controls.value))"
        }
        if probe.controls < least { return (.not_measured, words + "; at least \(least) unseen rows are asked for") }
        if probe.isAboveChance { return (.fail, words) }
        return (.pass, words + "; attacks that were not run may find more")
    }
}
