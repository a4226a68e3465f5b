/// Why a template cannot be read or rendered, and on which of its lines.
package struct ChatTemplateError: Error, Sendable, Hashable {
    package var reason: Reason
    /// Counted from 1: where the statement or expression begins.
    package var line: Int

    package init(reason: Reason, line: Int) {
        self.reason = reason
        self.line = line
    }

    package enum Reason: Error, Sendable, Hashable {
        // The template cannot be read.
        /// What was begun on that line is never ended.
        case unclosed(String)
        case unexpected(String, wanted: String)
        case unknownStatement(String)
        case unknownFilter(String)
        case unknownTest(String)
        /// Jinja has it, hone does not: following it halfway would render another text than transformers does.
        case unsupported(String)

        // The template refused the conversation.
        /// `raise_exception(message)`.
        case raised(String)

        // The template failed on the conversation, as it would in Python.
        case undefined(String)
        case noAttribute(type: String, name: String)
        case noElement(type: String, element: String)
        /// A loop asks for what is before its first or behind its last item, or a macro for an argument it was not given.
        case notThere(String)
        case unsafe(type: String, attribute: String)
        case cannotConcatenate(String, with: String)
        case badOperands(String, left: String, right: String)
        case badOperand(String, operand: String)
        case notIterable(String)
        case notContainer(String)
        case notCallable(String)
        case noLength(String)
        case notJSON(String)
        case badArguments(of: String)
        case badValue(String, of: String)
        case badUnpacking(wanted: Int, found: Int)
        case divisionByZero

        // Limits that no honest template reaches.
        case tooDeep(limit: Int)
        case tooMuchWork(limit: Int)
        case tooLarge(limit: Int)
    }
}

extension ChatTemplateError.Reason: CustomStringConvertible {
    /// In the words of Jinja and Python, which people find when they search for them.
    package var description: String {
        switch self {
        case .unclosed(let what): "TemplateSyntaxError: '\(what)' is never closed"
        case .unexpected(let found, let wanted): "TemplateSyntaxError: expected \(wanted), got \(found)"
        case .unknownStatement(let name): "TemplateSyntaxError: Encountered unknown tag '\(name)'."
        case .unknownFilter(let name): "TemplateAssertionError: No filter named '\(name)'."
        case .unknownTest(let name): "TemplateAssertionError: No test named '\(name)'."
        case .unsupported(let what): "unsupported: \(what)"
        case .raised(let message): "TemplateError: \(message)"
        case .undefined(let name): "UndefinedError: '\(name)' is undefined"
        case .noAttribute(let type, let name): "UndefinedError: '\(type) object' has no attribute '\(name)'"
        case .noElement(let type, let element): "UndefinedError: \(type) object has no element \(element)"
        case .notThere(let hint): "UndefinedError: \(hint)"
        case .unsafe(let type, let attribute):
            "SecurityError: access to attribute '\(attribute)' of '\(type)' object is unsafe."
        case .cannotConcatenate(let type, let other):
            "TypeError: can only concatenate \(type) (not \"\(other)\") to \(type)"
        case .badOperands(let sign, let left, let right):
            ["<", ">", "<=", ">="].contains(sign)
                ? "TypeError: '\(sign)' not supported between instances of '\(left)' and '\(right)'"
                : "TypeError: unsupported operand type(s) for \(sign): '\(left)' and '\(right)'"
        case .badOperand(let sign, let operand): "TypeError: bad operand type for unary \(sign): '\(operand)'"
        case .notIterable(let type): "TypeError: '\(type)' object is not iterable"
        case .notContainer(let type): "TypeError: argument of type '\(type)' is not iterable"
        case .notCallable(let type): "TypeError: '\(type)' object is not callable"
        case .noLength(let type): "TypeError: object of type '\(type)' has no len()"
        case .notJSON(let type): "TypeError: Object of type \(type) is not JSON serializable"
        case .badArguments(let callee): "TypeError: \(callee) got arguments it does not take"
        case .badValue(let value, let callee): "ValueError: \(callee) cannot work with \(value)"
        case .badUnpacking(let wanted, let found) where found < wanted:
            "ValueError: not enough values to unpack (expected \(wanted), got \(found))"
        case .badUnpacking(let wanted, _): "ValueError: too many values to unpack (expected \(wanted))"
        case .divisionByZero: "ZeroDivisionError: division by zero"
        case .tooDeep(let limit): "RecursionError: nested deeper than \(limit)"
        case .tooMuchWork(let limit): "the template takes more than \(limit) steps"
        case .tooLarge(let limit): "the template makes a value of more than \(limit) bytes"
        }
    }
}

extension ChatTemplateError: CustomStringConvertible {
    package var description: String { "\(reason) (line \(line) of the template)" }
}
