/// Spelling, number and balance of the labels of a classification dataset.
struct LabelChecks {
    let inventory: LabelInventory
    let rules: AuditRules

    func report(_ examples: ExampleRows, into book: inout EvidenceBook) {
        reportVariants(examples, into: &book)
        reportCounts(examples, into: &book)
    }

    /// For each label that another, more frequent label only spells differently: that other label.
    var usualSpellings: [String: String] {
        var spellings: [String: String] = [:]
        var usual: [String: String] = [:]
        // Most frequent first: the first spelling seen is the usual one.
        for label in inventory.labels {
            let key = String(label.text.lowercased().filter { !" _-\t.".contains($0) })
            if let spelling = usual[key] { spellings[label.text] = spelling } else { usual[key] = label.text }
        }
        return spellings
    }

    private func reportVariants(_ examples: ExampleRows, into book: inout EvidenceBook) {
        let spellings = usualSpellings
        guard !spellings.isEmpty else { return }
        for example in examples {
            if let usual = spellings[example.completion] {
                book.add(.labelVariants, example.place, "\"\(example.completion)\", usually \"\(usual)\"")
            }
        }
        book[.labelVariants].detail = spellings.sorted { $0.key < $1.key }.prefix(8).map {
            "\"\($0.key)\" → \"\($0.value)\""
        }.joined(separator: ", ")
    }

    private func reportCounts(_ examples: ExampleRows, into book: inout EvidenceBook) {
        let few = inventory.labels.filter { Double($0.count) < rules[.fewPerLabel] }
        if !few.isEmpty {
            let names = Set(few.map(\.text))
            for example in examples where names.contains(example.completion) {
                book.add(.fewPerLabel, example.place, example.completion)
            }
            book[.fewPerLabel].detail = few.suffix(8).map { "\($0.text) (\($0.count))" }.joined(separator: ", ")
        }
        if inventory.imbalance >= rules[.labelImbalance], let most = inventory.labels.first,
            let least = inventory.labels.last
        {
            for example in examples where example.completion == most.text {
                book.add(.labelImbalance, example.place, example.request)
            }
            book[.labelImbalance].detail = "\(most.text) has \(most.count) rows, \(least.text) has \(least.count)"
        }
    }
}
