import Advisor
import Feasibility
import FileStore
import Foundation
import JSONText
import Plan
import RuleEngine
import Workflows
import YAMLText

/// What `hone plan` does with a plan that exists: check, explain, render, compare.
struct PlanInspection {
    let book: RuleBook
    let installation: Installation
    /// The options that name another rule book, for the commands proposed next.
    let typed: String
    let json: Bool

    private var page: Page {
        Page(width: min(max(Terminal.width, 60), 110), hasColour: Terminal.hasColour && isatty(STDOUT_FILENO) == 1)
    }

    /// Reads a plan; one of an older version is read as one of today, with a note.
    func read(_ file: String) throws -> PlanDocument {
        let document = try PlanDocument(yaml: try FileStore().readText(file), file: file)
        if let migration = document.migration { Terminal.say(migration.words(file)) }
        return document
    }

    func view(_ file: String, answers: String?) throws -> PlanView {
        let document = try PlanDocument(yaml: try FileStore().readText(file), file: file)
        return PlanView(review: try review(document, answers: answers), sources: book.sources)
    }

    func review(_ document: PlanDocument, answers: String?, isForTraining: Bool = false) throws -> PlanReview {
        var facts: Facts?
        if let answers {
            facts = try Answers.read(try FileStore().readText(answers), file: answers, book.vocabulary).facts
        }
        return try PlanReview(
            document, in: installation, book: book,
            machine: MachineProfile.probe(folder: document.plan.output), answered: facts, isForTraining: isForTraining)
    }

    func check(_ file: String, answers: String?) throws {
        let view = PlanView(review: try review(try read(file), answers: answers), sources: book.sources)
        Terminal.data(json ? view.json.text(.pretty) : view.text(page))
        guard view.review.blocking.isEmpty else {
            let name = view.review.blocking[0].name
            if !json {
                Terminal.say("next: change it, or hone train \(shellWord(file)) --accept \(name) --because …" + typed)
            }
            throw Outcome(exitCode: .gateSaysNo)
        }
        if !json { Terminal.say("next: " + PlanInspection.next(view.review.document.plan, file) + typed) }
    }

    /// The bundled trainer is checked against this machine; what fits an accelerator the lints have looked at.
    static func next(_ plan: RunPlan, _ file: String) -> String {
        (plan.engine == .bundled ? "hone check " : "hone train ") + shellWord(file)
    }

    func explain(_ key: String, file: String?) throws {
        let name = PlanInspection.fullKey(key)
        guard let known = PlanKey.named(name) else {
            throw UnknownPlanKey(key: key, suggestion: didYouMean(name, among: PlanKey.names) ?? nearest(key))
        }
        let file = file ?? (FileStore().isFile("plan.yaml") ? "plan.yaml" : nil)
        let plan = try file.map { try read($0).plan }
        Terminal.data(PlanExplanation(key: known, plan: plan, book: book).text(page))
    }

    /// The default of every key is in the plan already; a key that holds nothing is shown as a comment.
    func render(_ plan: RunPlan) {
        if json { return Terminal.data(plan.json.text(.pretty)) }
        let unset = plan.fields.filter { $0.value == .nothing }.map(\.key)
        Terminal.data(plan.yaml + "\n# Not set: " + unset.joined(separator: ", "))
    }

    func diff(_ one: String, _ other: String) throws {
        let a = try read(one).plan, b = try read(other).plan
        let keys = a.fields.map(\.key) + b.fields.map(\.key).filter { key in !a.fields.contains { $0.key == key } }
        let differing = keys.filter { a.value(of: $0) ?? .nothing != b.value(of: $0) ?? .nothing }
        if json {
            let rows = differing.map { key -> JSONValue in
                ["key": .string(key), "a": side(key, a), "b": side(key, b)]
            }
            return Terminal.data(JSONValue.array(rows).text(.pretty))
        }
        if differing.isEmpty { return Terminal.data("no difference") }
        for key in differing {
            Terminal.data(key)
            Terminal.data("  - " + words(key, a))
            Terminal.data("  + " + words(key, b))
        }
    }

    func schema() {
        Terminal.data(PlanSchema.json { book.meaning(ofPlanKey: $0)?.what }.text(.pretty))
    }

    private func side(_ key: String, _ plan: RunPlan) -> JSONValue {
        [
            "value": plan.value(of: key)?.json ?? .null,
            "origin": JSONValue(plan.origins[key]) { .string($0.words) },
        ]
    }

    private func words(_ key: String, _ plan: RunPlan) -> String {
        let value = plan.value(of: key) ?? .nothing
        guard value != .nothing else { return "not set" }
        return value.plainText + (plan.origins[key].map { "  (\($0.words))" } ?? "")
    }

    /// `learning_rate` stands for `training.learning_rate` where only one key ends so.
    static func fullKey(_ key: String) -> String {
        guard PlanKey.named(key) == nil else { return key }
        let ending = PlanKey.names.filter { $0.hasSuffix("." + key) }
        return ending.count == 1 ? ending[0] : key
    }

    /// The key whose last part is nearest to what was typed.
    private func nearest(_ key: String) -> String? {
        let last = key.split(separator: ".").last.map(String.init) ?? key
        let parts = PlanKey.names.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
        guard let near = didYouMean(last, among: parts), let index = parts.firstIndex(of: near) else { return nil }
        return PlanKey.names[index]
    }
}

extension PlanOrigin {
    var words: String {
        switch self {
        case .rule(let id, _): id
        case .you(let was): "you" + (was.map { "; before: \($0)" } ?? "")
        }
    }
}

extension PlanMigration {
    func words(_ file: String) -> String {
        let changes = renamed.map { "`\($0.was)` is `\($0.now)` now" }
        let what = changes.isEmpty ? "nothing else had to change" : changes.joined(separator: ", ")
        return "note: \(file) has version \(from) and is read as version \(RunPlan.currentVersion): \(what)"
    }
}

/// `--explain` of a key that does not exist.
struct UnknownPlanKey: Explained {
    let key: String
    let suggestion: String?

    var explanation: Explanation {
        Explanation(
            "a plan has no key `\(key)`",
            hint: suggestion.map { "did you mean `\($0)`?" } ?? "`hone plan --schema` lists them", exitCode: .wrongUsage
        )
    }
}
