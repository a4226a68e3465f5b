import Advisor

extension PlanWritingError: Explained {
    var explanation: Explanation {
        switch self {
        case .noRows:
            Explanation("there is no usable row to write a plan from", hint: "`hone audit DATA` says why each row was dropped")
        case .missingRow(let table, let row):
            Explanation(
                "the rule book has no row `\(row)` in rules/tables/\(table).yaml", hint: "`hone rules lint` checks the rule book",
                exitCode: .wrongUsage)
        }
    }
}
