extension TemplateEvaluator {
    func evaluate(_ expression: TemplateExpression, _ scope: TemplateScope) throws(Failure) -> TemplateValue {
        try descend()
        defer { ascend() }
        switch expression {
        case .constant(let constant): return Self.value(of: constant)
        case .name(let name): return value(named: name, scope)
        case .list(let items): return try made(.list(try evaluate(all: items, scope)))
        case .tuple(let items): return try made(.tuple(try evaluate(all: items, scope)))
        case .dict(let pairs): return try dict(pairs, scope)
        case .attribute(let owner, let name): return try attribute(name, of: try evaluate(owner, scope))
        case .element(let owner, let index):
            let owner = try evaluate(owner, scope)
            return try element(try evaluate(index, scope), of: owner)
        case .slice(let owner, let start, let stop, let step):
            return try slice(owner, start, stop, step, scope)
        case .call(let callee, let arguments): return try call(callee, arguments, scope)
        case .filter(let value, let filter): return try apply(filter, to: try evaluate(value, scope), scope)
        case .test(let value, let test): return .bool(try passes(test, try evaluate(value, scope), scope))
        case .not(let value): return .bool(!(try evaluate(value, scope).isTrue))
        case .signed(let sign, let value): return try signed(sign, try evaluate(value, scope))
        case .operation(let sign, let left, let right):
            let left = try evaluate(left, scope)
            return try operate(sign, left, try evaluate(right, scope))
        case .all(let left, let right):
            let left = try evaluate(left, scope)
            return left.isTrue ? try evaluate(right, scope) : left
        case .any(let left, let right):
            let left = try evaluate(left, scope)
            return left.isTrue ? left : try evaluate(right, scope)
        case .joined(let parts): return try join(try evaluate(all: parts, scope))
        case .compare(let value, let others): return try compare(value, others, scope)
        case .conditional(let value, let condition, let otherwise):
            if try evaluate(condition, scope).isTrue { return try evaluate(value, scope) }
            guard let otherwise else {
                return .undefined(.notThere("the inline if-expression evaluated to false and no else section was defined."))
            }
            return try evaluate(otherwise, scope)
        }
    }

    private static func value(of constant: TemplateExpression.Constant) -> TemplateValue {
        switch constant {
        case .none: .none
        case .bool(let value): .bool(value)
        case .integer(let text): Int(text).map(TemplateValue.int) ?? .bigInt(text)
        case .float(let value): .float(value)
        case .string(let text): .text(text)
        }
    }

    private func value(named name: String, _ scope: TemplateScope) -> TemplateValue {
        if let value = scope.value(of: name) { return value }
        return Self.functionNames.contains(name) ? .function(name) : .undefined(.undefined(name))
    }

