package import FileStore
package import YAMLText

/// Something wrong with the rule book, and where. Loading stops at these; linting reports them all.
package struct RuleProblem: Error, Sendable, Hashable {
    package let place: YAMLPlace
    package let kind: Kind

    package enum Kind: Sendable, Hashable {
        case yaml(YAMLError)
        case unreadable(String)
        case fact(FactProblem)
        case unknownColumn(String, known: [String])
        case unknownOutcome(String, column: String, allowed: [String])
        case noOperator
        case operatorDoesNotFit(fact: String, comparison: String, kind: String)
        case factsDoNotCompare(String, String)
        case duplicateID(String, first: YAMLPlace)
        case judgementWithoutOwner(String)
        case noSource(String)
        case unknownSource(String, known: [String])
        case unknownItem(String, source: String)
        case noLocator(source: String)
        case cycle([String])
        case unknownTable(String, known: [String])
        case unknownTableColumn(String, known: [String])
        case ruleOverlap([String])
        case unreachedOutcome(String, column: String)
        case noFiringCase(String)
        case noSilentCase(String)
        case noBoundary(rule: String, fact: String, threshold: String)
        case caseFails(name: String, expected: String, found: String)
        case unknownRule(String, known: [String])
        case notCarried(String)
        case onlySays(String)
        case overlayWeakensSafety(String)
        case noThreshold(rule: String, fact: String, known: [String])
        case severalThresholds(rule: String, fact: String, operators: [String])
        case unknownRow(String, table: String, known: [String])
        case unknownDecision(String, known: [String])
        case questionWithoutFact(String)
        case questionWithoutExample(String)
    }

    package init(_ place: YAMLPlace, _ kind: Kind) {
        self.place = place
        self.kind = kind
    }

    package init(_ error: YAMLError) {
        self.init(error.place, .yaml(error))
    }
}

/// Why there is no rule book to decide with.
package enum RuleBookError: Error, Sendable, Hashable {
    case unreadable(FileStoreError)
    case empty(folder: String)
    /// A folder given as overlay that holds no `overlay.yaml`.
    case noOverlay(folder: String)
    case invalid([RuleProblem])
}
