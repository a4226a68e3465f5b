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
        }

        init?(_ input: ReportInput, _ words: Words) {
            guard let verdict = input.readiness, !input.gates.isEmpty else { return nil }
            self.verdict = words.name(.readiness, verdict)
            gates = input.gates.map {
                Gate(
                    id: $0.id.uppercased(), title: $0.title, state: words.name(.readiness, $0.state.rawValue),
                    found: $0.found)
            }
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

        init(_ signature: SignatureRecord, _ words: Words, isVoid: Bool) {
            name = signature.name
            role = signature.role
            choice = words.name(.signatures, signature.choice.rawValue)
            because = signature.because
            time = signature.time
            self.isVoid = isVoid
        }
    }
}
