/// What a provider asks for tokens, in US dollars.
package struct TokenPrices: Sendable, Hashable {
    package let inputPerMillion: Double
    package let outputPerMillion: Double

    package init(inputPerMillion: Double, outputPerMillion: Double) {
        self.inputPerMillion = inputPerMillion
        self.outputPerMillion = outputPerMillion
    }
}

/// Where the cost of a thousand requests comes from: each arm is priced by the best that is known about its model.
package struct ArmPrices: Sendable {
    /// What the price of an arm rests on.
    package enum Basis: String, Sendable, Hashable {
        /// Tokens at the prices somebody gave for the case.
        case givenPrices = "given_prices"
        /// Tokens at the listed price of the arm's own model.
        case listedPrice = "listed_price"
        /// Time on a machine that costs so much an hour.
        case machineTime = "machine_time"
    }

    /// The prices of the case; nil where nobody said any.
    package var given: TokenPrices?
    /// Listed prices by the name of a model, in lower case.
    package var listed: [String: TokenPrices]
    /// What an hour of the machine that answers costs.
    package var machineHour: Double?

    package init(given: TokenPrices?, listed: [String: TokenPrices] = [:], machineHour: Double? = nil) {
        self.given = given
        self.listed = listed
        self.machineHour = machineHour
    }
}

extension ArmResult {
    /// The same arm with what a thousand requests cost, where its tokens or its time are known.
    ///
    /// A floor has no tokens: it costs its time. An arm of another model is priced by that model where its price is listed.
    package func priced(_ prices: ArmPrices) -> ArmResult {
        var result = self
        func cost(_ price: TokenPrices) -> Double? {
            guard let read = usage.promptTokens, let written = usage.outputTokens else { return nil }
            return (read * price.inputPerMillion + written * price.outputPerMillion) / 1000
        }
        let listed = prices.listed[arm.model.lowercased()].flatMap(cost)
        let given = arm.kind.isFloor ? nil : prices.given.flatMap(cost)
        let time = usage.secondsPerItem.flatMap { seconds in prices.machineHour.map { seconds / 3600 * $0 * 1000 } }
        let isElsewhere = arm.kind == .outputs || arm.kind == .endpoint
        if isElsewhere, let listed {
            (result.usage.costPerThousand, result.usage.costBasis) = (listed, .listedPrice)
        } else if let given {
            (result.usage.costPerThousand, result.usage.costBasis) = (given, .givenPrices)
        } else if let time, !isElsewhere {
            (result.usage.costPerThousand, result.usage.costBasis) = (time, .machineTime)
        }
        return result
    }
}
