package import Plan
package import RuleEngine

/// Models x methods x devices, every cell one check, beside the table that the first source prints.
package struct DeviceMatrix: Sendable {
    package struct Row: Sendable {
        package let model: String
        package let billions: Double
        package let method: String
        /// One per device; nil where the question makes no sense there.
        package let cells: [Cell?]
        /// GiB that the table by model size gives, where it gives something.
        package let tableGibibytes: Double?
        /// GiB of the weights alone, as far as they go.
        package let weightGibibytes: Double
    }

    package struct Cell: Sendable {
        package let verdict: PlanCheck.Verdict
        package let p50: ByteCount
        package let p95: ByteCount
    }

    package let devices: [Device]
    package let rows: [Row]
    package let question: DeviceQuestion

    /// `base` fixes everything but model, method and device.
    package init(
        _ base: DeviceQuestion, models: [String], methods: [String], devices: [Device], _ tables: MemoryTables,
        _ book: RuleBook
    ) throws(DeviceQuestionError) {
        let sizes = book.table("hardware_by_model_size")?.rows ?? []
        var rows: [Row] = []
        for model in models {
            for method in methods {
                var question = base
                question.model = model
                question.method = method
                question.format = nil
                if method == "full" { question.rank = nil }
                let run = try question.run(tables)
                let cells: [Cell?] = devices.map { device in
                    let verdict = DeviceVerdict(run, usable: ByteCount(gibibytes: device.usableGibibytes))
                    return Cell(verdict: verdict.verdict, p50: verdict.estimate.p50, p95: verdict.estimate.p95)
                }
                let billions = run.architecture.parameters / 1e9
                let column = method == "full" ? "full_gib" : method == "qlora" ? "qlora_gib" : ""
                let near = sizes.min { a, b in
                    abs((a.number("parameters_billion") ?? 0) - billions)
                        < abs((b.number("parameters_billion") ?? 0) - billions)
                }
                let isNear =
                    near.flatMap { $0.number("parameters_billion") }.map { abs($0 / billions - 1) < 0.25 } ?? false
                rows.append(
                    Row(
                        model: run.architecture.name, billions: billions, method: method, cells: cells,
                        tableGibibytes: isNear ? near?.number(column) : nil,
                        weightGibibytes: billions * 1e9 * run.format.bytes / 1_073_741_824))
            }
        }
        self.devices = devices
        self.rows = rows
        question = base
    }

    /// Whom the table of sizes is about: one model per size class of `hardware_by_model_size`, and a small one.
    package static let models = [
        "Qwen/Qwen2.5-0.5B-Instruct", "meta-llama/Llama-3.2-1B-Instruct", "meta-llama/Llama-3.2-3B-Instruct",
        "Qwen/Qwen2.5-7B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", "Qwen/Qwen3-14B", "Qwen/Qwen2.5-32B-Instruct",
        "meta-llama/Llama-3.3-70B-Instruct",
    ]
    package static let deviceIDs = ["t4", "rtx-4090", "rtx-5090", "l40s", "a100-80gb-sxm", "h200-sxm"]
}

/// How memory grows with one number of the run.
package struct DeviceSweep: Sendable {
    package enum Axis: String, Sendable, CaseIterable {
        case maxLength = "max_length"
        case microBatch = "micro_batch"
        case rank
    }

    package struct Point: Sendable {
        package let value: Int
        package let allocated: ByteCount
        package let p50: ByteCount
        package let p95: ByteCount
    }

    package let axis: Axis
    package let points: [Point]
    package let question: DeviceQuestion

    package init(
        _ question: DeviceQuestion, architecture: Architecture?, axis: Axis, from low: Int, to high: Int,
        _ tables: MemoryTables
    ) throws(DeviceQuestionError) {
        guard low >= 1, high > low else {
            throw .outOfRange(option: "--sweep", value: high, lowest: low + 1, highest: 1 << 24)
        }
        var points: [Point] = []
        let count = min(16, high - low)
        for step in 0...count {
            var changed = question
            let value = low + (high - low) * step / count
            switch axis {
            case .maxLength: changed.maxLength = value
            case .microBatch: changed.microBatch = value
            case .rank: changed.rank = value
            }
            let estimate = DeviceEstimate(try changed.run(tables, architecture: architecture))
            points.append(Point(value: value, allocated: estimate.allocated, p50: estimate.p50, p95: estimate.p95))
        }
        self.axis = axis
        self.points = points
        self.question = question
    }
}
