/// Whether a condition holds. A missing answer is a third state, never a "no" (Kleene's strong logic).
package enum Truth: String, Sendable, Hashable {
    case holds, fails, unknown

    package init(_ value: Bool) { self = value ? .holds : .fails }

    /// `all:` fails as soon as one part fails, even when others are unknown.
    package static func all(_ parts: some Sequence<Truth>) -> Truth {
        var result = Truth.holds
        for part in parts {
            if part == .fails { return .fails }
            if part == .unknown { result = .unknown }
        }
        return result
    }

    /// `any:` holds as soon as one part holds, even when others are unknown.
    package static func any(_ parts: some Sequence<Truth>) -> Truth {
        var result = Truth.fails
        for part in parts {
            if part == .holds { return .holds }
            if part == .unknown { result = .unknown }
        }
        return result
    }

    /// `none:` is the opposite of `any:`.
    package static func none(_ parts: some Sequence<Truth>) -> Truth {
        switch any(parts) {
        case .holds: .fails
        case .fails: .holds
        case .unknown: .unknown
        }
    }
}
