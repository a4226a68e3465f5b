package import Datasets
package import JSONText

/// Answers another system gave to the held-out rows: `{"line": 7, "output": "…"}` or `{"prompt": "…", "output": "…"}` per line.
///
/// Where the rows come from several files, their lines repeat: then `line` and `prompt` together say which row is meant.
package struct OutputsFile: Sendable {
    package struct Answer: Sendable, Hashable {
        package let output: String
        package let promptTokens: Int?
        package let outputTokens: Int?
        package let seconds: Double?
    }

    /// The model the file says gave the answers.
    package let model: String?
    private struct Row: Hashable {
        let line: Int
        let prompt: String
    }

    /// By the line of the data file, by the request, or by both; whichever the file names.
    private let byLine: [Int: Answer]
    private let byPrompt: [String: Answer]
    private let byRow: [Row: Answer]
    package let count: Int

    package init(text: String, path: String) throws(OutputsFileError) {
        var byLine: [Int: Answer] = [:], byPrompt: [String: Answer] = [:], byRow: [Row: Answer] = [:]
        var model: String?, count = 0
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy(\.isWhitespace) { continue }
            let place = OutputsFileError.Place(path: path, line: index + 1)
            let row: JSONValue
            do { row = try JSONValue.parse(String(line)) } catch { throw .notJSON(error, place) }
            guard let output = row["output"]?.stringValue else { throw .noOutput(keys: row.objectValue?.keys ?? [], place) }
            let answer = Answer(
                output: output, promptTokens: row["prompt_tokens"]?.intValue, outputTokens: row["output_tokens"]?.intValue,
                seconds: row["seconds"]?.doubleValue)
            count += 1
            model = model ?? row["model"]?.stringValue
            if let line = row["line"]?.intValue, let prompt = Self.prompt(of: row) {
                guard byRow.updateValue(answer, forKey: Row(line: line, prompt: prompt)) == nil else {
                    throw .twice("line \(line)", place)
                }
                byLine[line] = byLine[line] ?? answer
            } else if let line = row["line"]?.intValue {
                guard byLine.updateValue(answer, forKey: line) == nil else { throw .twice("line \(line)", place) }
            } else if let prompt = Self.prompt(of: row) {
                guard byPrompt.updateValue(answer, forKey: prompt) == nil else { throw .twice("this prompt", place) }
            } else {
                throw .noRow(place)
            }
        }
        guard count > 0 else { throw .empty(path: path) }
        (self.byLine, self.byPrompt, self.byRow) = (byLine, byPrompt, byRow)
        (self.model, self.count) = (model, count)
    }

    private static func prompt(of row: JSONValue) -> String? {
        if let prompt = row["prompt"]?.stringValue { return prompt }
        return row["messages"]?.arrayValue?.last { $0["role"]?.stringValue == "user" }?["content"]?.stringValue
    }

    /// One result per held-out row; a row without an answer counts as a wrong one.
    package func items(for rows: [Example], path: String) throws(OutputsFileError) -> [ItemResult] {
        var times: [Int: Int] = [:]
        for row in rows { times[row.line, default: 0] += 1 }
        var items: [ItemResult] = []
        for row in rows {
            var answer = byRow[Row(line: row.line, prompt: row.request)]
            if answer == nil, let named = byLine[row.line] {
                guard times[row.line] == 1 else { throw .severalFiles(path: path, line: row.line) }
                answer = named
            }
            items.append(item(of: answer ?? byPrompt[row.request], row))
        }
        return items
    }

    private func item(of answer: Answer?, _ row: Example) -> ItemResult {
        guard let answer else { return ItemResult(row, output: "", finish: .missing) }
        var item = ItemResult(row, output: answer.output)
        (item.promptTokens, item.outputTokens, item.seconds) = (
            answer.promptTokens, answer.outputTokens, answer.seconds
        )
        return item
    }
}

/// Why a file of answers cannot be used.
package enum OutputsFileError: Error, Sendable, Hashable {
    package struct Place: Sendable, Hashable {
        package let path: String
        package let line: Int
    }

    case notJSON(JSONSyntaxError, Place)
    case noOutput(keys: [String], Place)
    /// Neither `line` nor `prompt` says which row was answered.
    case noRow(Place)
    case twice(String, Place)
    case empty(path: String)
    /// Rows of several files stand on this line, and the answer does not say which is meant.
    case severalFiles(path: String, line: Int)
    /// No answer belongs to any held-out row.
    case noneFits(path: String, answers: Int, rows: Int)
}
