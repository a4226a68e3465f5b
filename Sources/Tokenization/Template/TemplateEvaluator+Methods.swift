import Glibc

extension TemplateEvaluator {
    static let functionNames: Set<String> = ["range", "dict", "namespace", "raise_exception", "strftime_now"]

    /// As in Jinja's sandbox.
    private static let rangeLimit = 100_000

    func call(function name: String, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        switch name {
        case "raise_exception":
            let message = try arguments.bound(to: ["message"], of: name)[0] ?? .none
            throw .raised(try string(message))
        case "namespace":
            var members: [String: TemplateValue] = [:]
            for value in arguments.positional {
                guard case .dict(let dict) = value else { throw .badArguments(of: name) }
                for (key, value) in zip(dict.keys, dict.values) { members[try string(key)] = value }
            }
            for (key, value) in arguments.named { members[key] = value }
            return try newNamespace(members)
        case "dict":
            var dict = TemplateDict()
            for value in arguments.positional {
                guard case .dict(let base) = value, dict.count == 0 else { throw .badArguments(of: name) }
                dict = base
            }
            for (key, value) in arguments.named { dict.set(.text(key), to: value) }
            return .dict(dict)
        case "strftime_now":
            let format = try arguments.bound(to: ["format"], of: name)[0]
            guard case .text(let text)? = format else { throw .badArguments(of: name) }
            return .text(Self.date(clock(), text.string))
        default:
            return try range(arguments)
        }
    }

    private func range(_ arguments: CallArguments) throws(Failure) -> TemplateValue {
        var bounds: [Int] = []
        for value in arguments.positional {
            try refuseUndefined(value)
            guard let bound = value.integer else { throw .badValue("a \(value.typeName)", of: "range") }
            bounds.append(bound)
        }
        guard (1...3).contains(bounds.count), arguments.named.isEmpty else { throw .badArguments(of: "range") }
        let (start, stop, step) = (
            bounds.count > 1 ? bounds[0] : 0, bounds.count > 1 ? bounds[1] : bounds[0], bounds.count > 2 ? bounds[2] : 1
        )
        guard step != 0 else { throw .badValue("a step of zero", of: "range") }
        let distance = Double(stop) - Double(start)
        guard distance / Double(step) <= Double(Self.rangeLimit) else { throw .tooLarge(limit: Self.rangeLimit) }
        return .list(stride(from: start, to: stop, by: step).map(TemplateValue.int))
    }

