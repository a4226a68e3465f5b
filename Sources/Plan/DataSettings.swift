/// Which rows are trained and which are held back.
package struct DataSettings: Sendable, Hashable {
    package var paths: [String]
    package var format: DataFormat
    package var split: SplitSettings
    package var generalMix: GeneralMix?
    /// SHA-256 over the bytes of the files the plan was written for; nil in a plan written by hand.
    package var fingerprint: String?
    /// Fingerprint of the tokenizer and chat template the plan was written for.
    package var template: String?

    package init(
        paths: [String], format: DataFormat = .auto, split: SplitSettings = SplitSettings(),
        generalMix: GeneralMix? = nil
    ) {
        self.paths = paths
        self.format = format
        self.split = split
        self.generalMix = generalMix
    }
}

/// The spelling of the data files; `auto` looks at the first rows and says what it found.
package enum DataFormat: String, Sendable, Hashable, CaseIterable {
    case auto, messages, conversations, alpaca
    case promptCompletion = "prompt_completion"
    case text, csv
}

/// Shares of the rows that are held back. Rows of one group never part, so real shares may differ slightly.
package struct SplitSettings: Sendable, Hashable {
    package var validation: Double
    package var test: Double
    /// The field whose equal values keep rows together; nil lets the reader look for `group`.
    package var group: String?
    /// Separate from the training seed, so that another training seed is still measured on the same rows.
    package var seed: Int

    package init(validation: Double = 0.1, test: Double = 0.1, group: String? = nil, seed: Int = 17) {
        self.validation = validation
        self.test = test
        self.group = group
        self.seed = seed
    }
}

/// General conversations mixed into training so that the model forgets less of what it could do.
package struct GeneralMix: Sendable, Hashable {
    /// A file, `bundled`, or `base_answers`.
    package var source: String
    /// Share of all target tokens, not of rows: long general answers would otherwise dominate short task answers.
    package var share: Double

    package init(source: String, share: Double) {
        self.source = source
        self.share = share
    }

    /// The source that stands for the general conversations every installation carries.
    package static let bundledName = "bundled"
    /// The source that stands for the base model's own answers to the bundled general requests.
    package static let baseAnswersName = "base_answers"
}
