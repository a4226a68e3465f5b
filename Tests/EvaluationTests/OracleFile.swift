import Foundation
import JSONText

/// Reads fixtures under `Tests/Oracles/`, found from the place of the test file.
enum OracleFile {
    static func json(_ path: String, from file: String) throws -> JSONValue {
        let tests = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
        let bytes = try Data(contentsOf: tests.appending(path: "Oracles/" + path))
        return try JSONValue.parse(String(decoding: bytes, as: UTF8.self))
    }
}
