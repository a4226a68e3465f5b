/// A page beside the report, made from the same values and part of the one HTML file.
enum Appendix: String, CaseIterable {
    case remaining = "what-remains.md"
    case monitoring = "monitoring.md"
    case datasheet = "datasheet.md"
    case rules = "rules.md"
    case regulation = "regulation.md"
    case glossary = "glossary.md"

    /// Also the name of its template.
    var file: String { rawValue }

    /// Those that have something to say about this run.
    static func all(for input: ReportInput) -> [Appendix] {
        allCases.filter { appendix in
            switch appendix {
            case .remaining, .regulation, .glossary: input.evaluation != nil || input.decision != nil
            case .monitoring: input.evaluation != nil
            case .datasheet: input.audit != nil
            case .rules: input.decision != nil
            }
        }
    }
}
