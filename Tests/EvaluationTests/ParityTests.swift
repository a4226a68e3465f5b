import Foundation
import JSONText
import Testing

@testable import Evaluation

/// Against `Tests/Oracles/metrics/metrics.json`, made by the script beside it with sacrebleu, rouge-score and jsonschema.
@Suite("Parity of metrics")
struct ParityTests {
    let root: JSONValue
    var pairs: [FixtureRow] { (root["pairs"]?.arrayValue ?? []).map(FixtureRow.init) }

    init() throws { root = try OracleFile.json("metrics/metrics.json", from: #filePath) }

    @Test("BLEU and chrF of sentences are sacrebleu's to 1e-9")
    func sentences() {
        #expect(pairs.count == 300)
        for row in pairs {
            let output = row.text("output"), expected = row.text("expected")
            #expect(abs(BLEU(output: output, expected: expected).score(effectiveOrder: true) - row.double("bleu")) < 1e-9)
            #expect(abs(ChrF(output: output, expected: expected).score - row.double("chrf")) < 1e-9)
            #expect(abs(ChrF(output: output, expected: expected, wordOrder: 2).score - row.double("chrf_words")) < 1e-9)
        }
    }

    @Test("BLEU and chrF of a corpus are sacrebleu's to 1e-9, and no mean of sentences")
    func corpora() {
        for row in (root["corpora"]?.arrayValue ?? []).map(FixtureRow.init) {
            let part = pairs[row.int("first")..<(row.int("first") + row.int("count"))]
            let bleu = part.reduce(BLEU()) { $0 + BLEU(output: $1.text("output"), expected: $1.text("expected")) }
            let chrF = part.reduce(ChrF()) { $0 + ChrF(output: $1.text("output"), expected: $1.text("expected")) }
            #expect(abs(bleu.score() - row.double("bleu")) < 1e-9)
            #expect(abs(chrF.score - row.double("chrf")) < 1e-9)
        }
    }

    @Test("ROUGE is rouge-score's to 1e-9, stems and all")
    func rouge() {
        for row in pairs {
            let scores = ROUGE(output: row.text("output"), expected: row.text("expected"), .parity)
            #expect(abs(scores.one - row.double("rouge1")) < 1e-9)
            #expect(abs(scores.two - row.double("rouge2")) < 1e-9)
            #expect(abs(scores.longest - row.double("rougeL")) < 1e-9)
        }
    }

    @Test("the Unicode mode of ROUGE reads scripts that parity loses")
    func otherScripts() {
        #expect(ROUGE(output: "東京です", expected: "東京です", .parity).one == 0)
        #expect(ROUGE(output: "東京です", expected: "東京です", .unicode).longest == 1)
    }

    @Test("schemas accept what jsonschema accepts")
    func schemas() throws {
        var seen = 0
        for row in root["schemas"]?.arrayValue ?? [] {
            let schema = try JSONSchema(try #require(row["schema"]))
            for pair in row["values"]?.arrayValue ?? [] {
                let value = try #require(pair[0])
                #expect(schema.accepts(value) == pair[1]?.boolValue, "\(row["schema"]?.text() ?? "") \(value.text())")
                seen += 1
            }
        }
        #expect(seen == 480)
    }

    @Test(
        "a schema that is none is refused with its place",
        arguments: [
            (#"{"type": "text"}"#, "#/type"), (#"{"properties": 3}"#, "#/properties"), ("7", "#"),
            (#"{"properties": {"a": {"minimum": "x"}}}"#, "#/properties/a/minimum"), (#"{"enums": []}"#, "#"),
            (##"{"$ref": "#/$defs/nowhere"}"##, "#/$ref"), (#"{"pattern": "("}"#, "#/pattern"),
        ])
    func brokenSchemas(text: String, place: String) throws {
        let value = try JSONValue.parse(text)
        do {
            _ = try JSONSchema(value)
            Issue.record("\(text) was taken for a schema")
        } catch {
            #expect("\(error)".contains("\"\(place)"), "\(error)")
        }
    }

    @Test("the schema answers share knows their types and required keys")
    func inferredSchema() throws {
        let schema = try #require(JSONSchema.inferred(from: [#"{"a":1,"b":"x"}"#, #"{"a":2}"#]))
        #expect(schema.accepts(try JSONValue.parse(#"{"a":3}"#)))
        #expect(!schema.accepts(try JSONValue.parse(#"{"b":"y"}"#)))
        #expect(!schema.accepts(try JSONValue.parse(#"{"a":3,"c":1}"#)))
        #expect(JSONSchema.inferred(from: ["plain"]) == nil)
    }

    @Test("numbers that had to be known are counted, those of the request are not")
    func facts() {
        func score(_ prompt: String, _ expected: String, _ output: String) -> Double? {
            NumberFacts.score(ItemResult(line: 1, prompt: prompt, expected: expected, output: output))
        }
        #expect(score("3 bags of 25 kg?", "3 bags of 25 kg come to 22.65 euros.", "22.65") == 1)
        #expect(score("3 bags of 25 kg?", "3 bags of 25 kg come to 22.65 euros.", "22.65 or 13.90") == 0)
        #expect(score("When?", "On 2026-11-20.", "2026-11-20, I think") == 1)
        #expect(score("Is it 5?", "Yes, it is 5.", "no") == nil)
    }

    @Test(
        "the chosen letter is found in the usual spellings",
        arguments: [("B", "B"), ("(b)", "B"), ("B. Paris", "B"), ("The answer is C.", "C"), ("a good one: D", "D"), ("none", "")])
    func choices(text: String, letter: String) { #expect(ChoiceAnswer.letter(in: text).map(String.init) ?? "" == letter) }

    @Test("Holm and Benjamini-Hochberg adjust as published")
    func multiplicity() {
        let holm = MultipleTests.holm([0.01, 0.04, 0.03, 0.005])
        for (value, wanted) in zip(holm, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(value - wanted) < 1e-12) }
        let found = MultipleTests.benjaminiHochberg([0.01, 0.04, 0.03, 0.005])
        for (value, wanted) in zip(found, [0.02, 0.04, 0.04, 0.02]) { #expect(abs(value - wanted) < 1e-12) }
    }
}
