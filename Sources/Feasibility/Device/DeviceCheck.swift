package import JSONText
package import Plan
package import RuleEngine

/// The answer to a question about an accelerator: memory, verdict, what would help, hours, money.
package struct DeviceCheck: Sendable {
    package let question: DeviceQuestion
    package let device: Device
    package let result: DeviceVerdict
    package let levers: [DeviceLever]
    package let time: DeviceTime?

    package var run: DeviceRun { result.estimate.run }

    /// `usable`: what was measured on a device that is present; otherwise the table's figure.
    package init(
        _ question: DeviceQuestion, architecture: Architecture? = nil, on device: Device, usable: ByteCount? = nil,
        tokens: Double, _ tables: MemoryTables, _ book: RuleBook
    ) throws(DeviceQuestionError) {
        let run = try question.run(tables, architecture: architecture)
        let memory = usable ?? ByteCount(gibibytes: device.usableGibibytes)
        self.question = question
        self.device = device
        result = DeviceVerdict(run, usable: memory)
        levers =
            result.verdict == .fits || result.verdict == .unknown
            ? [] : DeviceLever.list(for: question, run, tables, usable: memory)
        time = DeviceTime(run, on: device, tokens: tokens, book)
    }

    /// A figure without a formula behind it is a span: a quarter less to six tenths more. Nil where there is a formula.
    package var band: (low: ByteCount, high: ByteCount)? {
        guard run.architecture.kind != .dense else { return nil }
        let bytes = Double(result.estimate.p50.bytes)
        return (ByteCount(wholeBytes(bytes * 0.75)), ByteCount(wholeBytes(bytes * 1.6)))
    }

    /// Host memory while loading: the 16-bit checkpoint is read shard by shard, two of them at a time.
    package var hostMemory: ByteCount {
        let whole = run.architecture.parameters * 2
        return ByteCount(wholeBytes(min(whole, 10e9) + 3e9))
    }

    /// The downloaded model, the merged one, and checkpoints of what is trained with its states.
    package var disk: ByteCount {
        let trained = run.method == .full ? run.architecture.parameters : run.adapterParameters
        return ByteCount(wholeBytes(run.architecture.parameters * 4 + trained * 12 * 3))
    }

    package var json: JSONValue {
        let estimate = result.estimate
        func hours(_ range: DeviceTime.Range) -> JSONValue {
            ["low": JSONValue(range.low), "typical": JSONValue(range.typical), "high": JSONValue(range.high)]
        }
        return [
            "verdict": .string(result.verdict.rawValue), "phase": .string(estimate.phase.rawValue),
            "p50_bytes": JSONValue(estimate.p50.bytes), "p95_bytes": JSONValue(estimate.p95.bytes),
            "usable_bytes": JSONValue(result.usable) { JSONValue($0.bytes) },
            "band_bytes": JSONValue(band) { ["low": JSONValue($0.low.bytes), "high": JSONValue($0.high.bytes)] },
            "allocated_bytes": JSONValue(estimate.allocated.bytes),
            "parts": .object(JSONObject(estimate.largestFirst.map { ($0.part.rawValue, JSONValue($0.bytes.bytes)) })),
            "phases": .object(JSONObject(estimate.phases.map { ($0.phase.rawValue, JSONValue($0.bytes.bytes)) })),
            "levers": .array(
                levers.map {
                    [
                        "change": .string($0.change), "saves_bytes": JSONValue($0.saves.bytes),
                        "is_enough": .bool($0.isEnough),
                        "costs": .string($0.price.rawValue),
                    ]
                }),
            "hours": JSONValue(time) { hours($0.hours) },
            "cost": JSONValue(time?.cost) { ["low_usd": JSONValue($0.low), "high_usd": JSONValue($0.high)] },
            "tokens": JSONValue(time) { JSONValue($0.tokens) }, "host_memory_bytes": JSONValue(hostMemory.bytes),
            "disk_bytes": JSONValue(disk.bytes), "profile": .string(run.profile.id), "device": .string(device.id),
            "source_of_each": .object(JSONObject(proof.map { ($0.name, JSONValue.string($0.source)) })),
        ]
    }
}
