extension TemplateEvaluator {
    func signed(_ sign: String, _ value: TemplateValue) throws(Failure) -> TemplateValue {
        try refuseUndefined(value)
        if let integer = value.integer {
            return .int(sign == "-" ? try whole(0.subtractingReportingOverflow(integer)) : integer)
        }
        guard let number = value.number else { throw .badOperand(sign, operand: value.typeName) }
        return .float(sign == "-" ? -number : number)
    }

    /// Python's whole numbers have no limit, and these do.
    private func whole(_ result: (partialValue: Int, overflow: Bool)) throws(Failure) -> Int {
        guard !result.overflow else { throw .unsupported("whole numbers beyond 64 bits") }
        return result.partialValue
    }

    func operate(_ sign: String, _ left: TemplateValue, _ right: TemplateValue) throws(Failure) -> TemplateValue {
        try refuseUndefined(left, right)
        switch (sign, left, right) {
        case ("+", .text(let one), .text(let two)):
            let isSafe = one.isSafe || two.isSafe
            return try made(
                .text(TemplateText(isSafe ? one.escaped + two.escaped : one.string + two.string, isSafe: isSafe)))
        case ("+", .list(let one), .list(let two)): return try made(.list(one.items + two.items))
        case ("+", .tuple(let one), .tuple(let two)): return try made(.tuple(one.items + two.items))
        case ("*", _, _) where left.integer != nil || right.integer != nil:
            if let product = try repeated(left, right) { return product }
        case ("%", .text(let format), _): return try made(.text(try formatted(format, right)))
        default: break
        }
        if let one = left.integer, let two = right.integer { return try calculate(sign, one, two) }
        if let one = left.number, let two = right.number { return try calculate(sign, one, two) }
        switch (sign, left) {
        case ("+", .text), ("+", .list), ("+", .tuple): throw .cannotConcatenate(left.typeName, with: right.typeName)
        default: throw .badOperands(sign, left: left.typeName, right: right.typeName)
        }
    }

    /// `'ab' * 3`, `3 * [1]`; nil for two numbers.
    private func repeated(_ left: TemplateValue, _ right: TemplateValue) throws(Failure) -> TemplateValue? {
        let (value, count) = right.integer.map { (left, $0) } ?? (right, left.integer ?? 0)
        let times = max(0, count)
        func size(_ one: Int) throws(Failure) {
            let (product, isTooLarge) = one.multipliedReportingOverflow(by: times)
            guard !isTooLarge, product <= Self.textLimit else { throw .tooLarge(limit: Self.textLimit) }
        }
        switch value {
        case .text(let text):
            try size(text.string.utf8.count)
            return try made(.text(TemplateText(String(repeating: text.string, count: times), isSafe: text.isSafe)))
        case .list(let list):
            try size(32 * list.items.count)
            return try made(.list(Array([[TemplateValue]](repeating: list.items, count: times).joined())))
        case .tuple(let list):
            try size(32 * list.items.count)
            return try made(.tuple(Array([[TemplateValue]](repeating: list.items, count: times).joined())))
        default: return nil
        }
    }

    private func calculate(_ sign: String, _ one: Int, _ two: Int) throws(Failure) -> TemplateValue {
        switch sign {
        case "+": return .int(try whole(one.addingReportingOverflow(two)))
        case "-": return .int(try whole(one.subtractingReportingOverflow(two)))
        case "*": return .int(try whole(one.multipliedReportingOverflow(by: two)))
        case "**" where two >= 0:
            var power = 1
            for _ in 0..<min(two, 64) { power = try whole(power.multipliedReportingOverflow(by: one)) }
            guard two <= 64 || (-1...1).contains(one) else { throw .unsupported("whole numbers beyond 64 bits") }
            return .int(two > 64 && one == -1 && two % 2 == 1 ? -1 : power)
        case "//", "%":
            guard two != 0 else { throw .divisionByZero }
            let (quotient, isTooLarge) = one.dividedReportingOverflow(by: two)
            guard !isTooLarge else { throw .unsupported("whole numbers beyond 64 bits") }
            let remainder = one - quotient * two
            // Python rounds down, Swift towards zero.
            let isBetween = remainder != 0 && (remainder < 0) != (two < 0)
            return .int(sign == "//" ? quotient - (isBetween ? 1 : 0) : remainder + (isBetween ? two : 0))
        default: return try calculate(sign, Double(one), Double(two))
        }
    }

