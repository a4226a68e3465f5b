import Advisor

extension PlanWritingError: Explained {
    var explanation: Explanation {
        switch self {
        case .noRows:
            Explanation(
                "there is no usable row to write a plan from", hint: "`hone audit DATA` says why each row was dropped")
        case .missingRow(let table, let row):
            Explanation(
                "the rule book has no row `\(row)` in rules/tables/\(table).yaml",
                hint: "`hone rules lint` checks the rule book",
                exitCode: .wrongUsage)
        case .nothingFits(let model, let device, let count):
            Explanation(
                "\(model) does not fit \(count == 1 ? device : "\(count) × \(device)"), not even in 4 bits and one row at a time",
                causes: ["`hone check --model \(shellWord(model))` with `--device` shows what it needs, by part"],
                hint: "choose a smaller model, a larger device, or more of them (--gpus)", exitCode: .doesNotFit)
        }
    }
}
