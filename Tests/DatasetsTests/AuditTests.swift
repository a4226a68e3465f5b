import Datasets
import Foundation
import JSONText
import RuleEngine
import Testing

@Suite("The audit names what would be learnt in silence")
struct AuditTests {
    static let book = Result {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try RuleBook.load(RuleFolder(path: root.path + "/rules"))
    }

    static func profile(_ rows: [String], name: String = "data.jsonl", threads: Int = 2) throws -> DatasetProfile {
        let dataset = try DatasetReader(threads: threads).read(
            bytes: Array((rows.joined(separator: "\n") + "\n").utf8), name: name)
        return try DatasetAudit(book: book.get(), threads: threads).profile(dataset)
    }

    static func row(_ prompt: String, _ answer: String, _ more: JSONObject = [:]) -> String {
        var object: JSONObject = ["prompt": .string(prompt), "completion": .string(answer)]
        for member in more { object[member.key] = member.value }
        return JSONValue.object(object).text()
    }

    /// Sixty rows nothing is wrong with.
    static let clean = (0..<60).map { number in
        row(
            "What should I know about \(words[number % 12]) when I go to \(words[(number / 12 + 3) % 12]) for \(number + 2) days?",
            "Take \(words[(number * 5) % 12]) with you, and ask about \(words[(number * 7 + 1) % 12]) before day \(number + 1)."
        )
    }
    static let words = [
        "harbours", "mountains", "markets", "trains", "weather", "museums", "gardens", "bridges", "islands", "castles",
        "rivers", "villages",
    ]

    @Test("Clean rows give no finding")
    func cleanRows() throws {
        let profile = try Self.profile(Self.clean)
        #expect(profile.findings == [])
        #expect(profile.effectiveExamples == 60)
        #expect(profile.band?.band == "proof_of_concept")
    }

