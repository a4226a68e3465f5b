package import JSONText
import Plan

extension PlanCheck {
    /// The shape other programs rely on.
    package var json: JSONValue {
        [
            "verdict": .string(verdict.rawValue), "phase": .string(memory.phase.rawValue),
            "p50_bytes": JSONValue(memory.p50.bytes), "p95_bytes": JSONValue(memory.p95.bytes),
            "usable_bytes": usable.map { JSONValue($0.bytes) } ?? .null,
            "parts": .object(JSONObject(memory.largestFirst.map { ($0.part.rawValue, JSONValue($0.bytes.bytes)) })),
            "levers": .array(
                levers.map { lever in
                    let changes = JSONObject(lever.changes.map { ($0.key, JSONValue.string($0.to)) })
                    return ["change": .object(changes), "saves_bytes": JSONValue(lever.saves.bytes), "is_enough": .bool(lever.isEnough)]
                }),
            "hours": [
                "low": JSONValue(time.lowSeconds / 3600), "typical": JSONValue(time.seconds / 3600),
                "high": JSONValue(time.highSeconds / 3600),
            ],
            "steps": JSONValue(time.steps), "tokens_per_second": JSONValue(time.tokensPerSecond),
            "cost": .null, "disk_bytes": JSONValue(diskNeeded.bytes), "machine": machine.json,
        ]
    }
}

extension MachineProfile {
    package var json: JSONValue {
        func bytes(_ value: ByteCount?) -> JSONValue { value.map { JSONValue($0.bytes) } ?? .null }
        return [
            "processor": .string(processor), "cores": JSONValue(cores),
            "instruction_sets": .array(instructionSets.map(JSONValue.string)), "total_memory_bytes": bytes(totalMemory),
            "free_memory_bytes": bytes(freeMemory), "group_memory_left_bytes": bytes(groupMemoryLeft),
            "free_disk_bytes": bytes(freeDisk),
        ]
    }

    /// What a manifest keeps of the machine.
    package var summary: [String: String] {
        var summary = ["processor": processor, "cores": "\(cores)", "instruction_set": widestInstructionSet]
        if let totalMemory { summary["memory"] = totalMemory.rounded }
        return summary
    }
}
