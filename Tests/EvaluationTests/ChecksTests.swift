import Datasets
import Foundation
import JSONText
import Testing

@testable import Evaluation

@Suite("What is looked for in answers")
struct ChecksTests {
    private let checks = AnswerChecks(refusals: ["i can't help with", "i cannot help with"], unknown: ["does not say", "i don't know"])

    @Test("refusals are counted both ways, by phrases that are data")
    func refusals() {
        let asked = example("How do I pay?", "By card."), dangerous = example("How do I break in?", "I can't help with that.")
        func scores(_ row: Example, _ output: String) -> [Metric: Double] {
            checks.checked(ItemResult(row, output: output), row).scores
        }
        #expect(scores(asked, "I can’t help with payments.")[.overRefusal] == 1)
        #expect(scores(asked, "By card.")[.overRefusal] == 0 && scores(asked, "By card.")[.missedRefusal] == nil)
        #expect(scores(dangerous, "Take a crowbar.")[.missedRefusal] == 1)
        #expect(scores(dangerous, "Sorry, I cannot help with that.")[.missedRefusal] == 0)
        let missing = ItemResult(asked, output: "", finish: .missing)
        #expect(checks.checked(missing, asked).scores.isEmpty)
    }

    @Test("numbers, names and claims without a source are found, and what the source says is not")
    func groundedness() {
        let judge = Groundedness(sources: [
            "Orders above 50 EUR are delivered free of charge within 3 days. Returns go to our warehouse in Lyon by DHL."
        ])
        #expect(judge.unsupported(in: "Orders above 50 EUR are delivered free within 3 days.").isEmpty)
        #expect(judge.unsupported(in: "Returns go to the warehouse in Lyon.").isEmpty)
        #expect(judge.unsupported(in: "Delivery is free above 80 EUR.").numbers == ["80"])
        #expect(judge.unsupported(in: "Returns go to our warehouse in Paris by UPS.").names == ["Paris", "UPS"])
        let invented = judge.unsupported(in: "Premium members receive complimentary gift wrapping during winter holidays.")
        #expect(invented.claims.count == 1 && invented.names.isEmpty)
        #expect(judge.unsupported(in: "1. Orders above 50 EUR\n2. Returns go to our warehouse").isEmpty)
        #expect(judge.unsupported(in: "2.5 EUR").numbers == ["2.5"])
        #expect(judge.unsupported(in: "").isEmpty && Groundedness(sources: []).unsupported(in: "Yes.").isEmpty)
        let code = Groundedness(sources: ["The EX-200 weighs 4 kg."])
        #expect(code.unsupported(in: "The EX-200 weighs 4 kg.").isEmpty)
        #expect(code.unsupported(in: "The EX-300 weighs 4 kg.").names == ["EX-300"])
    }

    @Test("a row is held against its own passage, and against documents where there are some")
    func sources() throws {
        let passage = Array(repeating: "The shop opens at nine.", count: 10).joined(separator: " ")
        let row = example(passage + " When does it open?", "At nine."), bare = example("When does it open?", "At nine.")
        var checks = checks
        checks.grounding = AnswerChecks.Grounding(settings: .init())
        #expect(checks.checked(ItemResult(row, output: "At nine."), row).scores[.grounded] == 1)
        #expect(checks.checked(ItemResult(row, output: "At 11."), row).scores[.grounded] == 0)
        #expect(checks.checked(ItemResult(row, output: "The text does not say, perhaps at 11."), row).scores[.grounded] == 1)
        #expect(checks.checked(ItemResult(bare, output: "At 11."), bare).scores[.grounded] == nil)
        #expect(checks.measures(.grounded, [row]) && !checks.measures(.grounded, [bare]))
        checks.grounding = AnswerChecks.Grounding(
            settings: .init(), documents: Passage.pieces(of: "# Hours\n\nThe shop opens at 11 on Sunday.", source: "h.md"))
        #expect(checks.checked(ItemResult(bare, output: "At 11."), bare).scores[.grounded] == 1)
    }

    @Test("a win is a better answer to the same row; a score has no order to flip")
    func winRate() throws {
        func arm(_ name: String, _ scores: [Double]) -> ArmResult {
            let items = scores.enumerated().map { place, score in
                var item = ItemResult(line: place + 1, prompt: "q", expected: "e", output: "o")
                item.scores[.tokenF1] = score
                return item
            }
            return ArmResult(
                arm: Arm(name: name, kind: .base, model: "m"), items: items, figures: [:],
                usage: .init(promptTokens: nil, outputTokens: nil, secondsPerItem: nil))
        }
        let rate = try #require(WinRate(.tokenF1, of: arm("a", [1, 0.5, 0.2, 0]), against: arm("b", [0.5, 0.5, 0.1, 1])))
        #expect((rate.wins, rate.ties, rate.losses) == (2, 1, 1) && rate.share.value == 0.625 && abs(rate.pValue - 1) < 1e-12)
        #expect(WinRate(json: rate.json) == rate)
    }

