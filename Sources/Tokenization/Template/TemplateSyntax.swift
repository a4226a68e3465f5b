/// A template as a tree.
struct TemplateSyntax: Sendable {
    var body: [TemplateStatement]
    var hasGeneration: Bool
}

struct TemplateStatement: Sendable {
    indirect enum Kind: Sendable {
        case text(String)
        case output(TemplateExpression)
        case conditional([(condition: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
        case loop(TemplateLoopSyntax)
        case assign(TemplateTarget, TemplateExpression)
        case assignBlock(TemplateTarget, filters: [TemplateFilter], body: [TemplateStatement])
        case with([(target: TemplateTarget, value: TemplateExpression)], body: [TemplateStatement])
        case filter([TemplateFilter], body: [TemplateStatement])
        case macro(TemplateMacroSyntax)
        case generation([TemplateStatement])
        case leaveLoop
        case nextItem
    }

    var kind: Kind
    var line: Int
}

struct TemplateLoopSyntax: Sendable {
    var target: TemplateTarget
    var items: TemplateExpression
    var condition: TemplateExpression?
    var body: [TemplateStatement]
    var otherwise: [TemplateStatement]
}

struct TemplateMacroSyntax: Sendable {
    var name: String
    var parameters: [(name: String, fallback: TemplateExpression?)]
    var body: [TemplateStatement]
}

indirect enum TemplateTarget: Sendable {
    case name(String)
    case tuple([TemplateTarget])
    case member(of: String, name: String)
}

struct TemplateFilter: Sendable {
    var name: String
    var arguments: TemplateArguments
}

struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

indirect enum TemplateExpression: Sendable {
    enum Constant: Sendable {
        case none
        case bool(Bool)
        case integer(String)
        case float(Double)
        case string(String)
    }

    enum Comparison: String, Sendable {
        case equal = "==", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
        case isIn = "in", isNotIn = "not in"
    }

    case constant(Constant)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dict([(key: TemplateExpression, value: TemplateExpression)])
    case attribute(TemplateExpression, String)
    case element(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?, step: TemplateExpression?)
    case call(TemplateExpression, TemplateArguments)
    case filter(TemplateExpression, TemplateFilter)
    case test(TemplateExpression, TemplateFilter)
    case not(TemplateExpression)
    /// `-` or `+` before one value.
    case signed(String, TemplateExpression)
    case operation(String, TemplateExpression, TemplateExpression)
    case all(TemplateExpression, TemplateExpression)
    case any(TemplateExpression, TemplateExpression)
    case joined([TemplateExpression])
    case compare(TemplateExpression, [(sign: Comparison, other: TemplateExpression)])
    case conditional(TemplateExpression, condition: TemplateExpression, otherwise: TemplateExpression?)
}
