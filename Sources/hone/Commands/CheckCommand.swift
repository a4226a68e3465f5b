import Advisor
import ArgumentParser
import Feasibility
import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import RuleEngine
import Workflows
import YAMLText

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a training run fits, how long it takes, and what would make it fit.",
        discussion: """
            With a plan: on this machine, with the bundled trainer. With --model: on an accelerator, with another \
            framework. Alone it shows what this machine has. Exit code 4 means it does not fit.
            """)

    @Argument(help: "The plan file.")
    var plan: String?

    @OptionGroup(title: "A run on an accelerator") var device: DeviceOptions

    @Option(help: ArgumentHelp("Predict published measurements instead, and show the errors.", valueName: "csv"))
    var measurements: String?

    @Flag(help: "Measure this machine's speed, under 30 s, and keep it for estimates of time.")
    var calibrate = false

    @Flag(help: "Show models, methods and devices in one table.")
    var matrix = false

    @Option(
        help: ArgumentHelp(
            "Show how memory grows: max_length=512:8192, micro_batch=1:16 or rank=8:256.", valueName: "span"))
    var sweep: String?

    @Option(
        help: ArgumentHelp("Write the picture of --matrix or --sweep, and its dark twin beside it.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print --matrix as Markdown.")
    var markdown = false

    @Flag(help: "Print --matrix as CSV.")
    var csv = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        let asked = [plan != nil, device.model != nil, measurements != nil].count { $0 }
        guard asked <= 1 else {
            throw ValidationError("a plan, --model and --measurements are different questions: ask one")
        }
    }

    func run() throws {
        if calibrate { return try measureMachine() }
        if let measurements { return try MeasurementsCheck(path: measurements, book: rules.load()).run(json: json) }
        if matrix {
            return try MatrixCheck(options: device, book: rules.load()).matrix(markdown: markdown, csv: csv, svg: svg)
        }
        if let sweep { return try MatrixCheck(options: device, book: rules.load()).sweep(sweep, svg: svg) }
        if device.model != nil { return try checkDevice() }
        guard let plan else {
            let machine = MachineProfile.probe()
            Terminal.data(json ? machine.json.text(.pretty) : machine.table)
            return
        }
        try check(plan)
    }

    private func check(_ plan: String) throws {
        let read = try RunPlan(yaml: try FileStore().readText(plan), file: plan)
        let run = try PreparedRun(read, in: rules.installation())
        if read.engine == .trl { return try checkForTRL(read, run, plan) }
        let machine = MachineProfile.probe(folder: read.output)
        let calibration = CalibrationFile(environment: ProcessInfo.processInfo.environment)?.load(
            processor: machine.processor)
        let check = PlanCheck(
            plan: read, model: run.facts, load: run.load, machine: machine, calibration: calibration)
        Terminal.data(json ? check.json.text(.pretty) : check.table)
        let approval = Result { () throws(Refusal) in
            _ = try approve(read, model: run.facts, load: run.load, on: machine)
        }
        switch approval {
        case .success:
            if !json { Terminal.say("next: hone train \(shellWord(plan))") }
        case .failure(let refusal):
            // The table has said it; the error adds the one thing to do.
            throw refusal
        }
    }

    /// What TRL needs of the accelerator the plan names; what PyTorch takes on processors nobody here has measured.
    private func checkForTRL(_ plan: RunPlan, _ run: PreparedRun, _ file: String) throws {
        let book = try rules.load()
        let tables = try MemoryTables(book)
        guard plan.launch.gpusPerNode > 0, let device = tables.device(plan.launch.device) else {
            Terminal.say("not measured: what engine `trl` needs without an accelerator of rules/tables/devices.yaml")
            return Terminal.say("next: hone train \(shellWord(file))")
        }
        let check = try DeviceCheck(
            DeviceQuestion(plan), architecture: Architecture(run.model.shape, name: plan.model.name), on: device,
            usable: nil, tokens: Double(run.load.tokens), tables, book)
        Terminal.data(json ? check.json.text(.pretty) : check.table)
        if check.result.verdict == .doesNotFit { throw Outcome(exitCode: .doesNotFit) }
        if !json { Terminal.say("next: hone train \(shellWord(file))") }
    }

    private func measureMachine() throws {
        let machine = MachineProfile.probe()
        guard let file = CalibrationFile(environment: ProcessInfo.processInfo.environment) else {
            throw NoCacheFolder()
        }
        Terminal.say("timing the trainer on small models with 1 and \(machine.cores) threads: about 20 s")
        let calibration = try Calibration.measure(on: machine)
        try file.save(calibration)
        if json { return Terminal.data(calibration.json.text(.pretty)) }
        for (threads, rate) in calibration.matrixRates.sorted(by: { $0.key < $1.key }) {
            Terminal.data("Matrix products, \(threads) threads: \(fixed(rate / 1e9, 1)) GFLOP/s   (measured)")
        }
        Terminal.data("Memory, one thread: \(fixed(calibration.memoryRate / 1e9, 1)) GB/s   (measured)")
        Terminal.say("kept in \(file.path)")
    }

    private func checkDevice() throws {
        let book = try rules.load()
        let tables = try MemoryTables(book)
        let chosen: (device: Device, free: ByteCount?)
        do { chosen = try chosenDevice(tables) } catch is NoAccelerator { return try checkBundled(tables) }
        let check = try DeviceCheck(
            try device.question(), architecture: try device.localArchitecture(), on: chosen.device, usable: chosen.free,
            tokens: Double(device.tokens), tables, book)
        if json {
            Terminal.data(check.json.text(.pretty))
        } else {
            Terminal.data(check.table + (device.explain ? "\n\n" + check.explanationTable : ""))
        }
        if check.result.verdict == .doesNotFit { throw Outcome(exitCode: .doesNotFit) }
    }

    /// Without an accelerator this machine trains with the bundled trainer.
    private func checkBundled(_ tables: MemoryTables) throws {
        let question = try device.question()
        let run = try question.run(tables, architecture: try device.localArchitecture())
        let check = try BundledCheck(architecture: run.architecture, question: question, tokens: device.tokens).check()
        Terminal.data(json ? check.json.text(.pretty) : check.table)
        if check.verdict == .doesNotFit { throw Outcome(exitCode: .doesNotFit) }
    }

    /// The device of the table; for this machine the accelerator that is present, with the memory that is free on it.
    private func chosenDevice(_ tables: MemoryTables) throws -> (device: Device, free: ByteCount?) {
        guard device.device == "this_machine" else {
            if let known = tables.device(device.device) { return (known, nil) }
            let ids = tables.devices.map(\.id)
            throw DeviceQuestionError.unknownDevice(
                device.device, suggestion: didYouMean(device.device, among: ids), known: ids)
        }
        guard let present = presentDevices().first else { throw NoAccelerator() }
        return (present.device(tables), present.free)
    }

    private func presentDevices() -> [PresentDevice] {
        let file = DeviceProbeFile(environment: ProcessInfo.processInfo.environment)
        let now = Date().timeIntervalSince1970
        if !device.probe, let kept = file?.load(now: now) {
            Terminal.say("the accelerator as its driver described it \(duration(kept.age)) ago; --probe asks again")
            return kept.devices
        }
        let devices = PresentDevice.probe()
        file?.save(devices, now: now)
        return devices
    }
}

/// `nvidia-smi` is missing or lists no device.
private struct NoAccelerator: Error {}

/// `--calibrate` where neither HOME nor XDG_CACHE_HOME says where to keep the result.
struct NoCacheFolder: Explained {
    var explanation: Explanation {
        Explanation("there is no folder for caches", hint: "set XDG_CACHE_HOME to a folder", exitCode: .wrongUsage)
    }
}
