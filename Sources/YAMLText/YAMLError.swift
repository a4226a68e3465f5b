import Yams

/// A file, a line and a column, counted from 1.
package struct YAMLPlace: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}

/// What a value looks like to its reader.
package enum YAMLKind: String, Sendable, Hashable {
    case text, number, wholeNumber, yesOrNo, list, map, nothing
}

/// What is wrong with a YAML file, and where.
package enum YAMLError: Error, Sendable, Hashable {
    case syntax(problem: String, YAMLPlace)
    case empty(YAMLPlace)
    case duplicateKey(String, YAMLPlace)
    case unknownKey(String, known: [String], YAMLPlace)
    case missingKey(String, YAMLPlace)
    case wrongType(expected: YAMLKind, found: YAMLKind, text: String, YAMLPlace)
    case notOneOf(value: String, allowed: [String], YAMLPlace)
    case anchor(YAMLPlace)

    package var place: YAMLPlace {
        switch self {
        case .syntax(_, let place), .empty(let place), .duplicateKey(_, let place), .unknownKey(_, _, let place),
            .missingKey(_, let place), .wrongType(_, _, _, let place), .notOneOf(_, _, let place), .anchor(let place):
            place
        }
    }

    init(_ error: YamlError, file: String) {
        func place(_ mark: Mark) -> YAMLPlace { YAMLPlace(file: file, line: mark.line, column: mark.column) }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .syntax(problem: problem, place(mark))
        case .duplicatedKeysInMapping(let duplicates, let context):
            self = .duplicateKey(duplicates.first ?? "", place(context.mark))
        case .reader(let problem, _, _, _):
            self = .syntax(problem: problem, YAMLPlace(file: file, line: 1, column: 1))
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self = .syntax(problem: "the file cannot be read as YAML", YAMLPlace(file: file, line: 1, column: 1))
        }
    }
}
