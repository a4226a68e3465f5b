/// What rows say about their own origin: who checked them, under what licence they are, whether their owner has said no.
struct OwnerChecks {
    let rules: AuditRules
    let optOut: OptOutList?

    func report(_ examples: [Example], into book: inout EvidenceBook) {
        reportReviewers(examples, into: &book)
        reportLicences(examples, into: &book)
        guard let optOut else { return }
        for example in examples {
            if let entry = optOut.match(in: example) {
                book.add(.optedOut, example.place, "\(entry): \(example.request)")
            }
        }
    }

    /// Silence about reviewers is normal; it counts where other rows name one, or where the profile asks for it.
    private func reportReviewers(_ examples: [Example], into book: inout EvidenceBook) {
        let reviewed = examples.count { $0.reviewer != nil }
        guard reviewed < examples.count, reviewed > 0 || rules.demands(.notReviewed) else { return }
        for example in examples where example.reviewer == nil {
            book.add(.notReviewed, example.place, example.request)
        }
        book[.notReviewed].detail = "\(reviewed) of \(examples.count) rows name a reviewer"
    }

    private func reportLicences(_ examples: [Example], into book: inout EvidenceBook) {
        var counts: [String: Int] = [:]
        for case let licence? in examples.lazy.map(\.licence) { counts[licence, default: 0] += 1 }
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
