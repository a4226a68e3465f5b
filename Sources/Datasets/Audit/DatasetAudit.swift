package import RuleEngine

/// Looks at a whole dataset before anything is trained on it.
///
/// Every check is on the side of saying it: what is named here is what would otherwise be learnt in silence. The result is
/// the same for any number of threads.
package struct DatasetAudit: Sendable {
    package var rules: AuditRules
    package var threads: Int
    /// With a model's tokenizer and template the audit also says what will be cut, and what will not be learnt.
    package var model: AuditModel?
    package var optOut: OptOutList?
    package var usage: UsageSample?
    package var behaviours: [Behaviour] = []
    /// Seconds since some moment; where there is a clock, the profile says what took how long.
    package var clock: (@Sendable () -> Double)?
    private let book: RuleBook

    /// - Parameter strictness: A profile of the rule book that makes some checks stricter.
    package init(book: RuleBook, threads: Int = 1, model: AuditModel? = nil, strictness: String? = nil)
        throws(AuditRulesError)
    {
        rules = try AuditRules(book, profile: strictness)
        self.book = book
        self.threads = threads
        self.model = model
    }

    /// - Parameter split: The parts to look for leaks between; nil takes the owner's, if the files or rows name any.
    package func profile(_ dataset: Dataset, split: Split? = nil) -> DatasetProfile {
        let examples = dataset.rows
        let shapes = dataset.shapes
        var evidence = EvidenceBook()
        reportFiles(dataset, into: &evidence)
        var watch = Stopwatch(clock: clock)
        reportRows(examples, usualShape: shapes.first?.shape, into: &evidence)
        watch.lap(.rows)
        reportPrivacy(examples, into: &evidence)
        watch.lap(.privacy)
        let answers = JSONAnswers(examples, rules: rules, threads: threads)
        answers.report(examples, into: &evidence)
        OwnerChecks(rules: rules, optOut: optOut).report(examples, into: &evidence)
        LanguageChecks(examples, rules: rules, threads: threads).report(examples, into: &evidence)
        let labels = LabelInventory(examples, limits: rules.labelLimits)
        if let labels { LabelChecks(inventory: labels, rules: rules).report(examples, into: &evidence) }
        let repetition = Repetition(examples, rules: rules, isClassification: labels != nil, threads: threads)
        repetition.report(examples, rules: rules, into: &evidence)
        let instructions = Instructions(examples, threads: threads)
        instructions.report(examples, rules: rules, into: &evidence)
        TaskMix(rules: rules).report(examples, prompts: instructions, into: &evidence)
        let (openingDiversity, systemPrompts) = (instructions.openingDiversity, instructions.counts.count)
        watch.lap(.contents)
        let parts = Self.parts(of: examples, split: split)
        let near = NearRepetition(examples, repetition, parts: parts, rules: rules, threads: threads)
        near.report(examples, into: &evidence)
        watch.lap(.nearDuplicates)
        let leakage = Leakage(examples: examples, parts: parts, rules: rules)
        leakage.report(repetition, near, threads: threads, into: &evidence)
        if let split { report(split, into: &evidence) }
        if split.map({ $0.origin == .owner }) ?? true { reportShares(of: parts, into: &evidence) }
        let comparison = usage.map { UsageComparison($0, examples, rules: rules, threads: threads) }
        comparison?.report(rules: rules, into: &evidence)
        let coverage = BehaviourCoverage(behaviours, examples, threads: threads)
        coverage.report(rules: rules, into: &evidence)
        watch.lap(.leakage)
        let lengths = model.map { TokenLengths(examples, model: $0, threads: threads) }
        lengths?.report(examples, rules: rules, into: &evidence)
        watch.lap(.tokens)
        let effective = repetition.copies.count { !repetition.conflicting.contains(Int($0.first ?? 0)) }
        let totals = RowTotals(examples, threads: threads)
        if Double(effective) < rules[.fewExamples] { evidence[.fewExamples].add(rows: effective) }
        return DatasetProfile(
            files: dataset.files,
            shapes: shapes.map { DatasetProfile.ShapeCount(shape: $0.shape, count: $0.count) },
            read: dataset.read, kept: dataset.kept, effectiveExamples: effective,
            findings: findings(evidence, read: dataset.read), band: SizeBand.band(of: effective, in: book),
            nextBand: SizeBand.next(after: effective, in: book), bands: rules.bands,
            answers: labels != nil ? .labels : answers.areExpected ? .json : .text, labels: labels,
            answerKinds: answers.kinds,
            multiplicities: repetition.multiplicities, distinctRequests: repetition.sameRequest.count,
            conflictingRows: repetition.conflicting.count, systemPrompts: systemPrompts,
            multiTurnRows: totals.multiTurn, realRows: totals.real,
            reviewedRows: totals.reviewed, sourcedRows: totals.sourced, parts: Self.counts(parts),
            openingDiversity: openingDiversity, lengths: lengths?.statistics,
            histogram: lengths?.histogram,
            packing: lengths?.packing,
            usage: comparison, behaviours: coverage.rows.map { .init(name: $0.behaviour.name, rows: $0.count) },
            characters: totals.characters, seconds: watch.seconds, overrides: overrides)
    }

    /// What an overlay changed among the rules that an audit goes by.
    private var overrides: [String] {
        book.overrides.filter { $0.target.hasPrefix("audit_") || $0.target.hasPrefix("size-band.") }.map(\.text)
    }

    static func parts(of examples: ExampleRows, split: Split?) -> [Split.Part] {
        var parts = examples.map { $0.assignedPart ?? .train }
        if let split {
            for part in Split.Part.allCases { for index in split[part] { parts[index] = part } }
        } else if !parts.contains(where: { $0 != parts[0] }) {
            parts = examples.map { _ in .train }
        }
        return parts
    }

    static func counts(_ parts: [Split.Part]) -> [Split.Part: Int] {
        parts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    func findings(_ evidence: EvidenceBook, read: Int) -> [Finding] {
        let found = AuditCheck.allCases.compactMap { check -> Finding? in
            let found = evidence[check]
            guard found.count > 0 else { return nil }
            let rule = rules[check]
            let share = Double(found.count) / Double(max(1, found.outOf ?? read))
            return Finding(
                check: check, severity: rule.severity(atShare: share), heading: rule.heading, title: rule.title,
                count: found.count,
                share: share, examples: found.samples, detail: found.detail, why: rule.why, fix: rule.fix)
        }
        return Self.inOrder(found)
    }

    /// Worst first, then as the checks are listed.
    static func inOrder(_ findings: [Finding]) -> [Finding] {
        let places = Dictionary(uniqueKeysWithValues: zip(AuditCheck.allCases, 0...))
        return findings.sorted { one, other in
            (other.severity, places[one.check] ?? 0) < (one.severity, places[other.check] ?? 0)
        }
    }

    private func reportRows(_ examples: ExampleRows, usualShape: RowShape?, into evidence: inout EvidenceBook) {
        let checks = RowChecks(rules, usualShape: usualShape)
        let pieces = ranges(of: examples.count, size: 1024)
        let found = inParallel(pieces: pieces.count, threads: threads) { piece in
            var book = EvidenceBook()
            for example in examples[pieces[piece]] {
                checks.look(at: example, into: &book)
                if example.hasDuplicateKeys { book.add(.duplicateKeys, example.place, example.request) }
                if example.hasUnboundedNumber { book.add(.unboundedNumber, example.place, example.request) }
            }
            return book
        }
        for book in found { evidence.join(book) }
        if Double(evidence[.disclaimerUneven].count) >= rules[.disclaimerEverywhere] * Double(examples.count) {
            evidence[.disclaimerUneven] = Evidence()
        }
    }

    private func reportPrivacy(_ examples: ExampleRows, into evidence: inout EvidenceBook) {
        let privacy = PrivacyChecks()
        let pieces = ranges(of: examples.count, size: 1024)
        let found = inParallel(pieces: pieces.count, threads: threads) { piece in
            var book = EvidenceBook()
            var kinds: [PersonalData.Kind: Int] = [:]
            for example in examples[pieces[piece]] { privacy.look(at: example, into: &book, &kinds) }
            return (book, kinds)
        }
        var kinds: [PersonalData.Kind: Int] = [:]
        for (book, found) in found {
            evidence.join(book)
            kinds.merge(found, uniquingKeysWith: +)
        }
        for (check, isSecret) in [(AuditCheck.personalData, false), (.secrets, true)] where evidence[check].count > 0 {
            evidence[check].detail = PersonalData.Kind.allCases.filter { $0.isSecret == isSecret }
                .compactMap { kind in kinds[kind].map { "\(kind.rawValue) \($0)" } }.joined(separator: ", ")
        }
    }

    private func reportFiles(_ dataset: Dataset, into evidence: inout EvidenceBook) {
        for row in dataset.dropped {
            guard let check = AuditCheck(rawValue: row.problem.id) else { continue }
            evidence.add(check, row.place, row.problem.brief)
        }
        if dataset.leftOut > 0 {
            evidence[.sampled].add(rows: dataset.leftOut)
            evidence[.sampled].outOf = dataset.leftOut + dataset.read
        }
        for (index, file) in dataset.files.enumerated() {
            let place = RowPlace(file: index, line: 1, byteOffset: 0)
            if file.notes.contains(.byteOrderMark) { evidence.add(.byteOrderMark, place, file.path) }
            if file.container == .jsonObjects { evidence.add(.objectsOverLines, place, file.path) }
            if file.notes.contains(.arrayNotClosed) { evidence.add(.brokenArray, place, "the closing ] is missing") }
            if file.notes.contains(.trailingComma) { evidence.add(.brokenArray, place, "a comma before the closing ]") }
        }
    }
}
