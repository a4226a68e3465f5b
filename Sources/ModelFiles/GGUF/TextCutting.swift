internal import JSONText

/// How a `tokenizer.json` cuts text before merging, and the name GGUF files have for it.
///
/// GGUF holds a name only; the expressions behind the names are llama.cpp's (`llama-vocab.cpp`).
struct TextCutting {
    private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let word = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
    private static let tail = #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let llama3 = contractions + "|" + word + #"|\p{N}{1,3}|"# + tail
    private static let qwen2 = contractions + "|" + word + #"|\p{N}|"# + tail
    private static let tekken: String = {
        let mark = #"[^\r\n\p{L}\p{N}]?"#
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        return
            #"\#(mark)\#(upper)*\#(lower)+|\#(mark)\#(upper)+\#(lower)*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }()

    /// One way of cutting that has a name.
    private struct Named {
        let name: String
        let expression: String
        var cutsDigits = false
        /// Pieces that are tokens stay whole whatever the merges say.
        var ignoresMerges = false
        var normalizer: String?
    }

    /// Where two names share a way, the earlier is written.
    private static let named = [
        Named(name: "gpt-2", expression: gpt2),
        Named(name: "smollm", expression: gpt2, cutsDigits: true),
        Named(name: "llama-bpe", expression: llama3, ignoresMerges: true),
        Named(name: "dbrx", expression: llama3),
        Named(name: "qwen2", expression: qwen2, normalizer: "NFC"),
        Named(name: "tekken", expression: tekken, ignoresMerges: true),
        Named(name: "starcoder", expression: gpt2, cutsDigits: true),
        Named(name: "deepseek-r1-qwen", expression: qwen2, normalizer: "NFC"),
        Named(name: "olmo", expression: gpt2, normalizer: "NFC"),
        Named(name: "llama3", expression: llama3, ignoresMerges: true),
    ]

    static var names: [String] { named.map(\.name) }

    let isByteLevel: Bool
    /// SentencePiece only: a text gets a space in front.
    let addsSpace: Bool
    /// That space only where the whole text begins, and not again behind every special token.
    let addsSpaceOnlyAtStart: Bool
    /// Nil where GGUF has no name for it.
    let name: String?
    /// The component of the file, for a message.
    let words: String

    init(_ json: JSONValue) {
        let component = json["pre_tokenizer"] ?? nil
        let steps = component["pretokenizers"]?.arrayValue ?? (component.isNull ? [] : [component])
        words = component.text()
        isByteLevel = steps.last?["type"]?.stringValue == "ByteLevel"
        let isSentencePiece = json["model"]?["byte_fallback"]?.boolValue ?? false
        guard isByteLevel else {
            addsSpace = Self.prepends(json["normalizer"]) || Self.prepends(steps.first)
            addsSpaceOnlyAtStart =
                !Self.prepends(json["normalizer"]) && steps.first?["prepend_scheme"]?.stringValue == "first"
            name = isSentencePiece ? "default" : nil
            return
        }
        (addsSpace, addsSpaceOnlyAtStart) = (false, false)
        var cutsDigits = false, expressions: [String] = [], isKnown = true
        for step in steps {
            switch step["type"]?.stringValue {
            case "Digits": cutsDigits = step["individual_digits"]?.boolValue ?? false
            case "Split":
                if let expression = step["pattern"]?["Regex"]?.stringValue {
                    expressions.append(expression)
                } else {
                    isKnown = false
                }
            case "ByteLevel":
                if step["use_regex"]?.boolValue ?? true { expressions.append(Self.gpt2) }
                if step["add_prefix_space"]?.boolValue ?? false { isKnown = false }
            default: isKnown = false
            }
        }
        let ignoresMerges = json["model"]?["ignore_merges"]?.boolValue ?? false
        let candidates = Self.named.filter {
            isKnown && expressions == [$0.expression] && $0.cutsDigits == cutsDigits
        }
        // Readers take the merges of some names as they are and pieces of others whole.
        name = (candidates.first { $0.ignoresMerges == ignoresMerges })?.name
    }

    private static func prepends(_ component: JSONValue?) -> Bool {
        guard let component else { return false }
        if let parts = component["normalizers"]?.arrayValue { return parts.contains { prepends($0) } }
        switch component["type"]?.stringValue {
        case "Prepend": return true
        case "Metaspace":
            if let scheme = component["prepend_scheme"]?.stringValue { return scheme != "never" }
            return component["add_prefix_space"]?.boolValue ?? true
        default: return false
        }
    }

    /// The components of a `tokenizer.json` for a byte-level name; nil for an unknown one.
    static func components(named name: String) -> (normalizer: JSONValue, preTokenizer: JSONValue, ignoresMerges: Bool)?
    {
        guard let named = named.first(where: { $0.name == name }) else { return nil }
        func byteLevel(usesExpression: Bool) -> JSONValue {
            [
                "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                "use_regex": JSONValue(usesExpression),
            ]
        }
        var steps: [JSONValue] = named.cutsDigits ? [["type": "Digits", "individual_digits": true]] : []
        if named.expression != gpt2 {
            steps.append([
                "type": "Split", "pattern": ["Regex": JSONValue(named.expression)], "behavior": "Isolated",
                "invert": false,
            ])
        }
        steps.append(byteLevel(usesExpression: named.expression == gpt2))
        return (
            named.normalizer.map { ["type": JSONValue($0)] } ?? nil,
            ["type": "Sequence", "pretokenizers": .array(steps)], named.ignoresMerges
        )
    }
}
