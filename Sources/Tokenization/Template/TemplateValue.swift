import JSONText

/// A value while a template runs; named and typed as in Python, because templates print and compare such values.
enum TemplateValue {
    /// Missing; prints nothing, and what is said when more is asked of it.
    case undefined(ChatTemplateError.Reason)
    case none
    case bool(Bool)
    case int(Int)
    /// A whole number beyond 64 bits, which can be passed on and printed only.
    case bigInt(String)
    case float(Double)
    case text(TemplateText)
    case list(TemplateList)
    case tuple(TemplateList)
    case dict(TemplateDict)
    case namespace(TemplateNamespace)
    case macro(TemplateMacro)
    case loop(TemplateLoop)
    /// One of the names every template knows.
    case function(String)
    case method(TemplateMethod)

    static func text(_ string: String) -> TemplateValue { .text(TemplateText(string)) }
    static func list(_ items: [TemplateValue]) -> TemplateValue { .list(TemplateList(items)) }
    static func tuple(_ items: [TemplateValue]) -> TemplateValue { .tuple(TemplateList(items)) }
}

/// Items in order. Depth and weight are known at any time, so that a template cannot nest or share values until walking
/// them overflows the stack or never ends.
struct TemplateList {
    let items: [TemplateValue]
    let depth: Int
    /// How many values a walk over it visits, shared ones as often as they occur.
    let weight: Int

    init(_ items: [TemplateValue]) {
        self.items = items
        depth = 1 + (items.lazy.map(\.depth).max() ?? 0)
        weight = items.reduce(1) { $0.addingSaturated($1.weight) }
    }
}

extension Int {
    fileprivate func addingSaturated(_ other: Int) -> Int {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}

extension TemplateValue {
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list): list.depth
        case .dict(let dict): dict.depth
        case .method(let method): 1 + method.receiver.depth
        default: 0
        }
    }

    var weight: Int {
        switch self {
        case .text(let text): 1 + text.string.utf8.count / 32
        case .list(let list), .tuple(let list): list.weight
        case .dict(let dict): dict.weight
        default: 1
        }
    }
}

/// A string, and whether it was declared safe: Python escapes what is joined to a safe string.
struct TemplateText {
    var string: String
    var isSafe: Bool

    init(_ string: String, isSafe: Bool = false) {
        self.string = string
        self.isSafe = isSafe
    }

