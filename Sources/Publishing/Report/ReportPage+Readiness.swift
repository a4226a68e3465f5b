extension ReportPage {
    /// The gates before a tuned model is relied on, and what they add up to.
    struct ReadinessPart {
        let verdict: String
        let gates: [Gate]

        struct Gate {
            let id: String
            let title: String
            let state: String
            let found: String
            let override: Override?
        }

        /// Somebody took the gate on as it was.
        struct Override {
            let name: String
            let because: String
            let time: String
            let isVoid: Bool
        }

        init?(_ input: ReportInput, _ words: Words) {
            guard let verdict = input.readiness, !input.gates.isEmpty else { return nil }
            let isDemonstration = verdict == "ready" && !input.synthetic.isEmpty
            self.verdict = words.name(.readiness, isDemonstration ? "ready_synthetic" : verdict)
            gates = input.gates.map { Gate($0, words) }
        }
    }

    /// A signature, and whether it still stands.
    struct Signature {
        let name: String
        let role: String
        let choice: String
        let because: String
        let time: String
        let isVoid: Bool
        let isSynthetic: Bool

        init(_ signature: SignatureRecord, _ words: Words, isVoid: Bool) {
            name = signature.name
            role = signature.role
            choice = words.name(.signatures, signature.choice.rawValue)
            because = signature.because
            time = signature.time
            self.isVoid = isVoid
            isSynthetic = signature.isSynthetic
        }
    }
}
