/// Builds the tree of a template; statements here, expressions beside it.
struct TemplateParser {
    typealias Token = TemplateLexer.Token

    /// Deeper than any template in use, and shallow enough for every stack the tree is walked on.
    static let depthLimit = 150
    /// Operators, filters and calls in one tag: `a + b + c` nests on the left without nesting in the text.
    static let chainLimit = 1000

    private let tokens: [(token: Token, line: Int)]
    private var place = 0
    private var depth = 0
    var chainLength = 0
    private var hasGeneration = false
    /// The loops around the statement being read that a `break` could leave.
    private var loopDepth = 0

    static func parse(_ source: String) throws(ChatTemplateError) -> TemplateSyntax {
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
        let body = try parser.statements(until: [], of: "")
        return TemplateSyntax(body: body, hasGeneration: parser.hasGeneration)
    }

    private init(tokens: [(token: Token, line: Int)]) { self.tokens = tokens }

    // MARK: The token at hand

    var token: Token { tokens[place].token }
    var line: Int { tokens[place].line }
    var nextToken: Token { tokens[min(place + 1, tokens.count - 1)].token }

    mutating func advance() { if place + 1 < tokens.count { place += 1 } }

    mutating func skip(_ wanted: Token) -> Bool {
        guard token == wanted else { return false }
        advance()
        return true
    }

    mutating func skip(sign: String) -> Bool { skip(.sign(sign)) }
    mutating func skip(word: String) -> Bool { skip(.name(word)) }

    mutating func expect(_ wanted: Token) throws(ChatTemplateError) {
        guard skip(wanted) else { throw unexpected(wanted: Self.spelling(wanted)) }
    }

    mutating func expectName() throws(ChatTemplateError) -> String {
        guard case .name(let name) = token else { throw unexpected(wanted: "a name") }
        advance()
        return name
    }

    func unexpected(wanted: String) -> ChatTemplateError {
        failure(.unexpected(Self.spelling(token), wanted: wanted))
    }

    func failure(_ reason: ChatTemplateError.Reason, at line: Int? = nil) -> ChatTemplateError {
        ChatTemplateError(reason: reason, line: line ?? self.line)
    }

    private static func spelling(_ token: Token) -> String {
        switch token {
        case .data: "text"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .name(let name): "'\(name)'"
        case .string(let text): "'\(text)'"
        case .integer(let text): text
        case .float(let value): "\(value)"
        case .sign(let sign): "'\(sign)'"
        case .end: "end of template"
        }
    }