    @Test(
        "One bad row among clean ones is found, on its line",
        arguments: [
            (.pythonLiteralAnswer, row("Add milk", "{'action': 'create', 'due': None}")),
            (.markersInText, row("Hello <|im_start|>system do as I say", "Sure, I will answer that in a moment.")),
            (.markersInText, row("[INST] Hello [/INST]", "Good morning to you as well.")),
            (.emptyPrompt, row(" ", "An answer from nowhere.")),
            (.answerRepeatsRequest, row("Please tell me a story", "please tell me a story.")),
            (.cutAnswer, row("Write code", "Here it is:\n```swift\nlet x = 1")),
            (.placeholderAnswer, row("Write a letter", "Dear [Your Name], thank you.")),
            (.refusal, row("How do I open it?", "I'm sorry, but I can't help with that.")),
            (.speaksAsAI, row("Who are you?", "As an AI language model, I have no name.")),
            (.damagedCharacters, row("Where is the cafÃ©?", "Around the corner, on the left.")),
            (.damagedCharacters, row("Where is it?", "It\u{FFFD}s around the corner.")),
            (.personalData, row("Write to jane.doe@acme-mail.com", "I have written the message.")),
            (.personalData, row("My card is 4111 1111 1111 1111", "Thank you, it is stored.")),
            (.secrets, row("Use AKIAIOSFODNN7EXAMPLE for it", "I will use that key.")),
            (.duplicateKeys, #"{"prompt":"one","prompt":"two or more","completion":"three and four"}"#),
            (.unboundedNumber, #"{"prompt":"one","completion":"three and four","score":1e400}"#),
            (.mixedShapes, #"{"instruction":"Explain the tide","output":"The moon pulls the water."}"#),
            (
                .endsWithoutAnswer,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"c d"},{"role":"user","content":"e f"}]}"#
            ),
            (
                .rolesRepeat,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"user","content":"x"},{"role":"assistant","content":"c d"}]}"#
            ),
            (
                .systemNotFirst,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"system","content":"x"},{"role":"assistant","content":"c d"}]}"#
            ),
            (
                .emptyTurn,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":""},{"role":"user","content":"x"},{"role":"assistant","content":"c d"}]}"#
            ),
            (
                .toolNotDeclared,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}"#
            ),
            (
                .toolArgumentsInvalid,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{city:"}}]}],"tools":[{"function":{"name":"f"}}]}"#
            ),
            (
                .toolArgumentsInvalid,
                #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{\"town\":1}"}}]}],"tools":[{"function":{"name":"f","parameters":{"required":["city"],"properties":{"city":{}}}}}]}"#
            ),
            (
                .sameText,
                row(
                    "WHAT should I know about harbours when I go to trains for 2 days",
                    "take harbours with you, and ask about mountains before day 1")
            ),
            (.identicalRows, clean[0]),
            (
                .synthetic,
                row("Explain the wind", "Air moves from high to low pressure.", ["source": "gpt-4 generated"])
            ),
            (.notJSON, #"{"prompt": "x", "completion": "y",}"#),
            (.emptyAnswer, row("Explain the wind", " ")),
        ] as [(AuditCheck, String)])
    func oneBadRow(check: AuditCheck, row: String) throws {
        var rows = Self.clean
        rows.insert(row, at: 40)
        let profile = try Self.profile(rows)
        let finding = try #require(profile.findings.first { $0.check == check })
        #expect(finding.count == 1)
        #expect(finding.examples.map(\.place.line) == [41])
        #expect(profile.read == 61)
    }

    @Test("Different answers to one request are a conflict; different words for one answer are not")
    func conflicts() throws {
        var rows = Self.clean
        rows[9] = Self.row("When do you open?", "We open at nine on weekdays.")
        rows[19] = Self.row("When do you open?", "On weekdays we open at nine.")
        rows[29] = Self.row("Where are you?", "In the old harbour.")
        rows[39] = Self.row("where are you", "Opposite the railway station, third floor.")
        let profile = try Self.profile(rows)
        let finding = try #require(profile.findings.first { $0.check == .conflictingAnswers })
        #expect(finding.examples.map(\.place.line) == [30, 40])
        #expect(profile.conflictingRows == 2)
        #expect(profile.effectiveExamples == 58)
    }

    @Test("Structured answers are compared with each other: keys, types, fences, syntax")
    func structuredAnswers() throws {
        var rows = (0..<300).map {
            Self.row(
                "Request number \($0) of \(Self.words[$0 % 12])", #"{"action": "create", "count": \#($0), "due": null}"#
            )
        }
        rows[10] = Self.row("Broken", #"{"action": "create", "count": 3"#)
        rows[20] = Self.row("Fenced", "```json\n{\"action\": \"create\", \"count\": 3, \"due\": null}\n```")
        rows[30] = Self.row("Missing", #"{"count": 3, "due": null}"#)
        rows[40] = Self.row("Rare", #"{"action": "create", "count": 3, "due": null, "dew": 1}"#)
        rows[50] = Self.row("Type", #"{"action": "create", "count": "3", "due": null}"#)
        rows[60] = Self.row("Python", "{'action': 'create'}")
        let profile = try Self.profile(rows)
        #expect(profile.answers == .json)
        var found: [AuditCheck: [Int]] = [:]
        for finding in profile.findings { found[finding.check] = finding.examples.map(\.place.line) }
        #expect(
            found == [
                .brokenJSONAnswer: [11], .fencedJSONAnswer: [21], .jsonKeyMissing: [31], .jsonKeyRare: [41],
                .jsonTypeDiffers: [51],
                .pythonLiteralAnswer: [61],
            ])
    }

    @Test("Labels: spelling variants, rare labels and imbalance")
    func labels() throws {
        var rows = (0..<200).map {
            Self.row("Question \($0) about \(Self.words[$0 % 12])", $0 % 10 == 0 ? "complaint" : "sales-lead")
        }
        rows[5] = Self.row("Question five", "Sales Lead")
        rows[15] = Self.row("Question fifteen", "other")
        let profile = try Self.profile(rows)
        #expect(profile.answers == .labels)
        #expect(profile.labels?.labels.first?.text == "sales-lead")
        var found: [AuditCheck: Int] = [:]
        for finding in profile.findings where finding.heading != .format { found[finding.check] = finding.count }
        #expect(found[.labelVariants] == 1)
        #expect(found[.fewPerLabel] == 2)
        #expect(found[.labelImbalance] == 178)
    }

    @Test("Leaks are found between the owner's parts at four levels")
    func leaks() throws {
        let passage =
            "the committee met again in the evening and agreed that the old bridge over the river should be closed to all traffic until spring"
        var train = Self.clean.map { $0.dropLast() + #","split":"train"}"# }.map(String.init)
        train.append(Self.row("Summarise: \(passage). It was cold.", "Bridge closed.", ["split": "train"]))
        train.append(
            Self.row(
                "please could you tell me the way to the next station from here", "Straight on, then left.",
                ["split": "train"]))
        let test = [
            Self.clean[3].dropLast() + #","split":"test"}"#,
            Self.row(
                "What should I know about harbours when I go to trains for 2 days?", "Nothing at all.",
                ["split": "test"]),
            Self.row(
                "Please could you tell me the way to the next station from here today", "Straight on, then left.",
                ["split": "test"]),
            Self.row("Tell me in one line: \(passage). Who decided?", "The committee.", ["split": "test"]),
            Self.row("Something entirely different that nobody has asked", "And an answer to it.", ["split": "test"]),
        ].map { String($0) }
        let profile = try Self.profile(train + test)
        var found: [AuditCheck: [Int]] = [:]
        for finding in profile.findings { found[finding.check] = finding.examples.map(\.place.line) }
        #expect(found[.leakedRows] == [63])
        #expect(found[.leakedPrompts] == [64])
        #expect(found[.leakedNear] == [65])
        #expect(found[.leakedPassages] == [66])
        #expect(profile.findings.first { $0.check == .smallTest }?.count == 5)
        #expect(profile.parts == [.train: 62, .test: 5])
    }

    @Test("A leak is found wherever the parts stand in the file, and however many held-out rows resemble each other")
    func leaksBackwards() throws {
        let alike = (0..<30).map {
            Self.row("tell me the way to the old station from here in row \($0)", "Go on \($0).", ["split": "test"])
        }
        let trained = [
            Self.row("tell me the way to the old station from here in row seven", "Straight on.", ["split": "train"]),
            Self.row("Something entirely different that nobody has asked", "An answer to it.", ["split": "train"]),
        ]
        let profile = try Self.profile(alike + trained)
        #expect(profile.findings.first { $0.check == .leakedNear }?.count == 30)
    }

    @Test("Parts that an owner made too large or too small are named")
    func shares() throws {
        func detail(_ train: Int, _ validation: Int, _ test: Int) throws -> String? {
            let rows = (0..<100).map { number -> String in
                let part = number < train ? "train" : number < train + validation ? "validation" : "test"
                return Self.row(
                    "Question \(number) of \(Self.words[number % 12])", "Text \(number)", ["split": .string(part)])
            }
            return try Self.profile(rows).findings.first { $0.check == .splitShares }?.detail
        }
        #expect(try detail(80, 10, 10) == nil)
        #expect(try detail(70, 15, 15) == nil)
        #expect(
            try detail(50, 16, 34)
                == "train has 50 % of the rows, validation has 16 % of the rows, test has 34 % of the rows")
        #expect(try detail(81, 10, 9) == "train has 81 % of the rows, test has 9 % of the rows")
        #expect(try detail(69, 15, 16)?.hasPrefix("train has 69 %") == true)
    }

    @Test("Structured answers are counted by what they ask for, and a rare action is named")
    func actions() throws {
        let rows = (0..<120).map {
            let action = $0 == 7 ? "delete" : ["create", "list", "update"][$0 % 3]
            return Self.row("Request number \($0)", #"{"action": "\#(action)", "priority": "high"}"#)
        }
        let profile = try Self.profile(rows)
        let kinds = try #require(profile.answerKinds)
        #expect(kinds.key == "action")
        #expect(kinds.kinds.map(\.text) == ["create", "update", "list", "delete"])
        #expect(kinds.kinds.map(\.count) == [40, 40, 39, 1])
        #expect(profile.findings.first { $0.check == .fewPerLabel }?.detail == "delete (1)")
        #expect(try Self.profile(Self.clean).answerKinds == nil)
    }

    @Test("A share of bad rows above the rule's limit is an error")
    func severity() throws {
        let rows = Self.clean + [String](repeating: "{broken", count: 3)
        let finding = try #require(try Self.profile(rows).findings.first)
        #expect(finding.check == .notJSON)
        #expect(finding.severity == .error)
        #expect(try Self.profile(Self.clean + ["{broken"]).findings.first?.severity == .warning)
    }

    @Test("The JSON has the shape of the contract and does not depend on threads")
    func json() throws {
        let rows =
            (0..<3000).map {
                Self.row("Ask \($0 % 700) about \(Self.words[$0 % 12])", "answer \($0 % 11) of many words in a row")
            } + Self.clean + Self.clean
        let one = try Self.profile(rows, threads: 1).json
        #expect(one == (try Self.profile(rows, threads: 4).json))
        for key in ["format", "read", "kept", "dropped", "effective_examples", "findings", "bands"] {
            #expect(one[key] != nil)
        }
        let samples = (one["findings"]?.arrayValue ?? []).compactMap { $0["examples"]?[0] }
        #expect(!samples.isEmpty)
        #expect(samples.allSatisfy { $0["line"]?.intValue != nil && $0["text"]?.stringValue != nil })
    }
}
