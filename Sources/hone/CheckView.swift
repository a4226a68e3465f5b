import Feasibility
import Plan

extension PlanCheck {
    /// Parts of the peak, the verdict, the levers, for a terminal.
    var table: String {
        var lines = ["Peak memory while \(memory.phase.words)" + "   (estimate)", ""]
        lines += memory.largestFirst.map { "  " + row($0.part.words, $0.bytes) }
        lines += ["  " + String(repeating: "-", count: 44), "  " + row("together (p50)", memory.p50)]
        lines.append("  " + row("with spread (p95)", memory.p95))
        lines.append("  " + (usable.map { row("usable here", $0) } ?? "usable here: unknown"))
        lines += ["", "Verdict: \(verdict.words)"]
        lines.append(
            "Disk: \(diskNeeded.rounded) for checkpoints and result, \(machine.freeDisk?.rounded ?? "unknown") free")
        let basis =
            time.isCalibrated
            ? "range, from this machine's measured speed" : "estimate; `hone check --calibrate` measures this machine"
        lines.append(
            "Time: about \(duration(time.seconds)) for \(time.steps) steps, between \(duration(time.lowSeconds)) and "
                + "\(duration(time.highSeconds))   (\(basis))")
        if !levers.isEmpty { lines += ["", "What would help:"] + levers.map { "  " + $0.words } }
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ bytes: ByteCount) -> String {
        let amount = fixed(bytes.mebibytes, 1) + " MiB"
        return name + String(repeating: " ", count: max(1, 44 - name.count - amount.count)) + amount
    }
}

extension PlanCheck.Verdict {
    var words: String {
        switch self {
        case .fits: "fits"
        case .tight: "tight: it may fit"
        case .doesNotFit: "does not fit"
        case .unknown: "unknown: this machine does not say how much memory is free"
        }
    }
}

extension MachineProfile {
    var table: String {
        func size(_ bytes: ByteCount?) -> String { bytes?.rounded ?? "unknown" }
        return [
            "Processor         \(processor)",
            "Usable cores      \(cores)",
            "Instruction sets  \(instructionSets.isEmpty ? "none of those hone uses" : instructionSets.joined(separator: ", "))",
            "Memory            \(size(totalMemory)), \(size(freeMemory)) free now",
            "Group limit       \(groupMemoryLeft.map { "\($0.rounded) left" } ?? "none")",
            "Disk              \(size(freeDisk)) free here",
        ].joined(separator: "\n")
    }
}
