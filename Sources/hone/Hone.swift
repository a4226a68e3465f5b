import ArgumentParser

@main
struct Hone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone",
        abstract: "Should this language model be fine-tuned? Decide, train, measure, report.",
        version: "0.1.0",
        subcommands: [
            RunCommand.self,
            InitCommand.self,
            AuditCommand.self,
            AdviseCommand.self,
            PlanCommand.self,
            CheckCommand.self,
            BenchCommand.self,
            RehearseCommand.self,
            TrainCommand.self,
            EngineCommand.self,
            EncodeCommand.self,
            EvalCommand.self,
            GenerateCommand.self,
            MergeCommand.self,
            AskCommand.self,
            ExportCommand.self,
            VerifyExportCommand.self,
            ReviewCommand.self,
            PilotCommand.self,
            GatesCommand.self,
            ReportCommand.self,
            SignCommand.self,
            RunsCommand.self,
            RulesCommand.self,
        ])

    /// Every error leaves through here, worded once and with the exit code of its kind.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }
}
