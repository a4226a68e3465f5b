/// Renders a template tree: statements here, the rest beside it. One per rendering.
final class TemplateEvaluator {
    typealias Failure = ChatTemplateError.Reason

    /// Statements and expressions inside each other, macro calls included.
    static let depthLimit = 500
    static let workLimit = 20_000_000
    static let textLimit = 16 << 20
    /// How deep values may be nested; JSON text is never deeper than half of it.
    static let valueDepthLimit = 1_000

    let globals: TemplateScope
    private let limit: Int
    let clock: @Sendable () -> Int
    /// The line of the statement at hand.
    private(set) var line = 1
    private var depth = 0
    private var work = 0
    private var buffers: [Buffer] = [Buffer()]
    private var loopDepth = 0
    // Kept so that what holds itself can be taken apart at the end.
    private var namespaces: [TemplateNamespace] = []
    private var macroScopes: [TemplateScope] = []
    /// The line of a `{% generation %}` whose text went into a variable: where it ends up is not known.
    private(set) var lostGenerationLine: Int?
    private var captureDepth = 0

    /// Text being written, and the parts of it that an assistant generated.
    private struct Buffer {
        var text = ""
        var spans: [Range<Int>] = []
    }

    init(
        variables: [String: TemplateValue], limit: Int = TemplateEvaluator.workLimit,
        clock: @escaping @Sendable () -> Int
    ) {
        self.limit = limit
        globals = TemplateScope(values: variables, parent: nil)
        self.clock = clock
    }

    func render(_ syntax: TemplateSyntax) throws(ChatTemplateError) -> RenderedChat {
        defer {
            for namespace in namespaces { namespace.clear() }
            for scope in macroScopes { scope.clear() }
        }
        do throws(Failure) {
            _ = try execute(syntax.body, in: TemplateScope(parent: globals))
        } catch {
            throw ChatTemplateError(reason: error, line: line)
        }
        return RenderedChat(
            text: buffers[0].text, generationSpans: buffers[0].spans, lostGenerationLine: lostGenerationLine)
    }

    // MARK: Limits

    func spend(_ amount: Int = 1) throws(Failure) {
        work = work.addingReportingOverflow(max(1, amount)).partialValue
        guard work >= 0, work <= limit else { throw .tooMuchWork(limit: limit) }
    }

    func descend() throws(Failure) {
        depth += 1
        guard depth <= Self.depthLimit else { throw .tooDeep(limit: Self.depthLimit) }
        try spend()
    }

    func ascend() { depth -= 1 }

    /// A new value made from old ones; charged by its size.
    func made(_ value: TemplateValue) throws(Failure) -> TemplateValue {
        guard value.depth <= Self.valueDepthLimit else { throw .tooDeep(limit: Self.valueDepthLimit) }
        if case .text(let text) = value, text.string.utf8.count > Self.textLimit { throw .tooLarge(limit: Self.textLimit) }
        switch value {
        case .text: try spend(value.weight)
        case .list(let list), .tuple(let list): try spend(list.items.count)
        case .dict(let dict): try spend(dict.count)
        default: try spend()
        }
        return value
    }

    // MARK: Statements

    enum Flow { case on, leaveLoop, nextItem }

    func execute(_ statements: [TemplateStatement], in scope: TemplateScope) throws(Failure) -> Flow {
        for statement in statements {
            let flow = try execute(statement, in: scope)
            guard case .on = flow else { return flow }
        }
        return .on
    }

