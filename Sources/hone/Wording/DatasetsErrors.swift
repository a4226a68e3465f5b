import Datasets
import Glibc
import JSONText

extension DatasetError: Explained {
    var explanation: Explanation {
        switch self {
        case .unreadable(let path, let code):
            Explanation(
                "\(path) cannot be read: \(String(cString: strerror(code)))",
                hint: code == ENOENT ? "check the path" : nil)
        case .noRoomToSpool(let folder, let code):
            Explanation(
                "\(folder) cannot take the input: \(String(cString: strerror(code)))",
                hint: "set TMPDIR to a folder with room")
        case .empty(let paths):
            Explanation(
                "\(paths.joined(separator: ", ")) holds no rows",
                hint: "write one JSON object per line, such as {\"prompt\": …, \"completion\": …}",
                exitCode: .wrongUsage)
        case .noDataFiles(let folder, let looked):
            Explanation(
                "\(folder) holds no data file", causes: ["looked for " + looked.joined(separator: ", ")],
                hint: "name the file itself", exitCode: .wrongUsage)
        case .unsupportedFormat(let path, let format):
            Explanation(
                "\(path) is \(format.words), which hone does not read", hint: format.conversion(path),
                exitCode: .wrongUsage)
        case .unknownFormat(let path, let beginning):
            Explanation(
                "\(path) is in no format hone knows", causes: ["it begins: \(beginning)"],
                hint: "use JSONL, a JSON array, or CSV with a header and the ending .csv", exitCode: .wrongUsage)
        case .noUsableRows(let read, let reasons):
            Explanation(
                "none of the \(read) rows can be used",
                causes: reasons.prefix(5).map {
                    "\($0.count) × \($0.problem.words), first at \($0.firstPath):\($0.firstPlace.line) (byte \($0.firstPlace.byteOffset))"
                },
                hint: reasons.first?.problem.advice, exitCode: .wrongUsage)
        case .noDecompressor(let path, let program):
            Explanation(
                "\(path) is packed with \(program), which is not installed", hint: "sudo apt-get install \(program)",
                exitCode: .wrongUsage)
        case .decompressionFailed(let path, let program, let status):
            Explanation(
                "\(program) cannot unpack \(path) (exit code \(status))",
                hint: "the file may be cut off: `\(program) -t \(path)` checks it", exitCode: .wrongUsage)
        case .badHeader(let path, let columns):
            Explanation(
                "the header of \(path) is not usable", causes: ["columns: " + columns.joined(separator: ", ")],
                hint: "name the columns prompt and completion, or text and label", exitCode: .wrongUsage)
        }
    }
}

extension DatasetError.Unsupported {
    fileprivate var words: String {
        switch self {
        case .parquet: "a Parquet file"
        case .arrow: "an Arrow file"
        case .utf16: "UTF-16 text"
        case .utf32: "UTF-32 text"
        case .excel: "a spreadsheet or zip archive"
        case .pickle: "a Python pickle"
        }
    }

    fileprivate func conversion(_ path: String) -> String {
        switch self {
        case .parquet:
            "python -c \"import pandas; pandas.read_parquet('\(path)').to_json('data.jsonl', orient='records', lines=True)\""
        case .arrow:
            "python -c \"import pandas; pandas.read_feather('\(path)').to_json('data.jsonl', orient='records', lines=True)\""
        case .utf16: "iconv -f UTF-16 -t UTF-8 \(path) > data.jsonl"
        case .utf32: "iconv -f UTF-32 -t UTF-8 \(path) > data.jsonl"
        case .excel: "save it as CSV, or unpack it"
        case .pickle: "write the rows with json.dumps, one per line"
        }
    }
}

extension RowProblem {
    /// What is wrong with such a row.
    var words: String {
        switch self {
        case .notJSON(let error): "not JSON (line \(error.line), column \(error.column): \(error.reason.words))"
        case .notAnObject(let kind): "not an object but \(kind.rawValue)"
        case .unknownShape(let keys):
            keys.isEmpty
                ? "an object without fields"
                : "no known combination of fields (\(keys.prefix(8).joined(separator: ", ")))"
        case .preferencePair: "a preference pair (chosen, rejected)"
        case .missing(let field): "`\(field)` is missing"
        case .wrongKind(let field, let found, let wanted): "`\(field)` is \(found.rawValue), expected \(wanted)"
        case .noMessages: "no messages"
        case .unknownRole(let role, let message): "unknown role `\(role)` in message \(message + 1)"
        case .unsupportedPart(let type, let message): "content of type `\(type)` in message \(message + 1)"
        case .noAnswer: "no answer to learn"
        case .emptyAnswer: "an empty answer"
        case .fieldCount(let found, let wanted): "\(found) cells where the header has \(wanted)"
        }
    }

    var advice: String? {
        switch self {
        case .notJSON(let error): error.reason.advice ?? "write one JSON object per line"
        case .notAnObject, .unknownShape, .missing:
            "hone reads messages, conversations, instruction/output, prompt/completion, text/label and text"
        case .preferencePair:
            "write the chosen answer as completion: supervised fine-tuning learns from good answers only"
        case .wrongKind: "write the field in the expected form"
        case .noMessages, .noAnswer, .emptyAnswer: "give every row the answer the model is to learn"
        case .unknownRole: "roles are system, user, assistant and tool"
        case .unsupportedPart: "hone trains on text only"
        case .fieldCount: "quote cells that hold the delimiter, a quote or a line break"
        }
    }
}

extension EncodingError: Explained {
    var explanation: Explanation {
        switch self {
        case .nothingToTrain(let rows, let dropped):
            Explanation(
                "none of the \(rows) training rows keeps a token to learn", causes: Self.causes(dropped),
                hint: "raise training.max_length, or check that the chat template marks the answers", exitCode: .failed)
        }
    }

    private static func causes(_ dropped: [DroppedEncoding]) -> [String] {
        var counts: [String: Int] = [:]
        for row in dropped { counts[row.reason.words, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map { "\($0.value) × \($0.key)" }
    }
}

extension DroppedEncoding.Reason {
    var words: String {
        switch self {
        case .noTarget: "nothing in the row is trained"
        case .targetBeyondMaxLength: "the request alone fills the maximum length"
        case .template(let reason): "the chat template refused it: \(reason)"
        }
    }
}

extension AuditRulesError: Explained {
    var explanation: Explanation {
        switch self {
        case .missingTable(let table):
            Explanation(
                "the rule book has no table `\(table)`", hint: "it belongs into rules/tables/", exitCode: .wrongUsage)
        case .missingRow(let table, let row):
            Explanation(
                "the table `\(table)` has no row `\(row)`", hint: "add it, or take the shipped table",
                exitCode: .wrongUsage)
        case .unknownProfile(let name, let known):
            Explanation(
                "there is no audit profile `\(name)`", hint: "known profiles: " + known.joined(separator: ", "),
                exitCode: .wrongUsage)
        case .badCell(let row, let column, let value, let allowed):
            Explanation(
                "\(row): `\(value)` is no \(column)", hint: "allowed: " + allowed.joined(separator: ", "),
                exitCode: .wrongUsage)
        }
    }
}
