package import Datasets

/// An audit as a page for people who do not train models, with its pictures.
package struct AuditReport: Sendable {
    package let text: String
    /// Pictures beside the page.
    package let files: [Report.File]

    /// - Parameters:
    ///   - needs: What would strengthen the data, in words, most useful first.
    ///   - command: The command that made the report, so that it can be made again.
    package init(
        _ profile: DatasetProfile, title: String, needs: [String], command: String, _ templates: ReportTemplates
    ) throws(ReportError) {
        let charts = AuditCharts(profile)
        files = charts.files
        text = try templates.render(
            Page(
                title: title, command: command, profile: profile, needs: needs, rows: charts.rows,
                labels: charts.labels,
                copies: charts.copies, lengthChart: charts.lengths),
            with: "audit.md")
    }

    /// What the template shows.
    struct Page {
        let title: String
        let command: String
        let read: String
        let kept: String
        let dropped: String
        let effective: String
        let band: String
        let verdict: String
        let files: [File]
        let sections: [Section]
        let needs: [Need]
        let lengths: Lengths?
        let rows: ReportCharts.Picture?
        let labels: ReportCharts.Picture?
        let copies: ReportCharts.Picture?
        let lengthChart: ReportCharts.Picture?
        let glance: Glance
        let overrides: [String]

        init(
            title: String, command: String, profile: DatasetProfile, needs: [String], rows: ReportCharts.Picture?,
            labels: ReportCharts.Picture?, copies: ReportCharts.Picture?, lengthChart: ReportCharts.Picture?
        ) {
            self.lengthChart = lengthChart
            glance = Glance(profile)
            overrides = profile.overrides
            self.title = title
            self.command = command
            self.rows = rows
            self.labels = labels
            self.copies = copies
            read = Figure.count(profile.read)
            kept = Figure.count(profile.kept)
            dropped = Figure.count(profile.dropped)
            effective = Figure.count(profile.effectiveExamples)
            band = profile.band?.title ?? ""
            verdict = profile.worst?.rawValue ?? "clean"
            files = profile.files.map {
                File(
                    name: $0.path.split(separator: "/").last.map(String.init) ?? $0.path,
                    container: $0.container.rawValue)
            }
            sections = Finding.Heading.allCases.map { Section($0, profile) }
            self.needs = needs.map(Need.init)
            lengths = profile.lengths.map(Lengths.init)
        }
    }

    /// What a reader looks for first, said even where it is nothing.
    struct Glance {
        let copies: String
        let nearCopies: String
        let conflicts: String
        let labels: Labels?
        let reviewed: String
        /// Rows of each part, `train 800, test 100`; nil where there is one part only.
        let parts: String?
        let leaks: String

        struct Labels {
            let count: String
            let most: String
            let least: String
        }

        init(_ profile: DatasetProfile) {
            func count(_ checks: AuditCheck...) -> Int {
                profile.findings.filter { checks.contains($0.check) }.reduce(0) { $0 + $1.count }
            }
            copies = Figure.count(profile.kept - profile.multiplicities.values.reduce(0, +))
            nearCopies = Figure.count(count(.nearDuplicates))
            conflicts = Figure.count(profile.conflictingRows)
            if let inventory = profile.labels, let most = inventory.labels.first, let least = inventory.labels.last {
                labels = Labels(
                    count: Figure.count(inventory.labels.count), most: Figure.count(most.count),
                    least: Figure.count(least.count))
            } else {
                labels = nil
            }
            reviewed = Figure.count(profile.reviewedRows)
            let named = Split.Part.allCases.compactMap { part in
                profile.parts[part].map { "\(part.rawValue) \(Figure.count($0))" }
            }
            parts = profile.parts.count > 1 ? named.joined(separator: ", ") : nil
            leaks = Figure.count(count(.leakedRows, .leakedPrompts, .leakedNear, .leakedPassages))
        }
    }

    struct File {
        let name: String
        let container: String
    }

    struct Need {
        let text: String
    }

    struct Section {
        let heading: String
        let findings: [Item]
        let isClean: Bool

        init(_ heading: Finding.Heading, _ profile: DatasetProfile) {
            self.heading = heading.rawValue.prefix(1).uppercased() + heading.rawValue.dropFirst()
            findings = profile.findings(under: heading).map { Item($0, profile) }
            isClean = findings.isEmpty
        }
    }

    struct Item {
        let severity: String
        let count: String
        let title: String
        let share: String
        let detail: String?
        let why: String
        let fix: String
        let samples: [Sample]

        init(_ finding: Finding, _ profile: DatasetProfile) {
            severity = finding.severity.rawValue
            count = Figure.count(finding.count)
            title = finding.title.prefix(1).uppercased() + finding.title.dropFirst()
            share = Figure.percent(finding.share)
            detail = finding.detail.isEmpty ? nil : finding.detail
            why = finding.why
            fix = finding.fix
            samples = finding.examples.map { sample in
                let name =
                    profile.files.indices.contains(sample.place.file) ? profile.files[sample.place.file].path : ""
                return Sample(
                    file: profile.files.count > 1 ? name.split(separator: "/").last.map { $0 + " " } ?? "" : "",
                    line: String(sample.place.line), text: MarkdownText.code(sample.text))
            }
        }
    }

    struct Sample {
        let file: String
        let line: String
        /// Already Markdown: code that the text cannot leave.
        let text: String
    }

    struct Lengths {
        let median: String
        let p95: String
        let p99: String
        let longest: String
        let tokens: String
        let targets: String

        init(_ lengths: LengthStatistics) {
            median = Figure.count(lengths.median)
            p95 = Figure.count(lengths.p95)
            p99 = Figure.count(lengths.p99)
            longest = Figure.count(lengths.longest)
            tokens = Figure.count(lengths.tokens)
            targets = Figure.count(lengths.targetTokens)
        }
    }
}