    private func execute(_ statement: TemplateStatement, in scope: TemplateScope) throws(Failure) -> Flow {
        line = statement.line
        try descend()
        defer { ascend() }
        switch statement.kind {
        case .text(let text):
            try write(text)
        case .output(let expression):
            try write(try string(try evaluate(expression, scope)))
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition, scope).isTrue {
                return try execute(branch.body, in: scope)
            }
            return try execute(otherwise, in: scope)
        case .loop(let loop):
            try run(loop, in: scope)
        case .assign(let target, let expression):
            try assign(try evaluate(expression, scope), to: target, in: scope)
        case .assignBlock(let target, let filters, let body):
            try assign(try captured(body, filters, in: scope), to: target, in: scope)
        case .filter(let filters, let body):
            try write(try string(try captured(body, filters, in: scope)))
        case .with(let values, let body):
            let inner = TemplateScope(parent: scope)
            for (target, value) in values { try assign(try evaluate(value, scope), to: target, in: inner) }
            return try execute(body, in: inner)
        case .macro(let syntax):
            macroScopes.append(scope)
            scope.set(syntax.name, to: .macro(TemplateMacro(syntax: syntax, scope: scope)))
        case .generation(let body):
            try generate(body, in: scope)
        case .leaveLoop: return .leaveLoop
        case .nextItem: return .nextItem
        }
        return .on
    }

    private func write(_ text: String) throws(Failure) {
        try spend(text.utf8.count / 32)
        buffers[buffers.count - 1].text += text
        guard buffers[buffers.count - 1].text.utf8.count <= Self.textLimit else { throw .tooLarge(limit: Self.textLimit) }
    }

    private func generate(_ body: [TemplateStatement], in scope: TemplateScope) throws(Failure) {
        let begun = line
        let start = buffers[buffers.count - 1].text.utf8.count
        _ = try execute(body, in: TemplateScope(parent: scope))
        let end = buffers[buffers.count - 1].text.utf8.count
        buffers[buffers.count - 1].spans.append(start..<end)
        if captureDepth > 0 { lostGenerationLine = lostGenerationLine ?? begun }
    }

    /// What `body` writes, as a value.
    private func captured(
        _ body: [TemplateStatement], _ filters: [TemplateFilter], in scope: TemplateScope
    ) throws(Failure) -> TemplateValue {
        var value = TemplateValue.text(try capture(body, in: TemplateScope(parent: scope)))
        for filter in filters { value = try apply(filter, to: value, scope) }
        return value
    }

    private func capture(_ body: [TemplateStatement], in scope: TemplateScope) throws(Failure) -> String {
        buffers.append(Buffer())
        captureDepth += 1
        defer {
            captureDepth -= 1
            buffers.removeLast()
        }
        _ = try execute(body, in: scope)
        return buffers[buffers.count - 1].text
    }

    private func run(_ syntax: TemplateLoopSyntax, in scope: TemplateScope) throws(Failure) {
        var items: [TemplateValue] = []
        for item in try self.items(of: try evaluate(syntax.items, scope)) {
            if let condition = syntax.condition {
                let inner = TemplateScope(parent: scope)
                try assign(item, to: syntax.target, in: inner)
                guard try evaluate(condition, inner).isTrue else { continue }
            }
            items.append(item)
        }
        guard !items.isEmpty else {
            _ = try execute(syntax.otherwise, in: TemplateScope(parent: scope))
            return
        }
        loopDepth += 1
        defer { loopDepth -= 1 }
        let loop = TemplateLoop(items: items, depth: loopDepth)
        for (index, item) in items.enumerated() {
            loop.index = index
            let inner = TemplateScope(values: ["loop": .loop(loop)], parent: scope)
            try assign(item, to: syntax.target, in: inner)
            if case .leaveLoop = try execute(syntax.body, in: inner) { return }
        }
    }

    private func assign(_ value: TemplateValue, to target: TemplateTarget, in scope: TemplateScope) throws(Failure) {
        switch target {
        case .name(let name): scope.set(name, to: value)
        case .member(let owner, let name):
            guard case .namespace(let namespace)? = scope.value(of: owner) else {
                throw .unsupported("setting '\(name)' of something that is no namespace")
            }
            guard !name.hasPrefix("_") else { throw .unsafe(type: "Namespace", attribute: name) }
            namespace.members[name] = value
        case .tuple(let targets):
            let items = try self.items(of: value)
            guard items.count == targets.count else { throw .badUnpacking(wanted: targets.count, found: items.count) }
            for (target, item) in zip(targets, items) { try assign(item, to: target, in: scope) }
        }
    }

    // MARK: Calls

    func newNamespace(_ members: [String: TemplateValue]) throws(Failure) -> TemplateValue {
        if let name = members.keys.first(where: { $0.hasPrefix("_") }) { throw .unsafe(type: "Namespace", attribute: name) }
        let namespace = TemplateNamespace(members: members)
        namespaces.append(namespace)
        return .namespace(namespace)
    }

    func call(_ macro: TemplateMacro, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        let parameters = macro.syntax.parameters
        let names = parameters.map(\.name)
        let scope = TemplateScope(parent: macro.scope)
        let bound = try arguments.bound(to: names, of: "macro '\(macro.syntax.name)'")
        let outerLine = line
        let outerLoops = loopDepth
        loopDepth = 0
        defer {
            line = outerLine
            loopDepth = outerLoops
        }
        for (parameter, value) in zip(parameters, bound) {
            if let value {
                scope.set(parameter.name, to: value)
            } else if let fallback = parameter.fallback {
                scope.set(parameter.name, to: try evaluate(fallback, scope))
            } else {
                scope.set(parameter.name, to: .undefined(.notThere("parameter '\(parameter.name)' was not provided")))
            }
        }
        return try made(.text(try capture(macro.syntax.body, in: scope)))
    }
}

/// The values a macro, filter, test or method was given.
struct CallArguments {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// One value per parameter, nil where none was given.
    func bound(to names: [String], of callee: String) throws(ChatTemplateError.Reason) -> [TemplateValue?] {
        var values = [TemplateValue?](repeating: nil, count: names.count)
        guard positional.count <= names.count else { throw .badArguments(of: callee) }
        for (place, value) in positional.enumerated() { values[place] = value }
        for (name, value) in named {
            guard let place = names.firstIndex(of: name), values[place] == nil else { throw .badArguments(of: callee) }
            values[place] = value
        }
        return values
    }
}
