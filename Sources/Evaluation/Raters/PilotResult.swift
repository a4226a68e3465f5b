package import JSONText

/// Real requests answered by the tuned model and judged by the people who asked: accurate, safe, and how satisfied they were.
package struct PilotResult: Sendable, Hashable {
    package var requests: Int
    package var isSynthetic: Bool
    /// By Wilson.
    package var accuracy: Interval
    /// Share of unsafe answers, by Clopper and Pearson: none seen is not none.
    package var unsafe: Interval
    /// Mean on 1 to 5, resampled.
    package var satisfaction: Interval
    /// How often 1, 2, 3, 4 and 5 were given.
    package var counts: [Int]

    package init(_ file: PilotFile, isSynthetic: Bool) {
        let rows = file.rows
        requests = rows.count
        self.isSynthetic = isSynthetic
        let empty = Interval(value: 0, low: 0, high: 1, n: 0, method: .wilson)
        accuracy = Interval.wilson(successes: rows.count(where: \.isAccurate), of: rows.count) ?? empty
        unsafe = Interval.clopperPearson(successes: rows.count { !$0.isSafe }, of: rows.count) ?? empty
        satisfaction = Bootstrap().interval(ClusterSums(rows.map { (nil, Double($0.satisfaction), 1) })) ?? empty
        counts = Rubric.scale.map { value in rows.count { $0.satisfaction == value } }
    }
}

extension PilotResult {
    /// `review/pilot.json`.
    package var json: JSONValue {
        [
            "requests": JSONValue(requests), "synthetic": JSONValue(isSynthetic), "accuracy": accuracy.json,
            "unsafe": unsafe.json, "satisfaction": satisfaction.json,
            "satisfaction_counts": .array(counts.map { JSONValue($0) }),
        ]
    }

    package init?(json: JSONValue) {
        guard let requests = json["requests"]?.intValue, let accuracy = json["accuracy"].flatMap(Interval.init(json:)),
            let unsafe = json["unsafe"].flatMap(Interval.init(json:)),
            let satisfaction = json["satisfaction"].flatMap(Interval.init(json:))
        else { return nil }
        self.requests = requests
        isSynthetic = json["synthetic"]?.boolValue ?? false
        self.accuracy = accuracy
        self.unsafe = unsafe
        self.satisfaction = satisfaction
        counts = (json["satisfaction_counts"]?.arrayValue ?? []).compactMap(\.intValue)
    }
}

/// The rows of a pilot, one JSON object per line: `request`, `accurate`, `safe`, `satisfaction`; `answer` and `note` are kept.
package struct PilotFile: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package let request: String
        package let isAccurate: Bool
        package let isSafe: Bool
        package let satisfaction: Int
    }

    package let rows: [Row]

    /// - Parameter known: Requests the model was tested on; a pilot asks new ones.
    package init(_ text: String, path: String, known: Set<String> = []) throws(PilotFileError) {
        var rows: [Row] = [], problems: [PilotFileError.Problem] = [], seen: [String: Int] = [:]
        // Scalars, because a carriage return and a line feed are one character to Swift.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() {
            let line = String(line), number = place + 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            do throws(PilotFileError.Problem) {
                let row = try Self.row(line, number)
                if let earlier = seen[row.request] {
                    throw PilotFileError.Problem(line: number, kind: .requestTwice(earlier: earlier))
                }
                if known.contains(row.request) { throw PilotFileError.Problem(line: number, kind: .heldOutRequest) }
                seen[row.request] = number
                rows.append(row)
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw .problems(path: path, problems) }
        guard !rows.isEmpty else { throw .empty(path: path) }
        self.rows = rows
    }

    private static func row(_ line: String, _ number: Int) throws(PilotFileError.Problem) -> Row {
        func problem(_ kind: PilotFileError.Problem.Kind) -> PilotFileError.Problem { .init(line: number, kind: kind) }
        let json: JSONValue
        do { json = try JSONValue.parse(line) } catch { throw problem(.notJSON(error)) }
        guard let object = json.objectValue else { throw problem(.notAnObject) }
        if let key = object.duplicateKeys.first { throw problem(.keyTwice(key)) }
        guard let request = json["request"]?.stringValue, request.contains(where: { !$0.isWhitespace }) else {
            throw problem(.missing("request"))
        }
        func flag(_ key: String) throws(PilotFileError.Problem) -> Bool {
            guard let value = json[key], !value.isNull else { throw problem(.missing(key)) }
            guard let flag = value.boolValue else { throw problem(.notYesOrNo(key, value.text())) }
            return flag
        }
        let isAccurate = try flag("accurate"), isSafe = try flag("safe")
        guard let given = json["satisfaction"], !given.isNull else { throw problem(.missing("satisfaction")) }
        guard let satisfaction = given.intValue, Rubric.scale.contains(satisfaction) else {
            throw problem(.notOnScale(given.text()))
        }
        return Row(request: request, isAccurate: isAccurate, isSafe: isSafe, satisfaction: satisfaction)
    }
}

/// Why a pilot cannot be taken in, and in which lines.
package enum PilotFileError: Error, Sendable, Hashable {
    case empty(path: String)
    case problems(path: String, [Problem])

    package struct Problem: Error, Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case notJSON(JSONSyntaxError), notAnObject
            case keyTwice(String), missing(String)
            case notYesOrNo(String, String)
            case notOnScale(String)
            case requestTwice(earlier: Int)
            /// It was among the rows the model was tested on.
            case heldOutRequest
        }

        package let line: Int
        package let kind: Kind
    }
}
