import JSONText
import Testing

@Suite("JSON is read strictly")
struct JSONParserTests {
    @Test(
        "Texts of RFC 8259 are read",
        arguments: [
            (#"null"#, nil), (#" true "#, true), (#"[]"#, []), (#"{}"#, [:]),
            (#"[1, -2, 0]"#, [1, -2, 0]),
            (#"{"a": {"b": ["c"]}}"#, ["a": ["b": ["c"]]]),
            (#""\u00e9\n\/\ud83d\ude00""#, "é\n/😀"),
            ("\"\u{2028}\u{7f}\"", "\u{2028}\u{7f}"),
            ("\t[\r\n1 ,2]\n", [1, 2]),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONValue.parse(text) == value)
    }

    @Test(
        "Everything else is refused with its reason and place",
        arguments: [
            ("", .empty, 1, 1), ("  \n", .empty, 2, 1),
            ("{\"a\": 1,}", .trailingComma, 1, 9), ("[1,]", .trailingComma, 1, 4),
            ("{'a': 1}", .singleQuotes, 1, 2), ("[None]", .foreignLiteral("None"), 1, 2),
            ("[NaN]", .foreignLiteral("NaN"), 1, 2), ("-Infinity", .foreignLiteral("-Infinity"), 1, 1),
            ("[01]", .leadingZero, 1, 2), ("[-01]", .leadingZero, 1, 3),
            ("[1.]", .unexpected("]", wanted: .digit), 1, 4),
            ("[+1]", .unexpected("+", wanted: .value), 1, 2), ("1 2", .textAfterValue, 1, 3),
            ("\"a\tb\"", .controlCharacter(9), 1, 3), (#""\x""#, .unknownEscape("x"), 1, 3),
            (#""\ud800""#, .loneSurrogate, 1, 2), (#""\ud800\ud800""#, .loneSurrogate, 1, 2),
            (#""\udc00""#, .loneSurrogate, 1, 2), (#""\u12g4""#, .badUnicodeEscape, 1, 2),
            ("{\"a\"\n 1}", .unexpected("1", wanted: .colon), 2, 2),
            ("{\"a\":1 \"b\"}", .unexpected("\"", wanted: .commaOrBrace), 1, 8),
            ("[1 é]", .unexpected("é", wanted: .commaOrBracket), 1, 4), ("[", .unexpectedEnd(in: .literal), 1, 2),
            ("[1", .unexpectedEnd(in: .array), 1, 3), ("{\"é\":", .unexpectedEnd(in: .object), 1, 6),
            ("\"abc", .unexpectedEnd(in: .string), 1, 5), ("\"abc\\", .unexpectedEnd(in: .string), 1, 6),
            ("-", .unexpectedEnd(in: .number), 1, 2), ("1e", .unexpectedEnd(in: .number), 1, 3),
            ("nul", .unexpected("n", wanted: .value), 1, 1), ("\u{FEFF}1", .byteOrderMark, 1, 1),
        ] as [(String, JSONSyntaxError.Reason, Int, Int)])
    func refuses(text: String, reason: JSONSyntaxError.Reason, line: Int, column: Int) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue.parse(text) }
        #expect(error.reason == reason)
        #expect(error.line == line)
        #expect(error.column == column)
    }

    @Test("Bytes that are no UTF-8 are refused where they stand")
    func refusesBadUTF8() throws {
        for bytes in [[0x22, 0x61, 0xFF, 0x22], [0x22, 0x5C, 0x6E, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22]] as [[UInt8]] {
            let error = try #require(throws: JSONSyntaxError.self) { try JSONValue.parse(utf8: bytes) }
            #expect(error.reason == .notUTF8)
            #expect(bytes[error.byteOffset] >= 0x80)
        }
    }

    @Test("Nesting beyond the limit is refused, not a crash")
    func limitsDepth() throws {
        let deep = String(repeating: "[", count: 100_000)
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue.parse(deep) }
        #expect(error.reason == .tooDeep(limit: 512))
        #expect(throws: Never.self) {
            try JSONValue.parse(String(repeating: "[", count: 512) + String(repeating: "]", count: 512))
        }
    }

    @Test("Every prefix of a text is refused and every changed byte is survived")
    func survivesDamage() {
        let text = #"{"k\u00e9y": [1.5e-3, "tw\"o", null, true, {"x": []}], "é😀": "\ud83d\ude00", "n": -0}"#
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(utf8: Array(bytes[..<count])) }
        }
        for place in bytes.indices {
            for byte in UInt8.min...UInt8.max {
                var damaged = bytes
                damaged[place] = byte
                if let value = try? JSONValue.parse(utf8: damaged) {
                    #expect((try? JSONValue.parse(utf8: value.utf8())) == value)
                }
            }
        }
    }

    @Test("Strings of every length around the eight-byte stride are read whole")
    func readsEveryLength() throws {
        for count in 0..<40 {
            for ending in ["", "\\n", "é", "\\u0041z"] {
                let body = String(repeating: "a", count: count)
                let wanted = body + ["": "", "\\n": "\n", "é": "é", "\\u0041z": "Az"][ending, default: ""]
                #expect(try JSONValue.parse("\"\(body)\(ending)\"") == .string(wanted))
            }
        }
    }

    @Test("One value after the other can be read from one text")
    func readsValuesInARow() throws {
        let bytes = Array("{\"a\":1}\n{\n \"a\": 2\n} 3 ".utf8)
        let values = try bytes.withUnsafeBufferPointer { bytes in
            var values: [JSONValue] = []
            var offset = 0
            while let next = try JSONValue.parseNext(utf8: bytes, from: offset) {
                values.append(next.value)
                offset = next.end
            }
            return values
        }
        #expect(values == [["a": 1], ["a": 2], 3])
    }
}
