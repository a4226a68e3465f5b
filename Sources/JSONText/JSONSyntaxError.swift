/// Why a text is not JSON, and where.
package struct JSONSyntaxError: Error, Sendable, Hashable {
    package var reason: Reason
    /// Counted from 1; a line ends at a line feed.
    package var line: Int
    /// Counted from 1, in Unicode scalars.
    package var column: Int
    /// Counted from 0.
    package var byteOffset: Int

    package init(reason: Reason, line: Int, column: Int, byteOffset: Int) {
        self.reason = reason
        self.line = line
        self.column = column
        self.byteOffset = byteOffset
    }

    package enum Reason: Sendable, Hashable {
        case empty
        case unexpectedEnd(in: Part)
        case unexpected(Unicode.Scalar, wanted: Wanted)
        case textAfterValue
        case byteOrderMark
        case notUTF8
        /// A raw tab or line break inside a string: it has to be escaped.
        case controlCharacter(UInt8)
        case unknownEscape(Unicode.Scalar)
        case badUnicodeEscape
        /// Half of a surrogate pair: no character of any text.
        case loneSurrogate
        case leadingZero
        case trailingComma
        /// A string in single quotes: Python's `repr`, not JSON.
        case singleQuotes
        /// `None`, `True`, `False`, `NaN`, `Infinity`, `undefined`.
        case foreignLiteral(String)
        case tooDeep(limit: Int)
    }

    /// What was being read when the text ended.
    package enum Part: String, Sendable, Hashable {
        case string, number, array, object, literal
    }

    package enum Wanted: String, Sendable, Hashable {
        case value = "a value"
        case key = "a key in double quotes"
        case colon = "':'"
        case commaOrBracket = "',' or ']'"
        case commaOrBrace = "',' or '}'"
        case digit = "a digit"
    }
}
