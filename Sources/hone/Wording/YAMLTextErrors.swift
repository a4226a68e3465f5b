import YAMLText

extension YAMLError: Explained {
    var explanation: Explanation {
        switch self {
        case .syntax(let problem, let place):
            Explanation("\(place): this is not YAML: \(problem)", hint: "check indentation, quotes and colons near that line", exitCode: .wrongUsage)
        case .empty(let place):
            Explanation("\(place.file) is empty", hint: "write at least one `key: value` line", exitCode: .wrongUsage)
        case .duplicateKey(let key, let place):
            Explanation("\(place): `\(key)` is written twice", hint: "keep one of the two lines", exitCode: .wrongUsage)
        case .unknownKey(let key, let known, let place):
            Explanation(
                "\(place): unknown key `\(key)`", causes: ["known here: " + known.joined(separator: ", ")],
                hint: didYouMean(key, among: known).map { "did you mean `\($0)`?" } ?? "remove the line, or pick a key from the list",
                exitCode: .wrongUsage)
        case .missingKey(let key, let place):
            Explanation("\(place): `\(key)` is missing", hint: "add a line `\(key): …`", exitCode: .wrongUsage)
        case .wrongType(let expected, let found, let text, let place):
            Explanation(
                "\(place): expected \(expected.words), found \(text.isEmpty ? found.words : "`\(text)`, \(found.words)")",
                hint: expected.advice(found: found, text: text), exitCode: .wrongUsage)
        case .notOneOf(let value, let allowed, let place):
            Explanation(
                "\(place): `\(value)` is not one of the values allowed here",
                causes: ["allowed: " + allowed.joined(separator: ", ")],
                hint: didYouMean(value, among: allowed).map { "did you mean `\($0)`?" } ?? "pick one of the allowed values",
                exitCode: .wrongUsage)
        case .anchor(let place):
            Explanation(
                "\(place): anchors and aliases (`&name`, `*name`) are not read", hint: "write the value out in full",
                exitCode: .wrongUsage)
        }
    }
}

extension YAMLKind {
    fileprivate var words: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .wholeNumber: "a whole number"
        case .yesOrNo: "yes or no"
        case .list: "a list"
        case .map: "a group of keys"
        case .nothing: "nothing"
        }
    }

    fileprivate func advice(found: YAMLKind, text: String) -> String {
        switch (self, found) {
        case (.number, .text), (.wholeNumber, .text): "write the number without quotes and without a unit"
        case (.text, .number), (.text, .wholeNumber), (.text, .yesOrNo): "put quotes around it: \"\(text)\""
        case (.yesOrNo, _): "write yes or no"
        case (.wholeNumber, .number): "write it without a fraction"
        case (.list, _): "write it in brackets: [one, two]"
        case (.map, _): "write keys below it, each indented by two spaces"
        case (.text, _), (.number, _), (.wholeNumber, _), (.nothing, _): "write \(words) behind the key"
        }
    }
}