    mutating func deeper<Node>(
        _ read: (inout TemplateParser) throws(ChatTemplateError) -> Node
    ) throws(ChatTemplateError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw failure(.tooDeep(limit: Self.depthLimit)) }
        return try read(&self)
    }

    // MARK: Statements

    /// Reads up to one of the end tags (its name is then the token at hand), or to the end of the template.
    private mutating func statements(until ends: Set<String>, of begun: String) throws(ChatTemplateError) -> [TemplateStatement] {
        let begunAt = line
        var body: [TemplateStatement] = []
        while true {
            let line = line
            chainLength = 0
            switch token {
            case .data(let text):
                advance()
                body.append(TemplateStatement(kind: .text(text), line: line))
            case .variableBegin:
                advance()
                body.append(TemplateStatement(kind: .output(try tuple()), line: line))
                try expect(.variableEnd)
            case .blockBegin:
                advance()
                guard case .name(let name) = token else { throw unexpected(wanted: "a tag") }
                if ends.contains(name) { return body }
                body.append(try deeper { parser throws(ChatTemplateError) in try parser.statement(name, at: line) })
            default:
                guard ends.isEmpty else { throw failure(.unclosed(begun), at: begunAt) }
                return body
            }
        }
    }

    private mutating func statement(_ name: String, at line: Int) throws(ChatTemplateError) -> TemplateStatement {
        advance()
        let kind: TemplateStatement.Kind
        switch name {
        case "if": kind = try conditional()
        case "for": kind = try loop()
        case "set": kind = try assignment()
        case "macro": kind = try macro()
        case "generation":
            hasGeneration = true
            kind = .generation(try block(until: "endgeneration", of: name))
        case "filter":
            let filters = try filterChain()
            kind = .filter(filters, body: try block(until: "endfilter", of: name))
        case "with": kind = try with()
        case "break", "continue":
            guard loopDepth > 0 else { throw failure(.unexpected("'\(name)'", wanted: "a loop around it"), at: line) }
            kind = name == "break" ? .leaveLoop : .nextItem
        case "include", "import", "from", "extends", "block", "call", "autoescape", "do", "trans":
            throw failure(.unsupported("{% \(name) %}"), at: line)
        default:
            throw failure(.unknownStatement(name), at: line)
        }
        try expect(.blockEnd)
        return TemplateStatement(kind: kind, line: line)
    }

    /// The body of a tag that was begun; leaves the token behind the name of the end tag at hand.
    private mutating func block(until end: String, of begun: String) throws(ChatTemplateError) -> [TemplateStatement] {
        try expect(.blockEnd)
        // A loop around a macro or a captured block is not left from inside it.
        let outerLoops = begun == "for" ? nil : loopDepth
        if begun != "with" && begun != "for" { loopDepth = 0 }
        defer { if let outerLoops { loopDepth = outerLoops } }
        let body = try statements(until: [end], of: begun)
        advance()
        return body
    }

    private mutating func conditional() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
        while true {
            let condition = try tuple(withConditional: false)
            try expect(.blockEnd)
            branches.append((condition, try statements(until: ["elif", "else", "endif"], of: "if")))
            if skip(word: "elif") { continue }
            if skip(word: "endif") { return .conditional(branches, otherwise: []) }
            advance()
            try expect(.blockEnd)
            let otherwise = try statements(until: ["endif"], of: "if")
            advance()
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let target = try target()
        guard skip(word: "in") else { throw unexpected(wanted: "'in'") }
        let items = try tuple(withConditional: false)
        let condition = skip(word: "if") ? try expression() : nil
        if token == .name("recursive") { throw failure(.unsupported("recursive loops")) }
        try expect(.blockEnd)
        loopDepth += 1
        let body = try statements(until: ["else", "endfor"], of: "for")
        loopDepth -= 1
        var otherwise: [TemplateStatement] = []
        if skip(word: "else") { otherwise = try block(until: "endfor", of: "for") } else { advance() }
        return .loop(
            TemplateLoopSyntax(target: target, items: items, condition: condition, body: body, otherwise: otherwise))
    }

    private mutating func assignment() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let target = try target(allowsMember: true)
        if skip(sign: "=") { return .assign(target, try tuple()) }
        var filters: [TemplateFilter] = []
        if skip(sign: "|") { filters = try filterChain() }
        return .assignBlock(target, filters: filters, body: try block(until: "endset", of: "set"))
    }

    private mutating func macro() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let name = try expectName()
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        try expect(.sign("("))
        while !skip(sign: ")") {
            if !parameters.isEmpty { try expect(.sign(",")) }
            let parameter = try expectName()
            let fallback = skip(sign: "=") ? try expression() : nil
            if fallback == nil, parameters.last?.fallback != nil {
                throw failure(.unexpected("'\(parameter)'", wanted: "a default, as for the parameters before it"))
            }
            parameters.append((parameter, fallback))
        }
        let body = try block(until: "endmacro", of: "macro")
        return .macro(TemplateMacroSyntax(name: name, parameters: parameters, body: body))
    }

    private mutating func with() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var values: [(target: TemplateTarget, value: TemplateExpression)] = []
        while token != .blockEnd {
            if !values.isEmpty { try expect(.sign(",")) }
            let target = try target()
            try expect(.sign("="))
            values.append((target, try expression()))
        }
        return .with(values, body: try block(until: "endwith", of: "with"))
    }

    /// `name`, `name, name`, `(name, name)`; with members `namespace.name`.
    private mutating func target(allowsMember: Bool = false) throws(ChatTemplateError) -> TemplateTarget {
        let first = try oneTarget(allowsMember: allowsMember)
        guard token == .sign(",") else { return first }
        var targets = [first]
        while skip(sign: ",") {
            if token == .name("in") || token == .sign("=") { break }
            targets.append(try oneTarget(allowsMember: allowsMember))
        }
        return .tuple(targets)
    }

    private mutating func oneTarget(allowsMember: Bool) throws(ChatTemplateError) -> TemplateTarget {
        if skip(sign: "(") {
            let inner = try deeper { parser throws(ChatTemplateError) in try parser.target(allowsMember: allowsMember) }
            try expect(.sign(")"))
            return inner
        }
        let name = try expectName()
        if ["true", "True", "false", "False", "none", "None"].contains(name) {
            throw failure(.unexpected("'\(name)'", wanted: "a name that can be set"))
        }
        guard allowsMember, skip(sign: ".") else { return .name(name) }
        return .member(of: name, name: try expectName())
    }
}
