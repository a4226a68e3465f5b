extension DatasetAudit {
    /// What only a plan brings to light: leaks between the parts it draws, and what its model and maximum length cut or
    /// mask.
    private static let checksOfPlan: Set<AuditCheck> = [
        .leakedRows, .leakedPrompts, .leakedNear, .leakedPassages, .smallTest, .noValidation, .templateRefuses,
        .nothingTrained, .endNotLearnt, .paddingWaste, .cutAtMaxLength, .noTargetLeft,
    ]

    /// The profile of rows that were audited before anything was known of model and split; the same as a profile made
    /// with both.
    package func completed(_ earlier: DatasetProfile, _ dataset: Dataset, split: Split) -> DatasetProfile {
        let examples = dataset.rows
        var evidence = EvidenceBook()
        let parts = Self.parts(of: examples, split: split)
        let labels = LabelInventory(examples, limits: rules.labelLimits)
        let repetition = Repetition(examples, rules: rules, isClassification: labels != nil, threads: threads)
        let near = NearRepetition(examples, repetition, parts: parts, rules: rules, threads: threads)
        Leakage(examples: examples, parts: parts, rules: rules)
            .report(repetition, near, threads: threads, into: &evidence)
        report(split, into: &evidence)
        let lengths = model.map { TokenLengths(examples, model: $0, threads: threads) }
        lengths?.report(examples, rules: rules, into: &evidence)
        var profile = earlier
        profile.parts = Self.counts(parts)
        profile.lengths = lengths?.statistics
        profile.histogram = lengths?.histogram
        profile.packing = lengths?.packing
        let others = earlier.findings.filter { !Self.checksOfPlan.contains($0.check) }
        profile.findings = Self.inOrder(others + findings(evidence, read: dataset.read))
        return profile
    }

    /// What a split leaves out, whoever drew it.
    func report(_ split: Split, into evidence: inout EvidenceBook) {
        if split.validation.isEmpty, !split.train.isEmpty { evidence[.noValidation].add(rows: split.train.count) }
    }

    /// Parts an owner made that are larger or smaller than usual, in whole percent.
    func reportShares(of parts: [Split.Part], into book: inout EvidenceBook) {
        guard Leakage.isSplit(parts) else { return }
        var odd: [String] = []
        for part in Split.Part.allCases {
            let rows = parts.count { $0 == part }
            let percent = (100 * Double(rows) / Double(parts.count)).rounded()
            let least = part == .train ? rules[.splitTrainLeast] : rules[.splitHeldOutLeast]
            let most = part == .train ? rules[.splitTrainMost] : rules[.splitHeldOutMost]
            guard rows > 0, percent < 100 * least || percent > 100 * most else { continue }
            book[.splitShares].add(rows: rows)
            odd.append("\(part.rawValue) has \(Int(percent)) % of the rows")
        }
        if !odd.isEmpty { book[.splitShares].detail = odd.joined(separator: ", ") }
    }
}
