import Testing
import YAMLText

private func read(_ text: String) throws -> YAMLMap { try YAMLNode.parse(text, file: "a.yaml").map() }
private func place(_ line: Int, _ column: Int) -> YAMLPlace { YAMLPlace(file: "a.yaml", line: line, column: column) }

@Suite("Reading YAML strictly")
struct YAMLNodeTests {
    @Test("values come out with the type they were written in")
    func typedValues() throws {
        let map = try read("name: hone\ncount: 12\nshare: 2e-5\nopen: yes\nlist: [a, b]\none: a\nnone:\n")
        #expect(try map.required("name").string() == "hone")
        #expect(try map.required("count").int() == 12)
        #expect(try map.required("count").double() == 12)
        #expect(try map.required("share").double() == 2e-5)
        #expect(try map.required("open").bool())
        #expect(try map.required("list").strings() == ["a", "b"])
        #expect(try map.required("one").strings() == ["a"])
        #expect(map.optional("none") == nil)
        #expect(map.contains("none"))
        try map.finish()
    }

    @Test("quotes keep a number, a yes and nothing a text")
    func quotesMeanText() throws {
        let map = try read("a: '5'\nb: \"yes\"\nc: ''\n")
        #expect(throws: YAMLError.wrongType(expected: .wholeNumber, found: .text, text: "5", place(1, 4))) {
            try map.required("a").int()
        }
        #expect(throws: YAMLError.self) { try map.required("b").bool() }
        #expect(try map.required("c").string() == "")
    }

    @Test("words Swift would take for numbers are refused", arguments: ["nan", "inf", "0x1p3", "1_000", "1,000", "--1", "1.5.2"])
    func notNumbers(text: String) throws {
        #expect(throws: YAMLError.self) { try read("a: \(text)").required("a").double() }
    }

    @Test("an unknown key names its line and the key that was probably meant")
    func unknownKey() throws {
        let map = try read("learning_rate: 1\nlerning_rate: 2\n")
        _ = try map.required("learning_rate")
        #expect(throws: YAMLError.unknownKey("lerning_rate", known: ["learning_rate"], place(2, 1))) { try map.finish() }
    }

    @Test("a key written twice is an error, whatever its quotes", arguments: ["a: 1\na: 2\n", "a: 1\n\"a\": 2\n"])
    func duplicateKey(text: String) throws {
        #expect { try read(text) } throws: { error in
            if case YAMLError.duplicateKey("a", _) = error { true } else { false }
        }
    }

    @Test("a missing key points at the map that lacks it")
    func missingKey() throws {
        let map = try read("outer:\n  inner: 1\n").required("outer").map()
        #expect(throws: YAMLError.missingKey("other", place(2, 3))) { try map.required("other") }
    }

    @Test("anchors are refused, so a small file cannot expand without end")
    func anchors() throws {
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
        #expect { try read(bomb) } throws: { error in
            if case YAMLError.anchor = error { true } else { false }
        }
    }

    @Test(
        "broken text is one error with a place, never a crash",
        arguments: ["", "# only a comment\n", "a: [1, 2", "\t- x", "a: b: c", "%", "a: \"\\q\"", "? [a]\n: 1", "--- 1\n--- 2\n", "\u{0}"])
    func broken(text: String) {
        #expect(throws: YAMLError.self) { try read(text) }
    }

    @Test("deep nesting is an error, not a stack overflow")
    func deepNesting() {
        #expect(throws: YAMLError.self) {
            try YAMLNode.parse(String(repeating: "[", count: 100_000), file: "a.yaml")
        }
    }

    @Test(
        "a spelled text reads back as the same text",
        arguments: [
            "plain words", "yes", "No", "12", "1e5", "", " lead", "trail ", "a: b", "# c", "line\nbreak", "tab\t", "\"q\"", "it's",
            "null", "~", "-", "- a", "é ü", "\u{1}\u{85}\u{FEFF}", "/a/b-c.jsonl", "[x]", "{}", "a\\b", "*x", "&x", "@x", "%x", "n",
        ])
    func spelling(text: String) throws {
        #expect(try read("a: \(YAMLScalar.spelling(of: text))\n").required("a").string() == text)
        #expect(try read("a: [\(YAMLScalar.spelling(of: text)), b]\n").required("a").strings() == [text, "b"])
    }
}

@Suite("Did you mean")
struct DidYouMeanTests {
    let known = ["learning_rate", "rank", "packing", "max_length", "max_steps"]

    @Test(
        "a slip finds the word that was meant",
        arguments: [("lerning_rate", "learning_rate"), ("pakcing", "packing"), ("Rank", "rank"), ("max_lenght", "max_length")])
    func slips(typed: String, meant: String) {
        #expect(didYouMean(typed, among: known) == meant)
    }

    @Test("a word far from everything gets no guess", arguments: ["colour", "", "x", String(repeating: "z", count: 5000)])
    func noGuess(typed: String) {
        #expect(didYouMean(typed, among: known) == nil)
    }
}
