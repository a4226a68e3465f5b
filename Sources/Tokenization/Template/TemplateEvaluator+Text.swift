extension TemplateEvaluator {
    /// Methods of Python's `str`.
    func call(_ name: String, of text: TemplateText, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        let string = text.string
        let callee = "str.\(name)"
        func safe(_ result: String) -> TemplateValue { .text(TemplateText(result, isSafe: text.isSafe)) }
        func safe(_ parts: [String]) -> TemplateValue { .list(parts.map { safe($0) }) }
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try optionalText(arguments, 0, of: callee)
            return safe(PythonString.strip(string, characters, start: name != "rstrip", end: name != "lstrip"))
        case "split", "rsplit":
            return safe(try split(string, arguments, fromEnd: name == "rsplit", of: callee))
        case "splitlines":
            let keepsEnds = try arguments.bound(to: ["keepends"], of: callee)[0]?.isTrue ?? false
            return safe(PythonString.splitLines(string, keepsEnds: keepsEnds))
        case "partition", "rpartition":
            let separator = try requiredText(arguments, 0, count: 1, of: callee)
            guard !separator.isEmpty else { throw .badValue("an empty separator", of: callee) }
            let parts = PythonString.split(string, by: separator, limit: 1, fromEnd: name == "rpartition")
            if parts.count == 2 { return .tuple([safe(parts[0]), safe(separator), safe(parts[1])]) }
            return name == "partition" ? .tuple([safe(string), safe(""), safe("")]) : .tuple([safe(""), safe(""), safe(string)])
        case "replace":
            let old = try requiredText(arguments, 0, count: 3, of: callee)
            let new = try requiredText(arguments, 1, count: 3, of: callee)
            let limit = try optionalInteger(arguments, 2, of: callee) ?? -1
            try spend(string.utf8.count * max(1, new.utf8.count) / 32)
            return safe(PythonString.replace(string, old, by: new, limit: limit < 0 ? .max : limit))
        case "removeprefix", "removesuffix":
            let part = try requiredText(arguments, 0, count: 1, of: callee)
            let isPrefix = name == "removeprefix"
            guard isPrefix ? string.utf8.starts(with: part.utf8) : hasSuffix(string, part) else { return safe(string) }
            let bytes = isPrefix ? string.utf8.dropFirst(part.utf8.count) : string.utf8.dropLast(part.utf8.count)
            return safe(String(Substring(bytes)))
        case "startswith", "endswith":
            return .bool(try hasAffix(string, arguments, isPrefix: name == "startswith", of: callee))
        case "find", "rfind", "count":
            return .int(try find(name, in: string, try requiredText(arguments, 0, count: 1, of: callee)))
        case "join":
            return try joined(try arguments.bound(to: ["iterable"], of: callee)[0] ?? .none, by: text)
        case "zfill":
            let width = try optionalInteger(arguments, 0, of: callee) ?? 0
            guard width <= Self.textLimit else { throw .tooLarge(limit: Self.textLimit) }
            let isSigned = string.hasPrefix("-") || string.hasPrefix("+")
            let zeros = String(repeating: "0", count: max(0, width - string.unicodeScalars.count))
            return safe(isSigned ? String(string.prefix(1)) + zeros + String(string.dropFirst()) : zeros + string)
        default:
            _ = try arguments.bound(to: [], of: callee)
            return Self.changedCase(name, string).map { safe($0) } ?? .bool(Self.isAll(name, string))
        }
    }

    private static func changedCase(_ name: String, _ text: String) -> String? {
        switch name {
        case "upper": text.uppercased()
        case "lower": text.lowercased()
        case "capitalize": PythonString.capitalize(text)
        case "title": PythonString.title(text)
        case "swapcase":
            text.unicodeScalars.map { scalar in
                scalar.properties.isUppercase ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
            }.joined()
        default: nil
        }
    }

    private static func isAll(_ name: String, _ text: String) -> Bool {
        let scalars = text.unicodeScalars
        switch name {
        case "islower", "isupper":
            let cased = scalars.filter(\.properties.isCased)
            return !cased.isEmpty
                && cased.allSatisfy { name == "islower" ? $0.properties.isLowercase : $0.properties.isUppercase }
        case "isspace": return !scalars.isEmpty && scalars.allSatisfy { PythonString.isSpace($0.value) }
        default:
            return !scalars.isEmpty
                && scalars.allSatisfy { scalar in
                    let type = scalar.properties.numericType
                    let isDigit = type == .decimal || type == .digit
                    let isLetter =
                        switch scalar.properties.generalCategory {
                        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
                        default: false
                        }
                    return switch name {
                    case "isalpha": isLetter
                    case "isdigit": isDigit
                    default: isLetter || type != nil
                    }
                }
        }
    }

    private func hasSuffix(_ text: String, _ part: String) -> Bool { text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8) }

    private func hasAffix(
        _ text: String, _ arguments: CallArguments, isPrefix: Bool, of callee: String
    ) throws(Failure) -> Bool {
        let wanted = try arguments.bound(to: ["prefix"], of: callee)[0] ?? .none
        var parts = [wanted]
        if case .tuple(let list) = wanted { parts = list.items }
        for part in parts {
            try refuseUndefined(part)
            guard case .text(let part) = part else { throw .badValue("a \(part.typeName)", of: callee) }
            if isPrefix ? text.utf8.starts(with: part.string.utf8) : hasSuffix(text, part.string) { return true }
        }
        return false
    }

    private func split(
        _ text: String, _ arguments: CallArguments, fromEnd: Bool, of callee: String
    ) throws(Failure) -> [String] {
        let bound = try arguments.bound(to: ["sep", "maxsplit"], of: callee)
        if let value = bound[1], value.integer == nil { throw .badValue("a \(value.typeName)", of: callee) }
        let limit = bound[1]?.integer.map { $0 < 0 ? .max : $0 } ?? .max
        try spend(text.utf8.count / 8)
        switch bound[0] ?? .none {
        case .none:
            guard !fromEnd || limit == .max else { throw .unsupported("rsplit by spaces with a limit") }
            return PythonString.splitWords(text, limit: limit)
        case .text(let separator):
            guard !separator.string.isEmpty else { throw .badValue("an empty separator", of: callee) }
            return PythonString.split(text, by: separator.string, limit: limit, fromEnd: fromEnd)
        case .undefined(let reason): throw reason
        case let other: throw .badValue("a \(other.typeName)", of: callee)
        }
    }

    /// Places are counted in code points.
    private func find(_ name: String, in text: String, _ part: String) throws(Failure) -> Int {
        let bytes = Array(text.utf8)
        guard !part.isEmpty else {
            let count = text.unicodeScalars.count
            return name == "find" ? 0 : name == "count" ? count + 1 : count
        }
        let places = PythonString.places(of: part, in: bytes, limit: name == "find" ? 1 : .max)
        if name == "count" { return places.count }
        guard var place = places.first else { return -1 }
        if name == "rfind" {
            let start = PythonString.split(text, by: part, limit: 1, fromEnd: true)[0]
            place = start.utf8.count
        }
        return bytes[..<place].count { $0 & 0xC0 != 0x80 }
    }

    func joined(_ items: TemplateValue, by separator: TemplateText) throws(Failure) -> TemplateValue {
        var parts: [TemplateText] = []
        for item in try self.items(of: items) {
            try refuseUndefined(item)
            guard case .text(let text) = item else { throw .badValue("a \(item.typeName)", of: "str.join") }
            parts.append(text)
        }
        let isSafe = separator.isSafe
        let strings = parts.map { isSafe ? $0.escaped : $0.string }
        try limitJoined(strings, separator.string)
        return .text(TemplateText(strings.joined(separator: separator.string), isSafe: isSafe))
    }

    func limitJoined(_ strings: [String], _ separator: String) throws(Failure) {
        let size = strings.reduce(0) { $0 + $1.utf8.count + separator.utf8.count }
        guard size <= Self.textLimit + separator.utf8.count else { throw .tooLarge(limit: Self.textLimit) }
        try spend(size / 32)
    }

    // MARK: Arguments

    func requiredText(_ arguments: CallArguments, _ place: Int, count: Int, of callee: String) throws(Failure) -> String {
        guard arguments.positional.count <= count else { throw .badArguments(of: callee) }
        guard let text = try optionalText(arguments, place, of: callee) else { throw .badArguments(of: callee) }
        return text
    }

    func optionalText(_ arguments: CallArguments, _ place: Int, of callee: String) throws(Failure) -> String? {
        guard arguments.named.isEmpty else { throw .badArguments(of: callee) }
        guard arguments.positional.indices.contains(place) else { return nil }
        switch arguments.positional[place] {
        case .text(let text): return text.string
        case .none: return nil
        case .undefined(let reason): throw reason
        case let other: throw .badValue("a \(other.typeName)", of: callee)
        }
    }

    func optionalInteger(_ arguments: CallArguments, _ place: Int, of callee: String) throws(Failure) -> Int? {
        guard arguments.positional.indices.contains(place) else { return nil }
        let value = arguments.positional[place]
        try refuseUndefined(value)
        guard let integer = value.integer else { throw .badValue("a \(value.typeName)", of: callee) }
        return integer
    }
}
