extension TemplateEvaluator {
    /// `map('upper')`, `map(attribute='name', default=…)`.
    func map(_ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        var results: [TemplateValue] = []
        guard value.isTrue else { return .list([]) }
        if let path = arguments.named.first(where: { $0.name == "attribute" })?.value {
            guard arguments.positional.isEmpty, arguments.named.allSatisfy({ ["attribute", "default"].contains($0.name) })
            else { throw .badArguments(of: "filter 'map'") }
            let fallback = arguments.named.first { $0.name == "default" }?.value
            for item in try items(of: value) {
                let found = try member(path, of: item)
                if case .undefined = found, let fallback { results.append(fallback) } else { results.append(found) }
            }
            return .list(results)
        }
        guard case .text(let name)? = arguments.positional.first else { throw .badArguments(of: "filter 'map'") }
        guard Self.filterNames.contains(name.string) else { throw .unknownFilter(name.string) }
        let rest = CallArguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
        for item in try items(of: value) { results.append(try made(try apply(name.string, to: item, rest))) }
        return .list(results)
    }

    /// `select`, `reject`, and by an attribute of each item.
    func select(_ name: String, _ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        // As in Jinja: nothing, of whatever kind, is gone through without a complaint.
        guard value.isTrue else { return .list([]) }
        var rest = arguments
        var path: TemplateValue?
        if name.hasSuffix("attr") {
            guard !rest.positional.isEmpty else { throw .badArguments(of: "filter '\(name)'") }
            path = rest.positional.removeFirst()
        }
        var test: String?
        if !rest.positional.isEmpty {
            guard case .text(let given) = rest.positional.removeFirst() else { throw .badArguments(of: "filter '\(name)'") }
            guard Self.testNames.contains(given.string) else { throw .unknownTest(given.string) }
            test = given.string
        }
        var kept: [TemplateValue] = []
        for item in try items(of: value) {
            let tested = try path.map { path throws(Failure) in try member(path, of: item) } ?? item
            let passes = try test.map { test throws(Failure) in try self.passes(test, tested, rest) } ?? tested.isTrue
            if passes == name.hasPrefix("select") { kept.append(item) }
        }
        return .list(kept)
    }

    /// `item.a.b` or `item[0]`, as filters take the name of an attribute; entries only, as Jinja's `environment.getitem`.
    func member(_ path: TemplateValue, of item: TemplateValue) throws(Failure) -> TemplateValue {
        guard case .text(let text) = path else {
            return try evaluate(.element(.name("item"), .name("index")), TemplateScope(values: ["item": item, "index": path], parent: nil))
        }
        var value = item
        for part in PythonString.split(text.string, by: ".", limit: .max) {
            let index: TemplateValue = part.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(part).map(TemplateValue.int) ?? .text(part) : .text(part)
            value = try evaluate(.element(.name("item"), .name("index")), TemplateScope(values: ["item": value, "index": index], parent: nil))
        }
        return value
    }

    /// `sort`, `unique`, `dictsort`, `min`, `max`: text without regard to case unless asked.
    func ordered(_ name: String, _ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        let names =
            switch name {
            case "sort": ["reverse", "case_sensitive", "attribute"]
            case "dictsort": ["case_sensitive", "by", "reverse"]
            default: ["case_sensitive", "attribute"]
            }
        let bound = try arguments.bound(to: names, of: "filter '\(name)'")
        func option(_ name: String) -> TemplateValue? { names.firstIndex(of: name).flatMap { bound[$0] } }
        let isCaseSensitive = option("case_sensitive")?.isTrue ?? false
        let isReversed = option("reverse")?.isTrue ?? false
        if name == "dictsort" {
            guard case .dict(let dict) = value else { throw .badValue("a \(value.typeName)", of: "filter 'dictsort'") }
            var byValue = false
            if case .text(let by)? = option("by") { byValue = by.string == "value" }
            let keyed = zip(dict.pairs, byValue ? dict.values : dict.keys).map {
                (item: $0, key: folded($1, isCaseSensitive))
            }
            return .list(try sorted(keyed, isReversed: isReversed))
        }
        var keyed: [(item: TemplateValue, key: TemplateValue)] = []
        for item in try items(of: value) {
            let key = try option("attribute").map { path throws(Failure) in try member(path, of: item) } ?? item
            keyed.append((item, folded(key, isCaseSensitive)))
        }
        switch name {
        case "sort": return .list(try sorted(keyed, isReversed: isReversed))
        case "unique":
            var seen: [TemplateValue] = []
            var kept: [TemplateValue] = []
            for (item, key) in keyed {
                try spend(seen.count)
                if seen.contains(where: { $0.isEqual(to: key) }) { continue }
                seen.append(key)
                kept.append(item)
            }
            return .list(kept)
        default:
            guard var best = keyed.first else {
                return .undefined(.notThere("No aggregated item, sequence was empty."))
            }
            for candidate in keyed.dropFirst() {
                let isBetter = try name == "min" ? isLess(candidate.key, best.key) : isLess(best.key, candidate.key)
                if isBetter { best = candidate }
            }
            return best.item
        }
    }

