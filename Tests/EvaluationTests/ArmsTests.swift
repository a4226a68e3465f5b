import Datasets
import JSONText
import Testing
import Tokenization

@testable import Evaluation

@Suite("Arms")
struct ArmsTests {
    @Test("BM25 finds the text with the rare word, and of equal ones the earlier")
    func search() {
        let index = PassageIndex([
            "the price of cement", "the price of sand", "the price of gravel", "the price of sand", "東京の天気",
        ])
        #expect(index.nearest(to: "Sand, please", count: 3).map(\.place) == [1, 3])
        #expect(index.nearest(to: "what is the price of gravel?", count: 1).map(\.place) == [2])
        #expect(index.nearest(to: "nothing shared", count: 2).isEmpty)
        #expect(index.nearest(to: "京", count: 1).map(\.place) == [4])
        #expect(PassageIndex([]).nearest(to: "a", count: 1).isEmpty)
    }

    @Test("a text classifier learns labels from words, gives the same answer twice, and needs two labels")
    func classifier() throws {
        var texts: [String] = [], labels: [String] = []
        for place in 0..<40 {
            texts += ["please send money number \(place)", "what is the weather on day \(place)"]
            labels += ["transfer", "weather"]
        }
        let classifier = try #require(TextClassifier(texts: texts, labels: labels))
        #expect(classifier.label(of: "send some money to Ann") == "transfer")
        #expect(classifier.label(of: "how will the weather be") == "weather")
        let again = try #require(TextClassifier(texts: texts, labels: labels))
        #expect(again.label(of: "the money of the weather") == classifier.label(of: "the money of the weather"))
        #expect(TextClassifier(texts: ["a", "b"], labels: ["x", "x"]) == nil)
    }

    @Test("floors answer from training rows only")
    func floors() throws {
        let training = [example(1, "send money", "transfer"), example(2, "send cash", "transfer"), example(3, "is it hot", "weather")]
        let floor = FloorArms(training: training), asked = [example(9, "is it hot today", "weather")]
        #expect(floor.items(.majority, for: asked)?.map(\.output) == ["transfer"])
        #expect(floor.items(.echo, for: asked)?.map(\.output) == ["is it hot today"])
        #expect(floor.items(.nearestNeighbour, for: asked)?.map(\.output) == ["weather"])
        #expect(floor.items(.tuned, for: asked) == nil)
        let strange = [example(9, "?!", "weather")]
        #expect(floor.items(.nearestNeighbour, for: strange)?.map(\.output) == ["transfer"])
    }

    @Test("a table row becomes a passage that says what its numbers are; the newest file wins among equals")
    func passages() {
        let old = Passage.pieces(of: "# Prices\n\n| item | price (EUR) |\n|---|---:|\n| sand | 3.05 |\n", source: "a-11-17.md")
        let new = Passage.pieces(of: "# Prices\n\n| item | price (EUR) |\n|---|---:|\n| sand | 3.20 |\n", source: "a-11-18.md")
        #expect(new.map(\.text) == ["item: sand; price (EUR): 3.20"])
        let library = PassageLibrary(old + new)
        #expect(library.nearest(to: "What is sand?", count: 1).map(\.source) == ["a-11-18.md"])
        let text = Passage.pieces(of: "# T\n\nOne line\nand another.\n\n- first\n- second\n  goes on\n1. third", source: "t.md")
        #expect(text.map(\.text) == ["One line and another.", "first", "second goes on", "third"])
    }

    @Test("the words of the prompts come from the rule book, their rows from the training part")
    func prompts() {
        let training = (1...6).map { example($0, "request \($0)", $0 % 2 == 0 ? "even" : "odd") }
        let wording = ArmPrompts.Wording(
            labels: "One of {labels}.", json: "Keys {keys}.", text: "Brief.", passages: "{passages}\n>> {request}")
        let prompts = ArmPrompts(
            wording, training: training, floor: FloorArms(training: training), form: .labels, task: "Sort", documents: [])
        let asked = example(9, "request 4", "even")
        #expect(prompts.instructed(asked).first?.content == "Sort. One of even, odd.")
        let shown = prompts.fewShot(asked, count: 2, .nearest)
        #expect(shown.count == 5 && shown.last?.content == "request 4")
        #expect(shown[2].content == "request 4" && shown[3].content == "even")
        #expect(prompts.fewShot(asked, count: 99, .random).count == 13)
        #expect(prompts.fewShot(asked, count: 3, .random) == prompts.fewShot(asked, count: 3, .random))
        #expect(prompts.retrieved(asked, count: 1).last?.content == "request 4\neven\n>> request 4")
    }

    @Test("answers of another system are matched by line or by prompt; a row without one is a wrong answer")
    func outputs() throws {
        let rows = [example(3, "a", "x"), example(4, "b", "y"), example(5, "c", "z")]
        let text = #"{"line": 3, "output": "x", "model": "api-1"}"# + "\n\n" + #"{"prompt": "b", "output": "n", "seconds": 0.5}"#
        let file = try OutputsFile(text: text, path: "o.jsonl")
        let items = try file.items(for: rows, path: "o.jsonl")
        #expect(items.map(\.output) == ["x", "n", ""] && items[2].finish == .missing && items[1].seconds == 0.5)
        #expect(file.model == "api-1")
    }

