package import YAMLText

/// Where an item of the sources lives when no rule, table, question or gate cites it.
package struct CarriedItem: Sendable, Hashable {
    package enum How: String, Sendable, CaseIterable {
        /// A check in the program proves it; `by` names the test or command.
        case does
        /// Only text says it.
        case says
        /// Belongs to work still open.
        case planned
        /// Deliberately left out, with a reason.
        case not_carried
    }

    package let item: String
    package let how: How
    package let by: String
    package let place: YAMLPlace

    static func read(_ item: YAMLScalar, _ node: YAMLNode, how: How?) throws(YAMLError) -> CarriedItem {
        if let how { return CarriedItem(item: item.text, how: how, by: try node.string(), place: item.place) }
        let map = try node.map()
        let name = try map.required("how").choice(of: How.allCases.map(\.rawValue))
        let carried = CarriedItem(
            item: item.text, how: How(rawValue: name) ?? .says, by: try map.required("by").string(), place: item.place)
        try map.finish()
        return carried
    }
}
