package import YAMLText

/// The rules that answer one question, in the order they are tried.
package struct DecisionTable: Sendable {
    package enum HitPolicy: String, Sendable, CaseIterable {
        /// The first true rule decides.
        case first
        /// At most one rule may be true.
        case unique
        /// Every true rule speaks.
        case collect
    }

    package let id: String
    /// The question, in a sentence.
    package let answers: String
    package let hitPolicy: HitPolicy
    /// Legal values per column; the first column is the one compared when asking whether a result is contested.
    package let columns: [Column]
    package internal(set) var rules: [Rule]
    package let place: YAMLPlace

    package struct Column: Sendable, Hashable {
        package let name: String
        /// Empty for numbers.
        package let values: [String]
        /// The fact it becomes for decisions after this one, by its place in the vocabulary; nil where all that fire count.
        let fact: Int?
        package let place: YAMLPlace
    }

    /// Under this name a decided column is a fact for later decisions: `approach.verdict`, or the column itself when it
    /// already names a fact (`derived.enough_examples`).
    package func factID(of column: String) -> String { Self.factID(of: column, in: id) }

    static func factID(of column: String, in decision: String) -> String {
        column.contains(".") ? column : "\(decision).\(column)"
    }
}

/// What a decision came to.
package struct DecisionResult: Sendable {
    package enum State: Sendable, Hashable {
        case decided
        /// A rule that must be asked about stands above the first true one.
        case undecided
        /// No rule is true.
        case silent
        /// Two rules are true under the hit policy `unique`.
        case overlapping
    }

    package let decision: String
    package let state: State
    /// Indices of the rules that spoke: one under `first` and `unique`, any number under `collect`.
    package let fired: [Int]
    /// Rules skipped although an answer could still make them true, in order; a blocking rule comes last.
    package let open: [Int]
    /// Another answer to an open question could give another value in the first column.
    package let isContested: Bool
}

extension DecisionTable {
    /// Decides for these facts. `without` names values of the first column whose rules are left out, which is how the
    /// next-best option is found.
    package func decide(_ facts: borrowing Facts, without: Set<FactValue> = []) -> DecisionResult {
        switch hitPolicy {
        case .first: decideFirst(facts, without: without)
        case .unique, .collect: decideAll(facts, without: without)
        }
    }

    /// The rule that decides; nil where none does, where a question stands before it, and where all that fire count.
    ///
    /// What `decide` finds, without finding out how sure it is: a search over many facts asks for no more.
    func winner(_ facts: borrowing Facts) -> Int? {
        switch hitPolicy {
        case .first:
            var asked: [Int] = []
            let deciding = firstTrue(facts, without: []) { if rules[$0].whenUnknown == .ask { asked.append($0) } }
            return deciding.flatMap { isBlocked($0, by: asked) ? nil : $0 }
        case .unique:
            let result = decideAll(facts, without: [])
            return result.state == .decided ? result.fired.first : nil
        case .collect: return nil
        }
    }

    /// Goes down the rules to the first true one, and notes those above it that an answer could still make true.
    ///
    /// Rules are only looked at in place: this is where a search over many facts spends its time.
    private func firstTrue(_ facts: borrowing Facts, without: Set<FactValue>, open note: (Int) -> Void) -> Int? {
        for index in rules.indices where !isLeftOut(index, without) {
            switch rules[index].when.truth(facts) {
            case .holds: return index
            case .unknown: note(index)
            case .fails: continue
            }
        }
        return nil
    }

    /// Whether a question stands before the deciding rule that could lead elsewhere; one that could only confirm the
    /// answer need not be asked.
    private func isBlocked(_ deciding: Int, by open: [Int]) -> Bool {
        open.contains { rules[$0].whenUnknown == .ask && !saysTheSame($0, deciding) }
    }

    private func saysTheSame(_ one: Int, _ other: Int) -> Bool {
        let column = columns.first?.name ?? ""
        return rules[one].outcome(column) == rules[other].outcome(column)
    }

    private func isLeftOut(_ index: Int, _ without: Set<FactValue>) -> Bool {
        if rules[index].status != .stable { return true }
        guard !without.isEmpty, let column = columns.first, let value = rules[index].outcome(column.name) else {
            return false
        }
        return without.contains(value)
    }

    private func decideFirst(_ facts: borrowing Facts, without: Set<FactValue>) -> DecisionResult {
        var open: [Int] = []
        guard let deciding = firstTrue(facts, without: without, open: { open.append($0) }) else {
            return DecisionResult(
                decision: id, state: open.isEmpty ? .silent : .undecided, fired: [], open: open,
                isContested: !open.isEmpty)
        }
        if isBlocked(deciding, by: open) {
            return DecisionResult(decision: id, state: .undecided, fired: [], open: open, isContested: true)
        }
        let isContested =
            open.contains { !saysTheSame($0, deciding) }
            || dependsOnSilence(facts, deciding: deciding, without: without)
        return DecisionResult(decision: id, state: .decided, fired: [deciding], open: open, isContested: isContested)
    }

    /// A rule that is true only because an answer is missing may stop being true: then the rules below it count.
    private func dependsOnSilence(_ facts: borrowing Facts, deciding: Int, without: Set<FactValue>) -> Bool {
        for index in rules.indices where !isLeftOut(index, without) {
            let truth = rules[index].when.truth(facts, asIfOpen: true)
            if truth == .fails { continue }
            if !saysTheSame(index, deciding) { return true }
            if truth == .holds { return false }
        }
        return false
    }

    private func decideAll(_ facts: borrowing Facts, without: Set<FactValue>) -> DecisionResult {
        var fired: [Int] = []
        var open: [Int] = []
        for index in rules.indices where !isLeftOut(index, without) {
            switch rules[index].when.truth(facts) {
            case .holds: fired.append(index)
            case .unknown: open.append(index)
            case .fails: continue
            }
        }
        let state: DecisionResult.State =
            if hitPolicy == .unique && fired.count > 1 { .overlapping } else if fired.isEmpty { .silent } else {
                .decided
            }
        return DecisionResult(decision: id, state: state, fired: fired, open: open, isContested: !open.isEmpty)
    }
}
