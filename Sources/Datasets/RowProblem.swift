package import JSONText

/// Why one row cannot be used. The run goes on with the others.
package enum RowProblem: Error, Sendable, Hashable {
    /// The line, column and offset of the error are those of the file.
    case notJSON(JSONSyntaxError)
    case notAnObject(JSONValue.Kind)
    /// No known combination of keys.
    case unknownShape(keys: [String])
    /// `chosen` and `rejected`: data for preference tuning, not for supervised fine-tuning.
    case preferencePair
    case missing(field: String)
    case wrongKind(field: String, found: JSONValue.Kind, wanted: String)
    case noMessages
    case unknownRole(String, message: Int)
    /// A content part that is no text, such as an image.
    case unsupportedPart(type: String, message: Int)
    case noAnswer
    case emptyAnswer
    /// A CSV row with more or fewer fields than the header.
    case fieldCount(found: Int, wanted: Int)

    /// Stable name for counting and for `--json`.
    package var id: String {
        switch self {
        case .notJSON: "not_json"
        case .notAnObject: "not_an_object"
        case .unknownShape: "unknown_shape"
        case .preferencePair: "preference_pair"
        case .missing: "missing_field"
        case .wrongKind: "wrong_kind"
        case .noMessages: "no_messages"
        case .unknownRole: "unknown_role"
        case .unsupportedPart: "unsupported_part"
        case .noAnswer: "no_answer"
        case .emptyAnswer: "empty_answer"
        case .fieldCount: "field_count"
        }
    }
}
