import ArgumentParser
import Feasibility
import FileStore
import JSONText
import Plan
import Workflows

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a plan fits this machine, how long it takes, and what would make it fit.",
        discussion: "Without a plan it shows what this machine has. Exit code 4 means the plan does not fit.")

    @Argument(help: "The plan file.")
    var plan: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func run() throws {
        guard let plan else {
            let machine = MachineProfile.probe()
            Terminal.data(json ? machine.json.text(.pretty) : machine.table)
            return
        }
        let read = try RunPlan(yaml: try FileStore().readText(plan), file: plan)
        let run = try PreparedRun(read, in: rules.installation())
        let machine = MachineProfile.probe(folder: read.output)
        let check = PlanCheck(plan: read, model: run.facts, load: run.load, machine: machine)
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
}
