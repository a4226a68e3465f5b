import Foundation
import RuleEngine

/// The rules of this checkout, found from this file's own place.
enum ShippedRuleBook {
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("rules").path

    static func load(withCases: Bool = false) throws -> RuleBook {
        try RuleBook.load(RuleFolder(path: path), withCases: withCases)
    }
}