    private func evaluate(all expressions: [TemplateExpression], _ scope: TemplateScope) throws(Failure) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for expression in expressions { values.append(try evaluate(expression, scope)) }
        return values
    }

    private func dict(
        _ pairs: [(key: TemplateExpression, value: TemplateExpression)], _ scope: TemplateScope
    ) throws(Failure) -> TemplateValue {
        var dict = TemplateDict()
        for pair in pairs {
            let key = try evaluate(pair.key, scope)
            dict.set(try hashable(key), to: try evaluate(pair.value, scope))
        }
        return try made(.dict(dict))
    }

    func hashable(_ key: TemplateValue) throws(Failure) -> TemplateValue {
        switch key {
        case .list, .dict, .undefined: throw .badValue("a \(key.typeName) as key", of: "dict")
        default: return key
        }
    }

    // MARK: Parts of values

    /// `owner.name`: a method or member of Python's type first, then an entry.
    private func attribute(_ name: String, of owner: TemplateValue) throws(Failure) -> TemplateValue {
        try refuseUndefined(owner)
        if let value = try member(name, of: owner) { return value }
        if case .dict(let dict) = owner, let value = dict[name] { return value }
        return .undefined(.noAttribute(type: owner.ownerName, name: name))
    }

    /// `owner[index]`: an entry first, then a method or member.
    private func element(_ index: TemplateValue, of owner: TemplateValue) throws(Failure) -> TemplateValue {
        try refuseUndefined(owner)
        if case .undefined(let reason) = index { throw reason }
        switch owner {
        case .dict(let dict):
            try spend(dict.count / 8)
            if let value = dict.value(for: index) { return value }
        case .list(let list), .tuple(let list):
            if let place = index.integer, let item = Self.item(place, of: list.items) { return item }
        case .text(let text):
            let scalars = Array(text.string.unicodeScalars)
            try spend(scalars.count / 8)
            if let place = index.integer, let scalar = Self.item(place, of: scalars) {
                return .text(TemplateText(String(Character(scalar)), isSafe: text.isSafe))
            }
        default: break
        }
        if case .text(let name) = index {
            if let value = try member(name.string, of: owner) { return value }
            return .undefined(.noAttribute(type: owner.ownerName, name: name.string))
        }
        let shown = try PythonText.representation(index, limit: Self.textLimit)
        return .undefined(.noElement(type: owner.ownerName, element: shown))
    }

    private static func item<Element>(_ place: Int, of items: [Element]) -> Element? {
        let place = place < 0 ? place + items.count : place
        return items.indices.contains(place) ? items[place] : nil
    }

    func refuseUndefined(_ values: TemplateValue...) throws(Failure) {
        for value in values {
            if case .undefined(let reason) = value { throw reason }
        }
    }

    private func slice(
        _ owner: TemplateExpression, _ start: TemplateExpression?, _ stop: TemplateExpression?, _ step: TemplateExpression?,
        _ scope: TemplateScope
    ) throws(Failure) -> TemplateValue {
        let owner = try evaluate(owner, scope)
        let start = try bound(start, scope)
        let stop = try bound(stop, scope)
        let step = try bound(step, scope) ?? 1
        try refuseUndefined(owner)
        guard step != 0 else { throw .badValue("a step of zero", of: "slice") }
        switch owner {
        case .list(let list): return try made(.list(Self.slice(list.items, start, stop, step)))
        case .tuple(let list): return try made(.tuple(Self.slice(list.items, start, stop, step)))
        case .text(let text):
            var part = String.UnicodeScalarView()
            part.append(contentsOf: Self.slice(Array(text.string.unicodeScalars), start, stop, step))
            try spend(text.string.utf8.count / 8)
            return try made(.text(TemplateText(String(part), isSafe: text.isSafe)))
        default:
            return .undefined(.noElement(type: owner.ownerName, element: "slice"))
        }
    }

    private func bound(_ expression: TemplateExpression?, _ scope: TemplateScope) throws(Failure) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression, scope)
        try refuseUndefined(value)
        if case .none = value { return nil }
        guard let place = value.integer else { throw .badValue("a \(value.typeName)", of: "slice") }
        return place
    }

    private static func slice<Element>(_ items: [Element], _ start: Int?, _ stop: Int?, _ step: Int) -> [Element] {
        let count = items.count
        func clamped(_ place: Int, low: Int, high: Int) -> Int {
            Swift.min(Swift.max(place < 0 ? Swift.max(place, -count - 1) + count : place, low), high)
        }
        var result: [Element] = []
        if step > 0 {
            var place = clamped(start ?? 0, low: 0, high: count)
            let end = clamped(stop ?? count, low: 0, high: count)
            while place < end {
                result.append(items[place])
                let (next, isPast) = place.addingReportingOverflow(step)
                if isPast { break }
                place = next
            }
        } else {
            var place = start.map { clamped($0, low: -1, high: count - 1) } ?? count - 1
            let end = stop.map { clamped($0, low: -1, high: count - 1) } ?? -1
            while place > end {
                result.append(items[place])
                let (next, isPast) = place.addingReportingOverflow(step)
                if isPast { break }
                place = next
            }
        }
        return result
    }

    /// What a loop or a filter goes through.
    func items(of value: TemplateValue) throws(Failure) -> [TemplateValue] {
        try spend(value.weight == 1 ? 1 : 2)
        switch value {
        case .undefined: return []
        case .list(let list), .tuple(let list): return list.items
        case .dict(let dict): return dict.keys
        case .text(let text):
            try spend(text.string.utf8.count)
            return text.string.unicodeScalars.map { .text(TemplateText(String(Character($0)), isSafe: text.isSafe)) }
        default: throw .notIterable(value.typeName)
        }
    }

    func string(_ value: TemplateValue) throws(Failure) -> String {
        try PythonText.string(value, limit: Self.textLimit)
    }

    // MARK: Calls

    private func call(
        _ callee: TemplateExpression, _ arguments: TemplateArguments, _ scope: TemplateScope
    ) throws(Failure) -> TemplateValue {
        let callee = try evaluate(callee, scope)
        let arguments = try evaluate(arguments, scope)
        switch callee {
        case .macro(let macro): return try call(macro, arguments)
        case .function(let name): return try made(try call(function: name, arguments))
        case .method(let method): return try made(try call(method, arguments))
        case .undefined(let reason): throw reason
        default: throw .notCallable(callee.typeName)
        }
    }

    func evaluate(_ arguments: TemplateArguments, _ scope: TemplateScope) throws(Failure) -> CallArguments {
        var values = CallArguments(positional: try evaluate(all: arguments.positional, scope))
        for argument in arguments.named { values.named.append((argument.name, try evaluate(argument.value, scope))) }
        return values
    }
}
