package import Evaluation
package import Plan

/// `README.md` of an export: what the model is, how it was made, what it was worth, and what nobody has tested.
package struct ModelCard: Sendable {
    package var name: String
    package var base: String
    package var isPracticeBase = false
    package var license: String?
    package var languages: [String] = []
    package var task: String?
    package var plan: RunPlan?
    package var evaluation: EvaluationResult?
    package var ladder: ShippingLadder?
    /// Paths in the export folder, with what they are for.
    package var parts: [(path: String, use: String)] = []
    package var hone: String

    package init(name: String, base: String, hone: String) { (self.name, self.base, self.hone) = (name, base, hone) }

    package func text(_ templates: ReportTemplates) throws(ReportError) -> String {
        try templates.render(Page(self, templates.words), with: "card.md")
    }

    struct Page {
        let name: String
        let base: String
        let isPracticeBase: Bool
        let license: String?
        let languages: [String]
        let hasLanguages: Bool
        let isAdapter: Bool
        let task: String?
        let settings: [ReportPage.Fact]
        let rows: String?
        let arms: [ArmRow]
        let metric: String
        let parts: [ReportPage.Fact]
        let hone: String

        struct ArmRow {
            let name: String
            let value: String
            let range: String
        }

        init(_ card: ModelCard, _ words: Words) {
            (name, base, isPracticeBase) = (card.name, card.base, card.isPracticeBase)
            (license, languages, hasLanguages) = (card.license, card.languages, !card.languages.isEmpty)
            isAdapter = card.plan?.method.lora != nil
            task = card.task
            settings = (card.plan.map { SettingsFacts(plan: $0).facts }) ?? []
            rows = card.evaluation.map { Figure.count($0.items) }
            metric = card.evaluation.map { words.name(.metrics, $0.metrics.primary.rawValue) } ?? ""
            arms = (card.evaluation?.arms ?? []).filter { [.base, .fewShot, .retrieval, .tuned].contains($0.arm.kind) }
                .compactMap { arm in
                    guard let primary = card.evaluation?.metrics.primary, let figure = arm.figures[primary] else {
                        return nil
                    }
                    return ArmRow(
                        name: words.name(.arms, arm.arm.kind.rawValue), value: MetricText.value(figure.value, primary),
                        range: MetricText.range(figure, primary))
                }
            parts = card.parts.map { ReportPage.Fact(name: $0.path, value: $0.use) }
            hone = card.hone
        }
    }
}

/// The settings of a plan that a reader of a model card asks for, spelled as the plan spells them.
private struct SettingsFacts {
    let plan: RunPlan

    private static let keys = [
        ("method.kind", "Method"), ("method.rank", "Rank"), ("method.alpha", "Alpha"),
        ("method.target_modules", "Layers adapted"), ("training.epochs", "Epochs"), ("training.max_steps", "Steps"),
        ("training.learning_rate", "Learning rate"), ("training.max_length", "Longest row, tokens"),
        ("training.seed", "Seed"),
    ]

    var facts: [ReportPage.Fact] {
        let values = Dictionary(plan.fields.map { ($0.key, $0.value) }) { first, _ in first }
        return Self.keys.compactMap { key, name in
            guard let value = values[key], value != .nothing else { return nil }
            return ReportPage.Fact(name: name, value: value.plainText)
        }
    }
}