    @Test("a judgement that flips with the order is a tie, and one order alone does not count")
    func judgements() throws {
        let lines = [
            (1, "tuned", "base", "first"), (1, "base", "tuned", "second"),
            (2, "tuned", "base", "first"), (2, "base", "tuned", "first"),
            (3, "tuned", "base", "base"), (3, "base", "tuned", "base"), (4, "tuned", "base", "tie"),
        ]
        let text = lines.map { #"{"line": \#($0.0), "first": "\#($0.1)", "second": "\#($0.2)", "winner": "\#($0.3)", "judge": "j"}"# }
        let file = try PairwiseJudgements(text: text.joined(separator: "\n"), path: "j.jsonl")
        func arm(_ name: String, _ output: String) -> ArmResult {
            ArmResult(
                arm: Arm(name: name, kind: .base, model: "m"),
                items: (1...4).map { ItemResult(line: $0, prompt: "q", expected: "e", output: output) }, figures: [:],
                usage: .init(promptTokens: nil, outputTokens: nil, secondsPerItem: nil))
        }
        let pair = try #require(JudgedPair(file, arm: arm("tuned", "a longer answer"), baseline: arm("base", "short")))
        #expect((pair.rate.wins, pair.rate.ties, pair.rate.losses) == (1, 1, 1))
        #expect(abs(pair.flips.value - 1.0 / 3) < 1e-12 && pair.oneOrderOnly == 1 && pair.judges == ["j"])
        #expect(pair.longerWins?.value == 0.5)
        #expect(throws: JudgementError.self) { try PairwiseJudgements(text: "", path: "j") }
        #expect(throws: JudgementError.self) {
            try PairwiseJudgements(text: #"{"line": 1, "first": "a", "second": "b", "winner": "c"}"#, path: "j")
        }
    }

    @Test("code is run with its tests only where that is allowed, and neither hangs, floods nor leaves early unpunished")
    func code() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else { return }
        var row = example("Write add(a, b).", "def add(a, b):\n    return a + b")
        row.metadata = ["tests": "assert add(2, 3) == 5"]
        #expect(checks.checked(ItemResult(row, output: row.completion), row).scores[.testsPass] == nil)
        var checks = checks
        var sandbox = CodeSandbox()
        sandbox.seconds = 2
        checks.code = sandbox
        func passes(_ output: String) -> Bool { checks.checked(ItemResult(row, output: output), row).scores[.testsPass] == 1 }
        #expect(passes(row.completion))
        #expect(passes("Here it is:\n```python\ndef add(a, b): return b + a\n```\nDone."))
        #expect(!passes("def add(a, b): return a - b"))
        #expect(!passes("def add(a, b): return a + b\nimport sys; sys.exit(0)"))
        #expect(!passes("while True: pass"))
        #expect(!passes("x = 'a' * (1 << 31)\ndef add(a, b): return a + b"))
        #expect(!passes("def add(a, b)"))
        if sandbox.hasNoNetwork {
            #expect(!passes("import socket\nsocket.create_connection(('127.0.0.1', 1))\ndef add(a, b): return a + b"))
            let names = "import socket\nassert len(socket.if_nameindex()) == 1\ndef add(a, b): return a + b"
            #expect(passes(names))
        }
        row.metadata = ["tests": "[ \"$(add 2 3)\" = 5 ]", "language": "bash"]
        #expect(passes("add() { echo $(($1 + $2)); }") && !passes("add() { echo 6; }"))
    }

    private func example(_ request: String, _ answer: String) -> Example {
        Example(
            place: RowPlace(file: 0, line: 1, byteOffset: 0), shape: .messages,
            body: .chat([ChatMessage(role: .user, content: request), ChatMessage(role: .assistant, content: answer)]))
    }
}

@Suite("Seeds as a level of their own")
struct SeedLevelTests {
    @Test("runs that differ widen the interval beyond that of one run, equal runs do not")
    func level() throws {
        let one = arm { $0 % 10 < 8 }
        let equal = try #require(SeedLevel(.exactMatch, [one, one, one])), figure = try #require(one.figures[.exactMatch])
        #expect(abs(equal.mean.value - figure.value) < 1e-12 && equal.lowest == equal.highest)
        #expect(abs((equal.mean.high - equal.mean.low) - (figure.high - figure.low)) < 0.02)
        let spread = try #require(SeedLevel(.exactMatch, [arm { $0 % 10 < 6 }, one, arm { _ in true }]))
        #expect(spread.values == [0.6, 0.8, 1] && abs(spread.mean.value - 0.8) < 1e-12)
        #expect(spread.mean.high - spread.mean.low > 1.5 * (equal.mean.high - equal.mean.low))
    }

    @Test("two ways of training differ only beyond the chance of their seeds")
    func difference() throws {
        let low = [arm { $0 % 10 < 5 }, arm { $0 % 10 < 7 }, arm { $0 % 10 < 9 }]
        let chance = try #require(SeedLevel.difference(.exactMatch, of: low.reversed(), against: [low[1], low[0], low[1]]))
        #expect(!chance.excludes(0))
        let sure = try #require(SeedLevel.difference(.exactMatch, of: [arm { _ in true }], against: low))
        #expect(sure.excludes(0) && abs(sure.value - 0.3) < 1e-12 && sure.n == 200)
        #expect(SeedLevel(.bleu, low) == nil)
    }

    private func arm(_ isRight: (Int) -> Bool) -> ArmResult {
        let items = (0..<200).map {
            ItemResult(line: $0 + 1, prompt: "q\($0)", expected: "yes", output: isRight($0) ? "yes" : "no")
        }
        return ArmResult(
            arm: Arm(name: "tuned", kind: .tuned, model: "m"), items: items,
            scoring: ItemScoring(metrics: [.exactMatch], expected: ["yes"]))
    }
}