    var escaped: String {
        guard !isSafe else { return string }
        var result = ""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "'": result += "&#39;"
            case "\"": result += "&#34;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// A mapping in the order of insertion.
struct TemplateDict {
    private(set) var keys: [TemplateValue] = []
    private(set) var values: [TemplateValue] = []
    private(set) var depth = 1
    private(set) var weight = 1

    var count: Int { keys.count }
    var pairs: [TemplateValue] { zip(keys, values).map { .tuple([$0, $1]) } }

    subscript(name: String) -> TemplateValue? { place(ofName: name).map { values[$0] } }

    func value(for key: TemplateValue) -> TemplateValue? {
        if case .text(let text) = key { return self[text.string] }
        return keys.firstIndex { $0.isEqual(to: key) }.map { values[$0] }
    }

    mutating func set(_ key: TemplateValue, to value: TemplateValue) {
        let place: Int?
        if case .text(let text) = key {
            place = self.place(ofName: text.string)
        } else {
            place = keys.firstIndex { $0.isEqual(to: key) }
        }
        if let place {
            values[place] = value
        } else {
            keys.append(key)
            values.append(value)
        }
        measure(value)
    }

    /// Replaced values count on: the measures are upper bounds.
    private mutating func measure(_ value: TemplateValue) {
        depth = Swift.max(depth, 1 + value.depth)
        weight = weight.addingSaturated(1).addingSaturated(value.weight)
    }

    /// The caller knows that the key is new.
    fileprivate mutating func append(_ name: String, _ value: TemplateValue) {
        keys.append(.text(name))
        values.append(value)
        measure(value)
    }

    private func place(ofName name: String) -> Int? {
        keys.firstIndex { key in
            if case .text(let text) = key { return PythonString.isEqual(text.string, name) }
            return false
        }
    }
}

/// The one value that a template can change from inside a loop.
final class TemplateNamespace {
    var members: [String: TemplateValue]

    init(members: [String: TemplateValue]) { self.members = members }

    /// Namespaces can hold each other; whoever made them lets go of their members when the template is done.
    func clear() { members = [:] }
}

final class TemplateMacro {
    let syntax: TemplateMacroSyntax
    /// Where it was defined: names in its body mean what they mean there, at the time of the call.
    let scope: TemplateScope

    init(syntax: TemplateMacroSyntax, scope: TemplateScope) {
        self.syntax = syntax
        self.scope = scope
    }
}

/// What `loop` is inside a loop.
final class TemplateLoop {
    let items: [TemplateValue]
    let depth: Int
    var index = 0

    init(items: [TemplateValue], depth: Int) {
        self.items = items
        self.depth = depth
    }
}

/// `value.name`, waiting to be called.
final class TemplateMethod {
    let receiver: TemplateValue
    let name: String

    init(receiver: TemplateValue, name: String) {
        self.receiver = receiver
        self.name = name
    }
}

/// Names and their values, inside out.
final class TemplateScope {
    private var values: [String: TemplateValue]
    let parent: TemplateScope?

    init(values: [String: TemplateValue] = [:], parent: TemplateScope?) {
        self.values = values
        self.parent = parent
    }

    func set(_ name: String, to value: TemplateValue) { values[name] = value }

    /// A macro and the scope it was defined in hold each other, until the template is done.
    func clear() { values = [:] }

    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let here = scope {
            if let value = here.values[name] { return value }
            scope = here.parent
        }
        return nil
    }
}

extension TemplateValue {
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .number(let number):
            if number.isInteger {
                self = Int(number.text).map(TemplateValue.int) ?? .bigInt(number.text)
            } else {
                self = .float(Double(number.text) ?? .nan)
            }
        case .string(let string): self = .text(string)
        case .array(let elements): self = .list(elements.map(TemplateValue.init(_:)))
        case .object(let object):
            var dict = TemplateDict()
            for member in object { dict.append(member.key, TemplateValue(member.value)) }
            self = .dict(dict)
        }
    }

    /// The name of the Python type.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .int, .bigInt: "int"
        case .float: "float"
        case .text(let text): text.isSafe ? "Markup" : "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dict: "dict"
        case .namespace: "Namespace"
        case .macro: "Macro"
        case .loop: "LoopContext"
        case .function: "function"
        case .method: "builtin_function_or_method"
        }
    }

    /// As Jinja names the owner of a missing attribute.
    var ownerName: String {
        if case .none = self { return "None" }
        return typeName
    }

    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .text(let text): !text.string.isEmpty
        case .list(let list), .tuple(let list): !list.items.isEmpty
        case .dict(let dict): dict.count > 0
        case .bigInt, .namespace, .macro, .loop, .function, .method: true
        }
    }

    /// A number as Python counts: `True` is 1.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .bigInt(let text): Double(text)
        case .float(let value): value
        default: nil
        }
    }

    var integer: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): value
        default: nil
        }
    }

    func isEqual(to other: TemplateValue) -> Bool {
        switch (self, other) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.text(let one), .text(let two)): return PythonString.isEqual(one.string, two.string)
        case (.list(let one), .list(let two)), (.tuple(let one), .tuple(let two)):
            return one.items.count == two.items.count && zip(one.items, two.items).allSatisfy { $0.isEqual(to: $1) }
        case (.dict(let one), .dict(let two)):
            return one.count == two.count
                && zip(one.keys, one.values).allSatisfy { key, value in two.value(for: key)?.isEqual(to: value) ?? false }
        case (.bigInt(let one), .bigInt(let two)): return one == two
        case (.namespace(let one), .namespace(let two)): return one === two
        case (.macro(let one), .macro(let two)): return one === two
        case (.loop(let one), .loop(let two)): return one === two
        case (.function(let one), .function(let two)): return one == two
        default:
            if let one = integer, let two = other.integer { return one == two }
            if let one = number, let two = other.number { return one == two }
            return false
        }
    }
}
