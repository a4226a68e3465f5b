import Feasibility
import Plan

extension DeviceCheck {
    /// Parts of the peak, the verdict, the levers, time and money, for a terminal.
    var table: String {
        let estimate = result.estimate
        var lines = [
            "\(run.architecture.name), \(question.method), rows of \(run.rowTokens) tokens x \(run.microBatch), "
                + "on \(deviceName)",
            "Peak memory of one device while \(estimate.phase.words)   (estimate, profile \(run.profile.id))", "",
        ]
        lines += estimate.largestFirst.map { "  " + row($0.part.words, $0.bytes) }
        lines += ["  " + String(repeating: "-", count: 48), "  " + row("together (p50)", estimate.p50)]
        lines.append("  " + row("with spread (p95)", estimate.p95))
        lines.append("  " + (result.usable.map { row("usable", $0) } ?? "usable: unknown"))
        lines += ["", "Verdict: \(words)"]
        if run.profile.trust != "A" {
            lines.append("  The profile's trust is \(run.profile.trust): \(trustWords).")
        }
        if run.architecture.origin.contains("recalled") {
            lines.append("  The model's numbers are recalled, not read: give the folder with its config.json.")
        }
        lines.append("Host memory: about \(hostMemory.rounded) · disk: about \(disk.rounded)   (estimates)")
        if let time {
            let span = "\(duration(time.hours.low * 3600)) to \(duration(time.hours.high * 3600))"
            lines.append(
                "Time: \(span) for \(grouped(Int(time.tokens))) tokens   (range, from \(time.evidence), trust \(time.trust))"
            )
            if let cost = time.cost {
                lines.append(
                    "Money: USD \(fixed(cost.low, 2)) to \(fixed(cost.high, 2))   "
                        + "(range, community price tables in rules/tables/devices.yaml)")
            }
        }
        if !levers.isEmpty { lines += ["", "What would help:"] + levers.map { "  " + $0.words } }
        return lines.joined(separator: "\n")
    }

    /// Every term with its formula, its numbers and its source.
    var explanationTable: String {
        proof.flatMap { line in
            [
                "\(line.name)  \(line.bytes.rounded)", "  = \(line.formula)", "  = \(line.numbers)",
                "  source: \(line.source)",
            ]
        }.joined(separator: "\n")
    }

    private var deviceName: String { (run.devices > 1 ? "\(run.devices) x " : "") + device.name }

    private var words: String {
        switch result.verdict {
        case .fits: "fits"
        case .tight: "tight: try two steps on the longest rows first"
        case .doesNotFit: "does not fit"
        case .unknown:
            "unknown: "
                + (band.map {
                    "hone has no formula for this architecture; between \($0.low.rounded) and \($0.high.rounded)"
                } ?? "how much memory is usable is not known")
        }
    }

    private var trustWords: String {
        run.profile.trust == "B" ? "some settings of its measurements are not known" : "it was never measured"
    }

    private func row(_ name: String, _ bytes: ByteCount) -> String {
        let amount = fixed(bytes.gibibytes, 2) + " GiB"
        return name + String(repeating: " ", count: max(1, 48 - name.count - amount.count)) + amount
    }
}

extension DeviceLever {
    /// `--loss fused: saves 7 GiB, and then it fits`.
    var words: String {
        let cost =
            switch price {
            case .nothing: ""
            case .time: ", takes longer"
            case .precision: ", at a lower precision"
            case .data: ", cuts longer rows"
            case .method: ", another way to train"
            }
        return "`\(change)`: saves \(saves.rounded)\(cost)\(isEnough ? ", and then it fits" : "")"
    }
}
