import JSONText

extension RowProblem {
    /// A few words for a list of rows.
    var brief: String {
        switch self {
        case .notJSON(let error): "column \(error.column): \(error.reason.brief)"
        case .notAnObject(let kind): kind.rawValue
        case .unknownShape(let keys): keys.isEmpty ? "no keys" : "keys: " + keys.joined(separator: ", ")
        case .preferencePair: "chosen and rejected"
        case .missing(let field): "no \(field)"
        case .wrongKind(let field, let found, let wanted): "\(field) is \(found.rawValue), wanted \(wanted)"
        case .noMessages: "an empty list of messages"
        case .noAnswer: "no assistant message that is trained"
        case .emptyAnswer: "nothing but space"
        case .unknownRole(let role, let message): "\"\(role)\" in message \(message + 1)"
        case .unsupportedPart(let type, let message): "\(type) in message \(message + 1)"
        case .fieldCount(let found, let wanted): "\(found) cells, header has \(wanted)"
        }
    }
}

extension JSONSyntaxError.Reason {
    fileprivate var brief: String {
        switch self {
        case .empty: "nothing"
        case .unexpectedEnd(let part): "ends inside \(part == .literal ? "a value" : "a \(part.rawValue)")"
        case .unexpected(let scalar, let wanted): "\(scalar) instead of \(wanted.rawValue)"
        case .textAfterValue: "text after the object"
        case .byteOrderMark: "a byte order mark"
        case .notUTF8: "bytes that are no UTF-8"
        case .controlCharacter(let byte): byte == 9 ? "a raw tab in a string" : "control character \(byte) in a string"
        case .unknownEscape(let scalar): "unknown escape \\\(scalar)"
        case .badUnicodeEscape: "a broken \\u escape"
        case .loneSurrogate: "half of a surrogate pair"
        case .leadingZero: "a number with a leading zero"
        case .trailingComma: "a comma before the closing bracket"
        case .singleQuotes: "single quotes"
        case .foreignLiteral(let word): "\(word) is not JSON"
        case .tooDeep(let limit): "nested deeper than \(limit)"
        }
    }
}
