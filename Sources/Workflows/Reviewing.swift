package import Evaluation
package import FileStore
import JSONText
package import Plan
package import Publishing
import Registry
package import RuleEngine

/// From a measured run to pages for people, and from the files they hand in to what they say together.
package struct Reviewing {
    package struct Wishes {
        package var raters: Int?
        package var rubric: String?
        package var outputs: Int?
        package var seed = 1
        /// The arm to judge; nil for the tuned model.
        package var arm: String?
        /// The arm to compare with; nil for the base model.
        package var baseline: String?
        package var isAlone = false
        package var isSynthetic = false
        /// Throw away the ratings of an earlier review.
        package var replaces = false

        package init() {}
    }

    private let book: RuleBook
    private let store: FileStore

    package init(book: RuleBook, store: FileStore = FileStore()) {
        self.book = book
        self.store = store
    }

    /// Lays the review out and writes a page for each rater.
    ///
    /// - Parameter folder: Where the pages go; nil for the run folder.
    /// - Returns: The review, and the pages by their paths.
    package func make(
        _ run: RunFolder, _ wishes: Wishes, to folder: String? = nil, _ templates: ReportTemplates, at time: String
    ) throws -> (review: Review, pages: [String]) {
        let manifest = try RunManifest.read(run, store: store)
        let input = try ReportInput(folder: run, store)
        guard let evaluation = input.evaluation, let best = evaluation.arm(of: .tuned) ?? evaluation.arms.last else {
            throw ReviewError.nothingToJudge(run: run.path)
        }
        let asked = try wishes.arm.map { try arm($0, evaluation) } ?? best
        var baseline = try wishes.baseline.map { try arm($0, evaluation) } ?? evaluation.arm(of: .base)
        if wishes.isAlone || baseline?.arm.name == asked.arm.name { baseline = nil }
        guard !asked.items.isEmpty, evaluation.metrics.needsGeneration else {
            throw ReviewError.nothingToJudge(run: run.path)
        }
        let given = try handedIn(run)
        guard given.isEmpty || wishes.replaces else { throw ReviewError.ratingsThere(run: run.path, raters: given) }
        let review = Review(
            of: evaluation, run: run.id, asked: asked, baseline: baseline, rubric: try rubric(wishes.rubric),
            raters: wishes.raters ?? Int(amount("raters", 3)), outputs: wishes.outputs ?? Int(amount("outputs", 50)),
            seed: wishes.seed, isSynthetic: wishes.isSynthetic)
        let cards = (1...review.raters).map { review.cards(rater: $0, repeats: amount("repeats", 0.1)) }
        let place = folder ?? run.review
        try store.createFolder(run.review)
        try store.createFolder(place)
        for rater in given { try store.remove(run.ratings(rater: rater)) }
        try store.remove(run.panel)
        try store.write(review.json(cards: cards).text(.pretty) + "\n", to: run.reviewPlan)
        var pages: [String] = []
        for (index, own) in cards.enumerated() {
            let page = try ReviewPage(review, cards: own, rater: index + 1, title: input.title, templates)
            try store.write(page.file.text, to: place + "/" + page.file.name)
            pages.append(place + "/" + page.file.name)
        }
        let entry: JSONValue = [
            "step": "made", "review": JSONValue(review.id), "rubric": JSONValue(review.rubric.id),
            "rows": JSONValue(review.rows.count), "raters": JSONValue(review.raters), "seed": JSONValue(review.seed),
            "arms": .array(review.arms.map { JSONValue($0) }), "synthetic": JSONValue(review.isSynthetic),
        ]
        try AuditTrail(run, store: store).append(.review, entry, at: time)
        var record = RunRecord(run, manifest: manifest, store: store)
        try record.save()
        return (review, pages)
    }

    /// Takes in what raters saved. All files are checked before the first is kept.
    ///
    /// - Returns: What everybody says who has handed in so far.
    package func add(_ files: [String], to run: RunFolder, replaces: Bool = false, at time: String) throws
        -> PanelResult
    {
        let manifest = try RunManifest.read(run, store: store)
        guard let (review, cards) = try plan(of: run) else { throw ReviewError.noReview(run: run.path) }
        guard try isCurrent(review, run) else { throw ReviewError.answersChanged(run: run.path) }
        var taken: [Int: (path: String, text: String)] = [:]
        for path in files {
            let text = try store.readText(path)
            let file = try RatingFile(text, path: path, of: review, cards: cards)
            if let earlier = taken[file.rater] {
                throw RatingFileError.sameRater(rater: file.rater, paths: [earlier.path, path])
            }
            let own = run.ratings(rater: file.rater)
            if store.isFile(own), !replaces, try store.readText(own) != text {
                throw RatingFileError.sameRater(rater: file.rater, paths: [own, path])
            }
            taken[file.rater] = (path, text)
        }
        for (rater, file) in taken { try store.write(file.text, to: run.ratings(rater: rater)) }
        guard let panel = try panel(of: run) else { throw ReviewError.noReview(run: run.path) }
        try store.write(panel.json.text(.pretty) + "\n", to: run.panel)
        let hashes = taken.sorted { $0.key < $1.key }.map {
            ("rater \($0.key)", JSONValue(Fingerprint(of: $0.value.text).hex))
        }
        let entry: JSONValue = [
            "step": "rated", "review": JSONValue(review.id), "files": .object(JSONObject(hashes)),
            "synthetic": JSONValue(review.isSynthetic),
        ]
        try AuditTrail(run, store: store).append(.review, entry, at: time)
        var record = RunRecord(run, manifest: manifest, store: store)
        try record.save()
        return panel
    }

    /// What the files that were handed in add up to, computed from them; nil where nobody handed one in.
    package func panel(of run: RunFolder) throws -> PanelResult? {
        guard let (review, cards) = try plan(of: run) else { return nil }
        let files = try handedIn(run).map { rater in
            let path = run.ratings(rater: rater)
            return try RatingFile(try store.readText(path), path: path, of: review, cards: cards)
        }
        return files.isEmpty ? nil : PanelResult(review, files, lowRating: Int(amount("low_rating", 2)))
    }

    /// Takes in the requests of a pilot.
    package func addPilot(_ path: String, to run: RunFolder, isSynthetic: Bool, at time: String) throws -> PilotResult {
        let manifest = try RunManifest.read(run, store: store)
        let asked = try ReportInput(folder: run, store).evaluation?.arms.flatMap(\.items).map(\.prompt) ?? []
        let text = try store.readText(path)
        let pilot = PilotResult(try PilotFile(text, path: path, known: Set(asked)), isSynthetic: isSynthetic)
        try store.createFolder(run.review)
        try store.write(text, to: run.pilotRequests)
        try store.write(pilot.json.text(.pretty) + "\n", to: run.pilot)
        let entry: JSONValue = [
            "requests": JSONValue(pilot.requests), "sha256": JSONValue(Fingerprint(of: text).hex),
            "synthetic": JSONValue(isSynthetic),
        ]
        try AuditTrail(run, store: store).append(.pilot, entry, at: time)
        var record = RunRecord(run, manifest: manifest, store: store)
        try record.save()
        return pilot
    }

    /// The pilot computed from its requests; nil where there was none.
    package func pilot(of run: RunFolder) throws -> PilotResult? {
        guard store.isFile(run.pilotRequests), store.isFile(run.pilot) else { return nil }
        let isSynthetic = try JSONValue.parse(try store.readText(run.pilot))["synthetic"]?.boolValue ?? false
        return PilotResult(
            try PilotFile(try store.readText(run.pilotRequests), path: run.pilotRequests), isSynthetic: isSynthetic)
    }

    private func plan(of run: RunFolder) throws -> (review: Review, cards: [[Review.Card]])? {
        guard store.isFile(run.reviewPlan) else { return nil }
        guard let read = Review.read(try JSONValue.parse(try store.readText(run.reviewPlan))) else {
            throw ReviewError.reviewBroken(path: run.reviewPlan)
        }
        return read
    }

    /// The answers that were judged are still those of the run: it may have been measured again.
    private func isCurrent(_ review: Review, _ run: RunFolder) throws -> Bool {
        guard let evaluation = try ReportInput(folder: run, store).evaluation else { return false }
        return review.arms.enumerated().allSatisfy { place, name in
            let items = evaluation.arm(named: name)?.items ?? []
            let answers = Dictionary(items.map { ($0.line, $0.output) }) { first, _ in first }
            return review.rows.allSatisfy { answers[$0.line] == $0.answers[place] }
        }
    }

    private func handedIn(_ run: RunFolder) throws -> [Int] {
        guard store.isFolder(run.review) else { return [] }
        return try store.list(run.review).compactMap { name in
            guard name.hasPrefix("ratings-"), name.hasSuffix(".json") else { return nil }
            return Int(name.dropFirst("ratings-".count).dropLast(".json".count))
        }.sorted()
    }

    private func arm(_ name: String, _ evaluation: EvaluationResult) throws(ReviewError) -> ArmResult {
        guard let arm = evaluation.arm(named: name) else {
            throw .noSuchArm(name, known: evaluation.arms.map(\.arm.name))
        }
        return arm
    }

    private func amount(_ id: String, _ otherwise: Double) -> Double {
        book.table("review")?[id]?.number("amount") ?? otherwise
    }

    private func rubric(_ name: String?) throws(ReviewError) -> Rubric {
        let rubrics = Rubric.all(book)
        guard let name else {
            guard let first = rubrics.first else { throw .noSuchRubric("quality", known: []) }
            return first
        }
        guard let rubric = rubrics.first(where: { $0.id == name }) else {
            throw .noSuchRubric(name, known: rubrics.map(\.id))
        }
        return rubric
    }
}

extension Rubric {
    /// The rubrics of the rule book, in its order.
    package static func all(_ book: RuleBook) -> [Rubric] {
        var rubrics: [Rubric] = []
        for row in book.table("rubrics")?.rows ?? [] {
            guard let id = row.text("rubric") else { continue }
            let axis = Axis(
                id: row.id, title: row.text("title") ?? row.id, question: row.text("question") ?? "",
                anchors: ["one", "two", "three", "four", "five"].compactMap { row.text($0) },
                role: row.text("role").flatMap(Role.init))
            if let place = rubrics.firstIndex(where: { $0.id == id }) {
                rubrics[place].axes.append(axis)
            } else {
                rubrics.append(Rubric(id: id, axes: [axis]))
            }
        }
        return rubrics
    }
}

/// Why people cannot judge a run, or their files cannot be taken in.
package enum ReviewError: Error, Sendable, Hashable {
    case nothingToJudge(run: String)
    case noSuchArm(String, known: [String])
    case noSuchRubric(String, known: [String])
    case noReview(run: String)
    /// A new review would throw away what these raters handed in.
    case ratingsThere(run: String, raters: [Int])
    case reviewBroken(path: String)
    /// The run was measured again since the pages were made.
    case answersChanged(run: String)
}
