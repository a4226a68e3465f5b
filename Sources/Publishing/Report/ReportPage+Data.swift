extension ReportPage {
    /// What the model was trained and tested on, counted.
    struct DataPart {
        let format: String?
        let flow: [Fact]
        let effective: String?
        let findings: [Finding]
        let overrides: [String]
        /// Who made the rows and who looked at them, as far as anybody said.
        let origin: [Fact]
        /// What is not known about the data.
        let gaps: [Item]

        struct Finding {
            let id: String
            let title: String
            let severity: String
            let count: String
            let fix: String
        }

        init(_ audit: AuditRecord, parts: [AuditRecord.Count], answers: [ReportInput.Answer], _ words: Words) {
            func answer(_ fact: String) -> String? { answers.first { $0.fact == fact }?.value }
            var origin = [Fact(name: "Made by", value: answer("data.source") ?? "not said")]
            origin.append(Fact(name: "May be trained on", value: answer("data.rights") ?? "not said"))
            origin.append(Fact(name: "Languages", value: answer("task.languages") ?? "not said"))
            origin.append(
                Fact(
                    name: "Rows that name a reviewer",
                    value: "\(Figure.count(audit.reviewedRows)) of \(Figure.count(audit.kept))"))
            origin.append(
                Fact(
                    name: "Rows marked as real requests",
                    value: "\(Figure.count(audit.realRows)) of \(Figure.count(audit.kept))"))
            self.origin = origin
            let missing = [
                answer("data.source") == nil ? "gap_source" : nil, answer("data.rights") == nil ? "gap_rights" : nil,
                audit.reviewedRows < audit.kept ? "gap_reviewer" : nil, audit.realRows == 0 ? "gap_real" : nil,
                "gap_people",
            ]
            gaps = missing.compactMap(\.self).map { Item(text: words.name(.steps, $0)) }
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