    /// Local time, as Python's `datetime.now().strftime`.
    private static func date(_ seconds: Int, _ format: String) -> String {
        guard !format.isEmpty else { return "" }
        var moment = time_t(seconds)
        var parts = tm()
        localtime_r(&moment, &parts)
        var bytes = [CChar](repeating: 0, count: 64 + 64 * format.utf8.count)
        let count = strftime(&bytes, bytes.count, format, &parts)
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Members

    private static let textMethods: Set<String> = [
        "capitalize", "count", "endswith", "find", "isalnum", "isalpha", "isdigit", "islower", "isspace", "isupper", "join",
        "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rpartition", "rsplit", "rstrip",
        "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
    ]
    private static let dictMethods: Set<String> = ["copy", "get", "items", "keys", "values"]
    private static let listMethods: Set<String> = ["copy", "count", "index"]

    /// In Python but not here: finding nothing would render another text.
    private static let otherMembers: [String: Set<String>] = [
        "str": [
            "casefold", "center", "encode", "expandtabs", "format", "format_map", "index", "isascii", "isdecimal",
            "isidentifier", "isnumeric", "isprintable", "istitle", "ljust", "maketrans", "rindex", "rjust", "translate",
        ],
        "dict": ["fromkeys"],
        "int": [
            "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag", "is_integer",
            "numerator", "real", "to_bytes",
        ],
        "float": ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"],
        "LoopContext": ["cycle", "changed", "depth", "depth0", "iter", "nextitem", "previtem"],
        "Macro": ["arguments", "catch_kwargs", "catch_varargs", "caller", "name"],
    ]

    /// Methods that change their value; the sandbox hides them.
    private static let mutating: [String: Set<String>] = [
        "list": ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"],
        "dict": ["clear", "pop", "popitem", "setdefault", "update"],
    ]

    /// A member that the value's Python type has; nil when it has none of that name.
    func member(_ name: String, of owner: TemplateValue) throws(Failure) -> TemplateValue? {
        let type = owner.typeName == "Markup" ? "str" : owner.typeName == "bool" ? "int" : owner.typeName
        if name.hasPrefix("_") || Self.mutating[type]?.contains(name) ?? false {
            if case .dict(let dict) = owner, name.hasPrefix("_"), let value = dict[name] { return value }
            return .undefined(.unsafe(type: owner.typeName, attribute: name))
        }
        let isMethod: Bool
        switch owner {
        case .text: isMethod = Self.textMethods.contains(name)
        case .dict: isMethod = Self.dictMethods.contains(name)
        case .list: isMethod = Self.listMethods.contains(name)
        case .tuple: isMethod = name != "copy" && Self.listMethods.contains(name)
        case .namespace(let namespace): return namespace.members[name]
        case .loop(let loop):
            if let value = Self.member(name, of: loop) { return value }
            isMethod = false
        default: isMethod = false
        }
        if isMethod { return try made(.method(TemplateMethod(receiver: owner, name: name))) }
        if Self.otherMembers[type]?.contains(name) ?? false { throw .unsupported("\(type).\(name)") }
        return nil
    }

    private static func member(_ name: String, of loop: TemplateLoop) -> TemplateValue? {
        let count = loop.items.count
        switch name {
        case "index": return .int(loop.index + 1)
        case "index0": return .int(loop.index)
        case "revindex": return .int(count - loop.index)
        case "revindex0": return .int(count - loop.index - 1)
        case "first": return .bool(loop.index == 0)
        case "last": return .bool(loop.index == count - 1)
        case "length": return .int(count)
        case "depth": return .int(loop.depth)
        case "depth0": return .int(loop.depth - 1)
        case "previtem":
            return loop.index > 0 ? loop.items[loop.index - 1] : .undefined(.notThere("there is no previous item"))
        case "nextitem":
            return loop.index + 1 < count ? loop.items[loop.index + 1] : .undefined(.notThere("there is no next item"))
        default: return nil
        }
    }

    func call(_ method: TemplateMethod, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        try spend(method.receiver.weight)
        switch method.receiver {
        case .text(let text): return try call(method.name, of: text, arguments)
        case .dict(let dict): return try call(method.name, of: dict, arguments)
        case .list(let list), .tuple(let list): return try call(method.name, of: list, isTuple: false, arguments)
        default: throw .notCallable(method.receiver.typeName)
        }
    }

    private func call(_ name: String, of dict: TemplateDict, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        guard name == "get" else {
            _ = try arguments.bound(to: [], of: "dict.\(name)")
            switch name {
            case "items": return .list(dict.pairs)
            case "keys": return .list(dict.keys)
            case "values": return .list(dict.values)
            default: return .dict(dict)
            }
        }
        let bound = try arguments.bound(to: ["key", "default"], of: "dict.get")
        guard let key = bound[0], arguments.named.isEmpty else { throw .badArguments(of: "dict.get") }
        return dict.value(for: try hashable(key)) ?? bound[1] ?? .none
    }

    private func call(
        _ name: String, of list: TemplateList, isTuple: Bool, _ arguments: CallArguments
    ) throws(Failure) -> TemplateValue {
        if name == "copy" { return .list(list) }
        guard let wanted = try arguments.bound(to: ["value"], of: "list.\(name)")[0] else {
            throw .badArguments(of: "list.\(name)")
        }
        if name == "count" { return .int(list.items.count { $0.isEqual(to: wanted) }) }
        guard let place = list.items.firstIndex(where: { $0.isEqual(to: wanted) }) else {
            throw .badValue("a value that is not there", of: "list.index")
        }
        return .int(place)
    }
}
