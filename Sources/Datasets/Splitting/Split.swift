/// Which examples are trained, which steer training, and which measure the result. Indices into `Dataset.examples`.
package struct Split: Sendable, Hashable {
    package var train: [Int]
    package var validation: [Int]
    package var test: [Int]
    package var origin: Origin

    package init(train: [Int], validation: [Int], test: [Int], origin: Origin) {
        self.train = train
        self.validation = validation
        self.test = test
        self.origin = origin
    }

    package enum Part: String, Sendable, Hashable, CaseIterable {
        case train, validation, test
    }

    /// Who decided.
    package enum Origin: String, Sendable, Hashable {
        /// File names or a `split` field.
        case owner
        /// Drawn by hone.
        case drawn
        /// The owner held some parts back; hone drew the missing ones from the training rows.
        case ownerAndDrawn = "owner_and_drawn"
    }

    package subscript(part: Part) -> [Int] {
        get {
            switch part {
            case .train: train
            case .validation: validation
            case .test: test
            }
        }
        set {
            switch part {
            case .train: train = newValue
            case .validation: validation = newValue
            case .test: test = newValue
            }
        }
    }
}
