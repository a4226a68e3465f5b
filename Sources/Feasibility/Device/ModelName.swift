/// A model's name without what does not change its tensors: owner, tuning, quantisation of the upload.
struct ModelName: Hashable {
    let stem: String

    init(_ name: String) {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        let word = last.split(separator: " ").first.map(String.init) ?? last
        var parts = word.lowercased().replacing("_", with: "-").replacing("1-8b", with: "1.8b")
            .split(separator: "-").map(String.init)
        parts.removeAll { ModelName.ignored.contains($0) || ModelName.isVersion($0) }
        stem = parts.joined(separator: "-")
    }

    private static let ignored: Set<String> = [
        "instruct", "chat", "hf", "it", "base", "bnb", "4bit", "8bit", "unsloth", "inst", "meta", "gptq", "awq", "pt",
        "sft",
        "fp16", "bf16", "gguf", "2407", "2410", "2503", "2506", "2507", "2501",
    ]

    /// `v0.3`, `v1.0`: releases of one architecture.
    private static func isVersion(_ part: String) -> Bool {
        part.first == "v" && part.dropFirst().contains(".") && part.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
    }
}
