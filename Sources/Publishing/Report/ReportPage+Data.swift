extension ReportPage {
    /// What the model was trained and tested on, counted.
    struct DataPart {
        let format: String?
        let flow: [Fact]
        let effective: String?
        let findings: [Finding]
        let overrides: [String]

        struct Finding {
            let id: String
            let title: String
            let severity: String
            let count: String
            let fix: String
        }

        init(_ audit: AuditRecord, parts: [AuditRecord.Count]) {
            format = audit.format
            var flow = [Fact(name: "rows read", value: Figure.count(audit.read))]
            flow += audit.dropped.map { Fact(name: "dropped: \($0.name)", value: "−" + Figure.count($0.count)) }
            flow.append(Fact(name: "rows kept", value: Figure.count(audit.kept)))
            flow += parts.map { Fact(name: $0.name, value: Figure.count($0.count)) }
            self.flow = flow
            overrides = audit.overrides
            effective = audit.effectiveExamples.map(Figure.count)
            findings = audit.findings.map {
                Finding(
                    id: $0.id, title: $0.title, severity: $0.severity, count: Figure.count($0.count), fix: $0.fix ?? "")
            }
        }
    }
}