    private func calculate(_ sign: String, _ one: Double, _ two: Double) throws(Failure) -> TemplateValue {
        switch sign {
        case "+": return .float(one + two)
        case "-": return .float(one - two)
        case "*": return .float(one * two)
        case "/":
            guard two != 0 else { throw .divisionByZero }
            return .float(one / two)
        case "//", "%":
            guard two != 0 else { throw .divisionByZero }
            let remainder = one.truncatingRemainder(dividingBy: two)
            let isBetween = remainder != 0 && (remainder < 0) != (two < 0)
            return .float(sign == "//" ? (one / two).rounded(.down) : remainder + (isBetween ? two : 0))
        default: throw .unsupported("'\(sign)' of fractions")
        }
    }

    /// `'%s of %d' % (a, b)`.
    private func formatted(_ format: TemplateText, _ value: TemplateValue) throws(Failure) -> TemplateText {
        var values = [value]
        if case .tuple(let list) = value { values = list.items }
        var result = ""
        var used = 0
        var scalars = format.string.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            guard let kind = scalars.next() else { throw .badValue("an incomplete format", of: "%") }
            if kind == "%" {
                result += "%"
                continue
            }
            guard used < values.count else { throw .badArguments(of: "%") }
            switch kind {
            case "s": result += try string(values[used])
            case "r": result += try PythonText.representation(values[used], limit: Self.textLimit)
            case "d" where values[used].integer != nil: result += String(values[used].integer ?? 0)
            default: throw .unsupported("the format %\(Character(kind))")
            }
            used += 1
        }
        guard used == values.count else { throw .badArguments(of: "%") }
        return TemplateText(result, isSafe: format.isSafe)
    }

    /// `a ~ b`: as text; unlike `+` it knows nothing of safe strings.
    func join(_ values: [TemplateValue]) throws(Failure) -> TemplateValue {
        var result = ""
        for value in values {
            result += try string(value)
            guard result.utf8.count <= Self.textLimit else { throw .tooLarge(limit: Self.textLimit) }
        }
        return try made(.text(result))
    }

    // MARK: Comparisons

    func compare(
        _ value: TemplateExpression, _ others: [(sign: TemplateExpression.Comparison, other: TemplateExpression)],
        _ scope: TemplateScope
    ) throws(Failure) -> TemplateValue {
        var left = try evaluate(value, scope)
        for (sign, other) in others {
            let right = try evaluate(other, scope)
            guard try holds(left, sign, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    func holds(
        _ left: TemplateValue, _ sign: TemplateExpression.Comparison, _ right: TemplateValue
    ) throws(Failure) -> Bool {
        try spend(min(left.weight, right.weight))
        switch sign {
        case .equal: return left.isEqual(to: right)
        case .unequal: return !left.isEqual(to: right)
        case .isIn: return try contains(right, left)
        case .isNotIn: return !(try contains(right, left))
        case .less: return try isLess(left, right, sign)
        case .greater: return try isLess(right, left, sign, isSwapped: true)
        case .lessOrEqual: return try isLess(left, right, sign) || left.isEqual(to: right)
        case .greaterOrEqual: return try isLess(right, left, sign, isSwapped: true) || left.isEqual(to: right)
        }
    }

    func isLess(
        _ left: TemplateValue, _ right: TemplateValue, _ sign: TemplateExpression.Comparison = .less, isSwapped: Bool = false
    ) throws(Failure) -> Bool {
        try refuseUndefined(left, right)
        switch (left, right) {
        case (.text(let one), .text(let two)): return PythonString.isLess(one.string, two.string)
        case (.list(let one), .list(let two)), (.tuple(let one), .tuple(let two)):
            for (a, b) in zip(one.items, two.items) where !a.isEqual(to: b) {
                return try isLess(a, b, sign, isSwapped: isSwapped)
            }
            return one.items.count < two.items.count
        default:
            if let one = left.integer, let two = right.integer { return one < two }
            if let one = left.number, let two = right.number { return one < two }
            let names = isSwapped ? (right.typeName, left.typeName) : (left.typeName, right.typeName)
            throw .badOperands(sign.rawValue, left: names.0, right: names.1)
        }
    }

    func contains(_ container: TemplateValue, _ value: TemplateValue) throws(Failure) -> Bool {
        try spend(container.weight)
        switch container {
        case .text(let text):
            guard case .text(let part) = value else {
                try refuseUndefined(value)
                throw .badValue("a \(value.typeName) in a str", of: "in")
            }
            return PythonString.contains(text.string, part.string)
        case .list(let list), .tuple(let list): return list.items.contains { $0.isEqual(to: value) }
        case .dict(let dict): return dict.value(for: try hashable(value)) != nil
        case .undefined: return false
        default: throw .notContainer(container.typeName)
        }
    }
}