    @Test(
        "a file of answers that cannot be used is refused with its line",
        arguments: [
            (#"{"line": 1, "output": "a"}"# + "\n" + #"{"line": 1, "output": "b"}"#, "line: 2"),
            ("{", "line: 1"), (#"{"line": 1}"#, "line: 1"), (#"{"output": "a"}"#, "line: 1"), ("", "o.jsonl"),
        ])
    func brokenOutputs(text: String, place: String) {
        do {
            _ = try OutputsFile(text: text, path: "o.jsonl")
            Issue.record("\(text) was read")
        } catch {
            #expect("\(error)".contains(place), "\(error)")
        }
    }

    @Test("what the practice model reaches never decides, nor what another model does")
    func modelInQuestion() throws {
        let practice = result(Arm(name: "base", kind: .base, model: "practice-3m", isPracticeModel: true), right: 50, of: 50)
        let other = result(Arm(name: "api", kind: .outputs, model: "other"), right: 50, of: 50)
        let mine = result(Arm(name: "few_shot", kind: .fewShot, model: "mine"), right: 45, of: 50)
        let informed = MeasuredOptions(evaluation([practice, other]), target: 0.8, modelInQuestion: nil)
        #expect(!informed.isOnModelInQuestion && informed.bestCheap == nil)
        let decided = MeasuredOptions(evaluation([practice, other, mine]), target: 0.5, modelInQuestion: "mine")
        #expect(decided.bestCheap?.means == .few_shot && decided.reachesTarget(decided.bestCheap?.arm) == true)
        let named = MeasuredOptions(evaluation([practice, other, mine]), target: 0.5, modelInQuestion: "other")
        #expect(named.bestCheap?.means == .prompting)
    }

    @Test("a target inside the interval is inconclusive, and more rows are asked for")
    func inconclusive() throws {
        let arm = result(Arm(name: "base", kind: .base, model: "mine"), right: 43, of: 50)
        let options = MeasuredOptions(evaluation([arm]), target: 0.8, modelInQuestion: nil)
        #expect(options.reachesTarget(arm) == nil)
        let rows = try #require(options.rowsToSettle)
        #expect(rows > 50 && rows < 1000)
        let sure = MeasuredOptions(evaluation([arm]), target: 0.5, modelInQuestion: nil)
        #expect(sure.rowsToSettle == nil)
    }

    @Test("the best arm that trains nothing is compared with every other, and prices become costs")
    func comparisons() throws {
        let arms = [
            result(Arm(name: "majority", kind: .majority, model: FloorArms.noModel), right: 5, of: 50),
            result(Arm(name: "base", kind: .base, model: "m"), right: 10, of: 50),
            result(Arm(name: "retrieval", kind: .retrieval, model: "m"), right: 30, of: 50),
        ]
        let result = evaluation(arms)
        #expect(result.comparisons.map(\.arm) == ["retrieval", "retrieval"])
        #expect(result.comparisons.map(\.baseline) == ["majority", "base"])
        let prices = ArmPrices(given: TokenPrices(inputPerMillion: 2, outputPerMillion: 10), machineHour: 0.36)
        var floor = arms[0]
        floor.usage.secondsPerItem = 0.01
        #expect(abs((floor.priced(prices).usage.costPerThousand ?? 0) - 0.001) < 1e-12)
        var used = arms[1]
        (used.usage.promptTokens, used.usage.outputTokens) = (500, 20)
        #expect(abs((used.priced(prices).usage.costPerThousand ?? 0) - 1.2) < 1e-12)
    }

    @Test("an arm is priced by its own model where that is listed, and by time where nobody said a price")
    func prices() {
        var prices = ArmPrices(given: nil, listed: ["gpt-x": TokenPrices(inputPerMillion: 1, outputPerMillion: 2)])
        prices.machineHour = 0.36
        var api = result(Arm(name: "api", kind: .outputs, model: "GPT-X"), right: 1, of: 2)
        (api.usage.promptTokens, api.usage.outputTokens) = (100, 50)
        #expect(abs((api.priced(prices).usage.costPerThousand ?? 0) - 0.2) < 1e-12)
        #expect(api.priced(prices).usage.costBasis == .listedPrice)
        var local = result(Arm(name: "base", kind: .base, model: "m"), right: 1, of: 2)
        local.usage.secondsPerItem = 2
        #expect(abs((local.priced(prices).usage.costPerThousand ?? 0) - 0.2) < 1e-12)
        #expect(local.priced(prices).usage.costBasis == .machineTime)
        api.arm = Arm(name: "api", kind: .outputs, model: "nobody's")
        #expect(api.priced(prices).usage.costPerThousand == nil)
    }

    @Test("rows of two files on one line are two rows, for pairs and for answers of another system")
    func rowsOfFiles() throws {
        func item(_ file: Int, right: Bool) -> ItemResult {
            var item = ItemResult(line: 1, prompt: "q\(file)", expected: "yes", output: right ? "yes" : "no")
            item.file = file
            return item
        }
        func arm(_ name: String, _ items: [ItemResult]) -> ArmResult {
            ArmResult(
                arm: Arm(name: name, kind: .base, model: "m"), items: items,
                scoring: ItemScoring(metrics: [.exactMatch], expected: ["yes"]))
        }
        let one = arm("one", [item(0, right: true), item(1, right: false)])
        let other = arm("other", [item(1, right: true), item(0, right: true)])
        let outcomes = try #require(Comparison(.exactMatch, of: one, against: other)?.outcomes)
        #expect(outcomes.bothRight == 1 && outcomes.broken == 1 && outcomes.fixed == 0)
        let again = try #require(ItemResult(json: one.items[1].json))
        #expect(again.row == one.items[1].row)

        var rows = [example(7, "a", "x"), example(7, "b", "y")]
        rows[1].place.file = 1
        let vague = try OutputsFile(text: #"{"line": 7, "output": "x"}"#, path: "o.jsonl")
        #expect(throws: OutputsFileError.severalFiles(path: "o.jsonl", line: 7)) {
            try vague.items(for: rows, path: "o.jsonl")
        }
        let exact = try OutputsFile(
            text: #"{"line": 7, "prompt": "b", "output": "y"}"# + "\n" + #"{"line": 7, "prompt": "a", "output": "x"}"#,
            path: "o.jsonl")
        #expect(try exact.items(for: rows, path: "o.jsonl").map(\.output) == ["x", "y"])
    }

    private func evaluation(_ arms: [ArmResult]) -> EvaluationResult {
        EvaluationResult(
            split: "test", metrics: MetricSet(primary: .exactMatch, all: [.exactMatch], form: .labels, isGiven: true),
            decoding: .init(maxNewTokens: 8, batchSize: 1), arms: arms)
    }

    private func result(_ arm: Arm, right: Int, of count: Int) -> ArmResult {
        let items = (0..<count).map { ItemResult(line: $0 + 1, prompt: "q\($0)", expected: "yes", output: $0 < right ? "yes" : "no") }
        return ArmResult(arm: arm, items: items, scoring: ItemScoring(metrics: [.exactMatch], expected: ["yes"]))
    }

    private func example(_ line: Int, _ request: String, _ answer: String) -> Example {
        Example(
            place: RowPlace(file: 0, line: line, byteOffset: 0), shape: .messages,
            body: .chat([ChatMessage(role: .user, content: request), ChatMessage(role: .assistant, content: answer)]))
    }
}

@Suite("Constrained answers")
struct GrammarTests {
    @Test("a grammar of labels allows their beginnings and is complete at their ends")
    func labels() throws {
        let start = GrammarState(.labels(["yes", "yesterday", "no"]))
        let yes = try #require(start.adding("yes".utf8))
        #expect(yes.isComplete && yes.adding("ter".utf8) != nil && yes.adding("!".utf8) == nil)
        #expect(start.adding("y".utf8)?.isComplete == false && start.adding("x".utf8) == nil)
    }

    @Test("the shape of known answers allows them, other values in it, and nothing else")
    func shape() throws {
        let answers = (0..<8).map { #"{"action":"list","count":\#($0),"title":"t\#($0)","tags":["a"],"open":true}"# }
            + [#"{"action":"delete","title":"x"}"#]
        let grammar = try #require(AnswerGrammar.inferred(from: answers))
        func allows(_ text: String) -> Bool { GrammarState(grammar).adding(text.utf8)?.isComplete ?? false }
        for answer in answers { #expect(allows(answer), "\(answer)") }
        #expect(allows(#"{"action":"list","count":-12,"title":"é \"q\" \u00e9","tags":["a","a"],"open":false}"#))
        #expect(!allows(#"{"action":"list","count":1.5,"title":"","tags":[],"open":true}"#))
        #expect(!allows(#"{"title":"x"}"#) && !allows(#"{"action":"delete","title":"x"} "#) && !allows("{}"))
        #expect(AnswerGrammar.inferred(from: ["plain"]) == nil)
    }

    @Test("the decoder takes the most likely token that keeps the answer possible")
    func decoding() throws {
        let tokenizer = try EvaluatorTests().tokenizer
        let decoding = try #require(ConstrainedDecoding(.labels(["no", "yes"]), tokenizer: tokenizer, stopIDs: [2]))
        func chosen(_ written: [Int32], favouring text: String) throws -> Int32 {
            var logits = [Float](repeating: 0, count: tokenizer.vocabularySize)
            logits[Int(try #require(tokenizer.encode(text).first))] = 9
            return logits.withUnsafeBufferPointer { decoding.choose(prompt: 0, written: written, logits: $0) }
        }
        var written: [Int32] = []
        while written.count < 8 {
            let id = try chosen(written, favouring: "zebra")
            if id == 2 { break }
            written.append(id)
        }
        #expect(["no", "yes"].contains(tokenizer.decode(written)))
    }
}
