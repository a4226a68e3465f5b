import Datasets
import JSONText
import Plan
import Testing

@Suite("Data files of every spelling are read into one form")
struct ReadingTests {
    static func read(_ text: String, name: String = "data.jsonl", format: DataFormat = .auto) throws -> Dataset {
        try DatasetReader(format: format, threads: 2).read(bytes: Array(text.utf8), name: name)
    }

    @Test(
        "Each shape is recognised and becomes the same conversation",
        arguments: [
            (.messages, #"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}"#),
            (
                .messages,
                #"{"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]},{"role":"assistant","content":"Hello"}]}"#
            ),
            (
                .messages,
                #"{"messages":"[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"}]"}"#
            ),
            (.shareGPT, #"{"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}]}"#),
            (.hybrid, #"{"conversations":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}"#),
            (.alpaca, #"{"instruction":"Hi","input":"","output":"Hello"}"#),
            (.alpaca, #"{"instruction":"Hi","output":"Hello"}"#),
            (.promptCompletion, #"{"prompt":"Hi","completion":"Hello"}"#),
            (.promptCompletion, #"{"question":"Hi","answer":"Hello"}"#),
            (
                .promptCompletionMessages,
                #"{"prompt":[{"role":"user","content":"Hi"}],"completion":[{"role":"assistant","content":"Hello"}]}"#
            ),
            (.textLabel, #"{"text":"Hi","label":"Hello"}"#),
            (
                .gemini,
                #"{"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]}]}"#
            ),
            (.promptCompletion, #"{"row_idx":0,"row":{"prompt":"Hi","completion":"Hello"}}"#),
        ] as [(RowShape, String)])
    func shapes(shape: RowShape, text: String) throws {
        let example = try #require(try Self.read(text).examples.first)
        #expect(example.shape == shape)
        #expect(example.messages.map(\.role) == [.user, .assistant])
        #expect(example.messages.map(\.content) == ["Hi", "Hello"])
        #expect(example.completion == "Hello")
        #expect(example.prompt.map(\.content) == ["Hi"])
    }

    @Test(
        "A row that cannot be used is dropped with its reason and line; the others are kept",
        arguments: [
            ("not_an_object", "[1,2]"), ("unknown_shape", #"{"foo":1}"#), ("unknown_shape", "{}"),
            ("preference_pair", #"{"prompt":"a","chosen":"b","rejected":"c"}"#), ("no_messages", #"{"messages":[]}"#),
            ("wrong_kind", #"{"messages":{"role":"user"}}"#), ("wrong_kind", #"{"messages":["Hi"]}"#),
            ("missing_field", #"{"messages":[{"content":"Hi"}]}"#),
            ("missing_field", #"{"messages":[{"role":"user"},{"role":"assistant","content":"x"}]}"#),
            ("wrong_kind", #"{"messages":[{"role":"user","content":null},{"role":"assistant","content":"x"}]}"#),
            ("wrong_kind", #"{"messages":[{"role":"user","content":5},{"role":"assistant","content":"x"}]}"#),
            ("unknown_role", #"{"messages":[{"role":"narrator","content":"Hi"}]}"#),
            ("no_answer", #"{"messages":[{"role":"user","content":"Hi"}]}"#),
            (
                "no_answer",
                #"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"x","weight":0}]}"#
            ),
            ("empty_answer", #"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":" \n"}]}"#),
            ("empty_answer", #"{"prompt":"a","completion":""}"#), ("empty_answer", #"{"text":" "}"#),
            (
                "unsupported_part",
                #"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]},{"role":"assistant","content":"x"}]}"#
            ),
            ("not_json", #"{"prompt":"a","completion":"b",}"#), ("not_json", #"{'prompt':'a','completion':'b'}"#),
            ("not_json", #"{"prompt":"a""#), ("not_json", #"{"prompt":"a","completion":NaN}"#),
            ("not_json", "{\"prompt\":\"a\tb\",\"completion\":\"c\"}"),
            ("not_json", #"{"prompt":"\ud800","completion":"c"}"#),
        ])
    func droppedRows(id: String, row: String) throws {
        let good = #"{"prompt":"a","completion":"b"}"#
        let dataset = try Self.read([good, good, row, good].joined(separator: "\n") + "\n")
        #expect(dataset.dropped.map(\.problem.id) == [id])
        #expect(dataset.dropped.first?.place.line == 3)
        #expect(dataset.dropped.first?.place.byteOffset == 2 * (good.utf8.count + 1))
        #expect(dataset.kept == 3)
        #expect(dataset.read == 4)
        #expect(dataset.examples.map(\.line) == [1, 2, 4])
    }

    @Test("A syntax error is placed in the file, not in the row")
    func placesSyntaxErrors() throws {
        let dataset = try Self.read("{\"prompt\":\"a\",\"completion\":\"b\"}\n\n{\"prompt\":\"a\",\"completion\":b}\n")
        guard case .notJSON(let error) = dataset.dropped.first?.problem else {
            Issue.record("no syntax error")
            return
        }
        #expect(error.line == 3)
        #expect(error.column == 28)
        #expect(error.byteOffset == 33 + 27)
        #expect(error.reason == .unexpected("b", wanted: .value))
    }

    @Test("Bytes that are odd but harmless are read and noted")
    func oddBytes() throws {
        let row = #"{"prompt":"a","completion":"b"}"#
        let marked = try Self.read("\u{FEFF}\(row)\r\n\r\n\(row)\r\n\(row)")
        #expect(marked.kept == 3)
        #expect(marked.examples.map(\.line) == [1, 3, 4])
        #expect(
            marked.files[0].notes == [.byteOrderMark, .blankLines(1), .carriageReturns(lines: 3), .noLastLineBreak])
        let separators = try Self.read(
            "{\"prompt\":\"a\u{2028}b\",\"completion\":\"c\u{0}d\"}\n".replacing("\u{0}", with: "\\u0000"))
        #expect(separators.kept == 1)
        #expect(separators.examples[0].completion == "c\u{0}d")
    }

    @Test("Arrays, objects over several lines and wrapped exports are read, with the line of every row")
    func containers() throws {
        let array = try Self.read(
            "[\n {\"prompt\":\"a]\\\"\",\"completion\":\"b\"},\n {\"prompt\":\"a\",\"completion\":\"b\",},\n {\"prompt\":\"c\",\"completion\":\"d\"}\n]",
            name: "data.json")
        #expect(array.files[0].container == .jsonArray)
        #expect(array.examples.map(\.line) == [2, 4])
        #expect(array.dropped.map(\.place.line) == [3])

        let pretty = try Self.read(
            "{\n  \"instruction\": \"a\",\n  \"output\": \"b\"\n}\n{\n  \"instruction\": \"c\",\n  \"output\": \"d\"\n}\n"
        )
        #expect(pretty.files[0].container == .jsonObjects)
        #expect(pretty.examples.map(\.line) == [1, 5])

        let sideBySide = try Self.read(#"{"prompt":"a","completion":"b"}{"prompt":"c","completion":"d"}"#)
        #expect(sideBySide.kept == 2)
        #expect(sideBySide.files[0].container == .jsonObjects)

        let export = try Self.read(
            #"{"features":[{"name":"x"}],"rows":[{"row_idx":0,"row":{"prompt":"a","completion":"b"}},{"row_idx":1,"row":{"prompt":"c","completion":"d"}}]}"#
        )
        #expect(export.kept == 2)
        #expect(export.files[0].notes.contains(.rowsUnderKey("rows")))

        let open = try Self.read("[{\"prompt\":\"a\",\"completion\":\"b\"},", name: "data.json")
        #expect(open.kept == 1)
        #expect(open.files[0].notes == [.arrayNotClosed])
        let comma = try Self.read("[{\"prompt\":\"a\",\"completion\":\"b\"},]", name: "data.json")
        #expect(comma.files[0].notes == [.trailingComma])
    }

    @Test("A table is read with quotes, line breaks inside cells and the delimiter it uses")
    func tables() throws {
        let text = "text;label\r\n\"one; \"\"two\"\"\nthree\";A\r\n5\" pipe;B\r\nshort\r\nlast;C"
        let dataset = try Self.read(text, name: "rows.csv")
        #expect(dataset.files[0].container == .csv)
        #expect(dataset.examples.map(\.request) == ["one; \"two\"\nthree", "5\" pipe", "last"])
        #expect(dataset.examples.map(\.completion) == ["A", "B", "C"])
        #expect(dataset.examples.map(\.line) == [2, 4, 6])
        #expect(dataset.dropped.map(\.problem) == [.fieldCount(found: 1, wanted: 2)])
        #expect(dataset.dropped.map(\.place.line) == [5])

        let open = try Self.read("text,label\nfine,A\n\"never closed,B\nfine,C\n", name: "rows.csv")
        #expect(open.examples.map(\.completion) == ["A", "C"])
        #expect(open.dropped.map(\.place.line) == [3])

        let tabs = try Self.read("prompt\tcompletion\na, b\tc\n", name: "rows.tsv")
        #expect(tabs.examples.map(\.request) == ["a, b"])
    }

    @Test("Roles, system prompts, history, tools and weights survive")
    func fields() throws {
        let alpaca = try #require(
            try Self.read(
                #"{"instruction":"Translate","input":"cat","output":"chat","system":"Be brief","history":[["q","a"]]}"#
            ).examples.first)
        #expect(alpaca.messages.map(\.content) == ["Be brief", "q", "a", "Translate\ncat", "chat"])
        #expect(alpaca.systemPrompt == "Be brief")
        #expect(alpaca.isMultiTurn)

        let calls = try #require(
            try Self.read(
                #"{"messages":[{"role":"user","content":"w?"},{"role":"assistant","content":null,"tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"sun"},{"role":"assistant","content":"Sunny","weight":1},{"role":"user","content":"?"},{"role":"assistant","content":"no","weight":0}],"tools":[{"type":"function"}]}"#
            ).examples.first)
        #expect(calls.tools.count == 1)
        #expect(calls.messages.map(\.isTrained) == [false, true, false, true, false, false])
        #expect(calls.messages[1].toolCalls.count == 1)
        #expect(calls.messages[2].json["tool_call_id"] == "1")

        let marked = try #require(
            try Self.read(
                #"{"prompt":"a","completion":"b","group":7,"real":true,"source":"expert","split":"dev","reviewer":"Ann"}"#
            ).examples.first)
        #expect(marked.group == "7")
        #expect(marked.isReal)
        #expect(marked.source == "expert")
        #expect(marked.assignedPart == .validation)
        #expect(marked.metadata == ["reviewer": "Ann"])
    }

    @Test("A file that holds nothing usable is one clear error")
    func wholeFileErrors() throws {
        #expect(throws: DatasetError.empty(paths: ["x.jsonl"])) { try Self.read(" \n\n", name: "x.jsonl") }
        #expect(throws: DatasetError.unknownFormat(path: "x.jsonl", beginning: "hello")) {
            try Self.read("hello\nyou", name: "x.jsonl")
        }
        #expect(throws: DatasetError.self) { try DatasetReader().read(paths: ["/nonexistent/x.jsonl"]) }
        let error = #expect(throws: DatasetError.self) { try Self.read("{\"prompt\":\"a\"}\n{\"prompt\":\"a\"}\n[]") }
        guard case .noUsableRows(let read, let reasons) = error else {
            Issue.record("wrong error")
            return
        }
        #expect(read == 3)
        #expect(reasons.map(\.problem.id) == ["unknown_shape", "not_an_object"])
        #expect(reasons.map(\.count) == [2, 1])
    }

    @Test("The number of threads does not change the result")
    func threads() throws {
        let rows = (0..<9000).map { $0 % 97 == 0 ? "{broken" : #"{"prompt":"p\#($0)","completion":"c"}"# }
        let bytes = Array(rows.joined(separator: "\n").utf8)
        let one = try DatasetReader(threads: 1).read(bytes: bytes, name: "x")
        let four = try DatasetReader(threads: 4).read(bytes: bytes, name: "x")
        #expect(one.examples == four.examples)
        #expect(one.dropped == four.dropped)
        #expect(one.read == 9000)
    }
}
