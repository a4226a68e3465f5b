import Feasibility

extension MemoryTableError: Explained {
    var explanation: Explanation {
        switch self {
        case .missingTable(let table):
            Explanation(
                "the rule book has no table `\(table)`", hint: "it belongs into rules/tables/", exitCode: .wrongUsage)
        case .missingCell(let column, let place):
            Explanation("\(place): `\(column)` is missing or no usable number", exitCode: .wrongUsage)
        case .unknownWord(let word, let column, let allowed, let place):
            Explanation(
                "\(place): `\(word)` is no value of `\(column)`",
                hint: "one of: \(allowed.joined(separator: ", "))", exitCode: .wrongUsage)
        case .unknownParent(let name, let place):
            Explanation(
                "\(place): there is no row `\(name)` above to be like", hint: "write that row first",
                exitCode: .wrongUsage)
        }
    }
}
