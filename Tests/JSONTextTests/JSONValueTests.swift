import JSONText
import Testing

@Suite("JSON values keep what the file said")
struct JSONValueTests {
    @Test("Numbers keep their text and still count")
    func numbers() throws {
        let value = try JSONValue.parse("[1e30, 12345678901234567890, 1.0, 1e400, -0, 1e3, 0.1]")
        #expect(value.text() == "[1e30,12345678901234567890,1.0,1e400,-0,1e3,0.1]")
        #expect(value[0]?.doubleValue == 1e30)
        #expect(value[1]?.intValue == nil)
        #expect(value[2]?.intValue == 1)
        #expect(value[3]?.doubleValue == nil)
        #expect(value[5]?.intValue == 1000)
        #expect(value[6]?.intValue == nil)
        #expect(JSONValue(Double.nan) == .null)
        #expect(JSONNumber(text: "1 ") == nil)
        #expect(JSONNumber(text: "1.50")?.text == "1.50")
    }

    @Test("A key written twice is named and its last value counts")
    func duplicateKeys() throws {
        let object = try #require(try JSONValue.parse(#"{"a":1,"b":2,"a":3}"#).objectValue)
        #expect(object.duplicateKeys == ["a"])
        #expect(object["a"] == 3)
        #expect(object.keys == ["a", "b"])
    }

    @Test("Members keep their order, in small and large objects; equality does not ask for it")
    func objects() throws {
        var object = JSONObject((0..<100).map { ("k\($0)", JSONValue($0)) })
        #expect(object.keys == (0..<100).map { "k\($0)" })
        #expect(object["k57"] == 57)
        object["k57"] = nil
        #expect(object["k57"] == nil)
        #expect(object["k99"] == 99)
        object["k57"] = "new"
        #expect(object.keys.last == "k57")
        let one: JSONValue = ["a": 1, "b": [2]]
        let other: JSONValue = ["b": [2], "a": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one != ["a": 1, "b": [3]])
    }

    @Test("Each style writes as its name says")
    func styles() {
        let value: JSONValue = ["b": [1, nil, true], "a": ["x": "é\"\\\n\u{1}"], "e": [], "o": [:]]
        #expect(value.text() == #"{"b":[1,null,true],"a":{"x":"é\"\\\n\u0001"},"e":[],"o":{}}"#)
        #expect(value.text(.pythonStyle) == #"{"b": [1, null, true], "a": {"x": "é\"\\\n\u0001"}, "e": [], "o": {}}"#)
        #expect(value.text(.canonical) == #"{"a":{"x":"é\"\\\n\u0001"},"b":[1,null,true],"e":[],"o":{}}"#)
        #expect(
            value.text(.pretty) == """
                {
                  "b": [
                    1,
                    null,
                    true
                  ],
                  "a": {
                    "x": "é\\"\\\\\\n\\u0001"
                  },
                  "e": [],
                  "o": {}
                }
                """)
    }

    @Test("Accessors answer only for their own kind")
    func accessors() {
        let value: JSONValue = ["s": "x", "n": 2, "b": false, "l": [1], "z": nil]
        #expect(value["s"]?.stringValue == "x")
        #expect(value["s"]?.intValue == nil)
        #expect(value["n"]?.intValue == 2)
        #expect(value["b"]?.boolValue == false)
        #expect(value["l"]?[1] == nil)
        #expect(value["z"]?.isNull == true)
        #expect(value["missing"] == nil)
        #expect(value[0] == nil)
        #expect(value.kind == .object)
    }
}
