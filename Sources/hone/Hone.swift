import ArgumentParser

@main
struct Hone: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone",
        abstract: "Should this language model be fine-tuned? Decide, train, measure, report.",
        version: "0.1.0")
}
