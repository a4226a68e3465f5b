/// What was measured of every form a model is shipped in, beside the model that was evaluated.
package struct ShippingLadder: Sendable, Hashable {
    /// The metric the score of a rung is.
    package var metric: Metric
    package var rows: Int
    /// Before training, and as it was trained: what a rung stands between.
    package var base: Rung
    package var reference: Rung
    package var rungs: [Rung]
    /// Programs that load what is shipped, and whether they were here to be asked.
    package var programs: [Program] = []

    package init(metric: Metric, rows: Int, base: Rung, reference: Rung, rungs: [Rung]) {
        (self.metric, self.rows, self.base, self.reference, self.rungs) = (metric, rows, base, reference, rungs)
    }

    /// Every form behaves like what was evaluated, within its limits.
    package var passes: Bool { rungs.allSatisfy { $0.failures.isEmpty } }

    /// A program other than hone.
    package struct Program: Sendable, Hashable {
        package enum State: String, Sendable, Hashable {
            case asked
            case absent
            /// Installed, and its server does not answer.
            case asleep
        }

        package var name: String
        package var state: State
        package var version: String?

        package init(name: String, state: State, version: String? = nil) {
            (self.name, self.state, self.version) = (name, state, version)
        }
    }

    package func programs(_ state: Program.State) -> [Program] { programs.filter { $0.state == state } }

    /// One form.
    package struct Rung: Sendable, Hashable {
        /// `merged`, or the file's name, and what was asked with it where that was not hone.
        package var name: String
        /// The row of the table of limits: `merged`, `gguf-q8_0`, …
        package var form: String
        /// Tokens of the reference's own answers, end tokens included, and those this form would have chosen as well, given
        /// the reference's answer so far.
        package var tokens = 0
        package var agreedTokens = 0
        package var equalAnswers = 0
        package var score: Interval?
        package var stopRate: Double?
        /// Mean negative log-likelihood of the expected answers' tokens, in nats.
        package var loss: Double?
        /// How much of what training took off the loss is left: 1 is all, 0 is the base model.
        package var keptChange: Double?
        package var findings: [Finding] = []
        package var failures: [Failure] = []

        package init(name: String, form: String) { (self.name, self.form) = (name, form) }

        package var agreement: Double? { tokens == 0 ? nil : Double(agreedTokens) / Double(tokens) }
    }

    /// Something that differs from the model that was evaluated, found by looking and not by asking.
    package enum Finding: Sendable, Hashable {
        /// The tokens that end an answer, as texts.
        case endTokens(expected: [String], found: [String])
        /// Prompts that become other ids: another tokenizer or another template.
        case promptTokens(rows: Int)
        case noTemplate
        /// A tokenizer file is not the one of the base model, byte for byte.
        case tokenizerFile(String)
        /// Query and key rows are in Hugging Face's order where the format has its own.
        case rowsNotPermuted(tensors: Int)
        /// Matrices hold at most 16 different numbers in every block: they were in 4 bits when the adapter was merged.
        case mergedInto4Bits(tensors: Int)
        /// The weights are further from those that were evaluated than the number format explains.
        case otherWeights(tensor: String, error: Double)
        /// Another program did not load it or did not answer, in its own words.
        case refused(program: String, said: String)
    }

    /// A limit that was missed.
    package enum Failure: Sendable, Hashable {
        case agreement(Double, least: Double)
        case keptChange(Double, least: Double)
        case stopRate(Double, reference: Double, largestFall: Double)
        /// Below the interval of the reference.
        case score(Double, low: Double)
        /// A finding that no limit excuses.
        case finding
    }
}

/// What a form must reach.
package struct ShippingLimits: Sendable, Hashable {
    package var agreement: Double
    package var keptChange: Double
    package var stopFall: Double
    /// The root of the mean squared error of a matrix, as a share of its size.
    package var weightError: Double

    package init(agreement: Double, keptChange: Double, stopFall: Double, weightError: Double) {
        (self.agreement, self.keptChange, self.stopFall, self.weightError) = (
            agreement, keptChange, stopFall, weightError
        )
    }
}

extension ShippingLadder.Rung {
    /// The same with what it misses.
    package func judged(_ limits: ShippingLimits, beside reference: ShippingLadder.Rung) -> ShippingLadder.Rung {
        var rung = self
        rung.failures = []
        if let agreement, agreement < limits.agreement {
            rung.failures.append(.agreement(agreement, least: limits.agreement))
        }
        if let keptChange, keptChange < limits.keptChange {
            rung.failures.append(.keptChange(keptChange, least: limits.keptChange))
        }
        if let stopRate, let wanted = reference.stopRate, stopRate < wanted - limits.stopFall {
            rung.failures.append(.stopRate(stopRate, reference: wanted, largestFall: limits.stopFall))
        }
        if let score, let wanted = reference.score, score.value < wanted.low {
            rung.failures.append(.score(score.value, low: wanted.low))
        }
        if !findings.isEmpty { rung.failures.append(.finding) }
        return rung
    }
}