    private func folded(_ value: TemplateValue, _ isCaseSensitive: Bool) -> TemplateValue {
        guard !isCaseSensitive, case .text(let text) = value else { return value }
        return .text(TemplateText(text.string.lowercased(), isSafe: text.isSafe))
    }

    /// A stable merge sort: the comparison can fail, which Swift's own sort does not allow for typed errors.
    private func sorted(
        _ keyed: [(item: TemplateValue, key: TemplateValue)], isReversed: Bool
    ) throws(Failure) -> [TemplateValue] {
        var runs = keyed.map { [$0] }
        while runs.count > 1 {
            var merged: [[(item: TemplateValue, key: TemplateValue)]] = []
            for start in stride(from: 0, to: runs.count, by: 2) {
                guard start + 1 < runs.count else {
                    merged.append(runs[start])
                    continue
                }
                merged.append(try merge(runs[start], runs[start + 1], isReversed: isReversed))
            }
            runs = merged
        }
        return (runs.first ?? []).map(\.item)
    }

    private func merge(
        _ one: [(item: TemplateValue, key: TemplateValue)], _ two: [(item: TemplateValue, key: TemplateValue)],
        isReversed: Bool
    ) throws(Failure) -> [(item: TemplateValue, key: TemplateValue)] {
        var result: [(item: TemplateValue, key: TemplateValue)] = []
        var (i, j) = (0, 0)
        while i < one.count, j < two.count {
            try spend()
            let takesSecond = try isReversed ? isLess(one[i].key, two[j].key) : isLess(two[j].key, one[i].key)
            result.append(takesSecond ? two[j] : one[i])
            if takesSecond { j += 1 } else { i += 1 }
        }
        return result + one[i...] + two[j...]
    }

    /// `int`, `float`, `round`, `sum`, `attr`.
    func withOptions(_ name: String, _ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        switch name {
        case "int":
            let fallback = try arguments.bound(to: ["default", "base"], of: "filter 'int'")
            if let base = fallback[1], base.integer != 10 { throw .unsupported("the filter int with a base") }
            if let integer = value.integer { return .int(integer) }
            if case .text(let text) = value, let integer = Int(PythonString.strip(text.string, nil)) { return .int(integer) }
            if let number = self.number(of: value), let integer = Int(exactly: number.rounded(.towardZero)) { return .int(integer) }
            return fallback[0] ?? .int(0)
        case "float":
            let fallback = try arguments.bound(to: ["default"], of: "filter 'float'")[0]
            return number(of: value).map(TemplateValue.float) ?? fallback ?? .float(0)
        case "round":
            let bound = try arguments.bound(to: ["precision", "method"], of: "filter 'round'")
            guard bound[1] == nil, bound[0] == nil || bound[0]?.integer == 0 else { throw .unsupported("the filter round with options") }
            guard let number = value.number else { throw .badValue("a \(value.typeName)", of: "filter 'round'") }
            return value.integer.map(TemplateValue.int) ?? .float(number.rounded(.toNearestOrEven))
        case "sum":
            let bound = try arguments.bound(to: ["attribute", "start"], of: "filter 'sum'")
            var sum = bound[1] ?? .int(0)
            for item in try items(of: value) {
                let item = try bound[0].map { path throws(Failure) in try member(path, of: item) } ?? item
                sum = try operate("+", sum, item)
            }
            return sum
        default:
            guard case .text(let path)? = try arguments.bound(to: ["name"], of: "filter 'attr'")[0] else {
                throw .badArguments(of: "filter 'attr'")
            }
            try refuseUndefined(value)
            return try member(path.string, of: value) ?? .undefined(.noAttribute(type: value.ownerName, name: path.string))
        }
    }

    private func number(of value: TemplateValue) -> Double? {
        if case .text(let text) = value { return Double(PythonString.strip(text.string, nil)) }
        return value.number
    }
}
