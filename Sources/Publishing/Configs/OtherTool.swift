/// A tool that trains from a file of its own.
package enum OtherTool: String, Sendable, Hashable, CaseIterable {
    case axolotl
    case llamaFactory = "llama-factory"
    case unsloth, accelerate, deepspeed

    /// What is written for it, by file name and template.
    var files: [(name: String, template: String)] {
        switch self {
        case .axolotl: [("axolotl.yaml", "config.axolotl")]
        case .llamaFactory: [("llama-factory.yaml", "config.llama-factory")]
        case .unsloth: [("unsloth.yaml", "config.unsloth")]
        case .accelerate: [("accelerate.yaml", "config.accelerate")]
        case .deepspeed: [("deepspeed.json", "config.deepspeed"), ("deepspeed.md", "config.deepspeed.md")]
        }
    }

    /// It reads the rows itself, where the others start somebody else's script.
    package var readsRows: Bool { self != .accelerate && self != .deepspeed }
}
