package import Advisor
package import Datasets
package import Evaluation
package import FoundationEssentials
package import RuleEngine

/// The line from answers and data to a decision: audit the rows, let what was measured stand beside what was said, decide.
package struct Deciding: Sendable {
    private let advisor: Advisor
    private let threads: Int

    /// - Parameter today: Listed prices that have grown old by this day are named.
    package init(_ book: RuleBook, today: Day, threads: Int) throws {
        advisor = try Advisor(book, today: today)
        self.threads = threads
    }

    /// A case with its decision, and its data where there is any.
    package struct DecidedCase: Sendable {
        package let decision: Decision
        package let dataset: Dataset?
        package let profile: DatasetProfile?

        package init(decision: Decision, dataset: Dataset?, profile: DatasetProfile?) {
            self.decision = decision
            self.dataset = dataset
            self.profile = profile
        }
    }

    /// The same case after something was measured.
    package func decide(_ answers: Answers, _ decided: DecidedCase, measured: EvaluationResult) -> DecidedCase {
        var situation = Situation(answers)
        if let profile = decided.profile { situation.look(at: profile) }
        let question = situation.armQuestion
        situation.take(
            MeasuredOptions(measured, target: question.target, modelInQuestion: question.modelInQuestion))
        return DecidedCase(decision: advisor.decide(situation), dataset: decided.dataset, profile: decided.profile)
    }

    package func decide(_ answers: Answers, dataPaths: [String]) throws -> DecidedCase {
        var situation = Situation(answers)
        guard !dataPaths.isEmpty else {
            return DecidedCase(decision: advisor.decide(situation), dataset: nil, profile: nil)
        }
        let dataset = try DatasetReader(threads: threads).read(paths: dataPaths)
        var profile = try DatasetAudit(book: advisor.book, threads: threads).profile(dataset)
        profile.accepted = try AcceptedFinding.read(beside: dataPaths)
        situation.look(at: profile)
        return DecidedCase(decision: advisor.decide(situation), dataset: dataset, profile: profile)
    }
}

extension Situation {
    /// Takes over what the audit measured. A count replaces the answer; what the rows only suggest fills in for silence.
    package mutating func look(at profile: DatasetProfile) {
        measure("data.examples", .number(Double(profile.effectiveExamples)))
        measure("measured.audited", .flag(true))
        measure("measured.blocking_findings", .number(Double(profile.blocking.count)))
        if profile.reviewedRows > 0 {
            let share = Double(profile.reviewedRows) / Double(max(1, profile.kept))
            derive("data.reviewed_share", .number(share), by: "the rows that name a reviewer")
        }
        suggest("task.multi_turn", .flag(profile.multiTurnRows > 0), by: "the rows")
        if profile.answers == .labels {
            suggest("task.kind", .text("classification"), by: "the answers, which are labels")
        }
        if let labels = profile.labels { measure("task.labels", .number(Double(labels.labels.count))) }
    }
}

extension Day {
    /// In the calendar of Greenwich; a day's difference is no matter to a price list.
    package init(_ date: Date) { self.init(number: Int((date.timeIntervalSince1970 / 86_400).rounded(.down))) }
}
