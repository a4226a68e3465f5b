import YAMLText

extension RunPlan {
    /// The plan with one key changed by a person, read as strictly as a file.
    ///
    /// A key that cannot stand beside the new one is dropped: `max_steps` takes the place of `epochs`, `method.kind: full`
    /// that of every adapter key.
    package func setting(_ key: String, to text: String) throws(PlanError) -> RunPlan {
        guard let known = PlanKey.named(key) else {
            throw .malformed(
                .unknownKey(key, known: PlanKey.names, YAMLPlace(file: "--set \(key)=\(text)", line: 1, column: 1)))
        }
        let before = value(of: key) ?? .nothing
        var gone = Set(PlanKey.rivals[key] ?? [])
        if key == "training.packing" { gone = ["training.micro_batch", "training.tokens_per_micro_batch"] }
        // Without them there is no strategy left to choose.
        if ["compat", "training.packing", "training.micro_batch"].contains(key) {
            gone.insert("training.packing_strategy")
        }
        if key == "method.kind" {
            gone.insert("method.quantization.type")
            gone.insert("method.quantization.double_quant")
            if text == "full" { gone.formUnion(RunPlan.adapterKeys) }
        }
        var lines: [(key: String, value: String)] = []
        for field in fields where field.value != .nothing && field.key != key && !gone.contains(field.key) {
            lines.append((field.key, field.value.yamlText))
        }
        // Nothing behind the key removes it; then the default counts.
        if !text.isEmpty { lines.append((key, RunPlan.spelling(of: text, as: known.kind))) }
        var changed = try PlanDocument(yaml: RunPlan.flow(lines), file: "--set \(key)=\(text)").plan
        changed.origins = origins.filter { changed.value(of: $0.key) == value(of: $0.key) }
        if changed.value(of: key) != before {
            var was = before.plainText
            if case .rule(let id, _)? = origins[key] { was += " by \(id)" }
            if case .you(let earlier)? = origins[key] { was = earlier ?? was }
            changed.origins[key] = .you(was: was.isEmpty ? nil : was)
        }
        return changed
    }

    /// What a person typed as YAML: text is quoted where it must be, so that it cannot end the value it stands for.
    private static func spelling(of text: String, as kind: PlanKey.Kind) -> String {
        switch kind {
        case .text, .choice: return YAMLScalar.spelling(of: text)
        case .list:
            let items = text.drop { $0 == "[" }.split(separator: ",").map { item in
                String(item.drop { $0 == " " }.prefix { $0 != "]" })
            }
            return "[" + items.map(YAMLScalar.spelling).joined(separator: ", ") + "]"
        case .whole, .number, .flag:
            let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
            return isPlain ? text : YAMLScalar.spelling(of: text)
        }
    }

    /// All keys as one line of nested maps, so that a complaint about a value says `--set …:1`.
    private static func flow(_ lines: [(key: String, value: String)]) -> String {
        typealias Entry = (path: ArraySlice<Substring>, value: String)
        func nested(_ entries: [Entry]) -> String {
            var parts: [String] = [], done: Set<Substring> = []
            for entry in entries {
                guard let name = entry.path.first, done.insert(name).inserted else { continue }
                if entry.path.count == 1 {
                    parts.append("\(name): \(entry.value)")
                } else {
                    let inner = entries.filter { $0.path.first == name }.map { entry -> Entry in
                        (entry.path.dropFirst(), entry.value)
                    }
                    parts.append("\(name): " + nested(inner))
                }
            }
            return "{" + parts.joined(separator: ", ") + "}"
        }
        return nested(lines.map { ($0.key.split(separator: ".")[...], $0.value) })
    }
}
