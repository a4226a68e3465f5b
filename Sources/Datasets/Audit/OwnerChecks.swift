/// What rows say about their own origin: who checked them, under what licence they are, whether their owner has said no.
struct OwnerChecks {
    let rules: AuditRules
    let optOut: OptOutList?

    func report(_ examples: ExampleRows, into book: inout EvidenceBook) {
        var reviewed = 0
        var licences: [String: Int] = [:]
        for example in examples {
            if example.reviewer != nil { reviewed += 1 }
            if let licence = example.licence { licences[licence, default: 0] += 1 }
        }
        reportReviewers(examples, reviewed, into: &book)
        reportLicences(examples, licences, into: &book)
        guard let optOut else { return }
        for example in examples {
            if let entry = optOut.match(in: example) {
                book.add(.optedOut, example.place, "\(entry): \(example.request)")
            }
        }
    }

    /// Silence about reviewers is normal; it counts where other rows name one, or where the profile asks for it.
    private func reportReviewers(_ examples: ExampleRows, _ reviewed: Int, into book: inout EvidenceBook) {
        guard reviewed < examples.count, reviewed > 0 || rules.demands(.notReviewed) else { return }
        for example in examples where example.reviewer == nil {
            book.add(.notReviewed, example.place, example.request)
        }
        book[.notReviewed].detail = "\(reviewed) of \(examples.count) rows name a reviewer"
    }

    private func reportLicences(_ examples: ExampleRows, _ counts: [String: Int], into book: inout EvidenceBook) {
        let named = counts.values.reduce(0, +)
        if named < examples.count, named > 0 || rules.demands(.noLicence) {
            for example in examples where example.licence == nil {
                book.add(.noLicence, example.place, example.request)
            }
        }
        let licences = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard licences.count > 1 else { return }
        for example in examples {
            if let licence = example.licence, licence != licences[0].key {
                book.add(.licencesMixed, example.place, "\(licence): \(example.request)")
            }
        }
        book[.licencesMixed].detail = licences.prefix(8).map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    }
}
