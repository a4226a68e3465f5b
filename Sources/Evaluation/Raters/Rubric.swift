package import JSONText

/// What raters judge, on axes from 1 (worst) to 5 (best) whose numbers have written meanings.
package struct Rubric: Sendable, Hashable {
    package static let scale = 1...5

    package struct Axis: Sendable, Hashable {
        package var id: String
        package var title: String
        package var question: String
        /// What 1, 2, 3, 4 and 5 mean.
        package var anchors: [String]
        package var role: Role?

        package init(id: String, title: String, question: String, anchors: [String], role: Role? = nil) {
            self.id = id
            self.title = title
            self.question = question
            self.anchors = anchors
            self.role = role
        }
    }

    /// Which gate listens to an axis.
    package enum Role: String, Sendable, Hashable, CaseIterable { case accuracy, safety }

    package var id: String
    package var axes: [Axis]

    package init(id: String, axes: [Axis]) {
        self.id = id
        self.axes = axes
    }

    package func axis(of role: Role) -> Axis? { axes.first { $0.role == role } }
}

extension Rubric {
    /// Kept with the review, so that a rubric that changes later changes nothing about what was asked.
    package var json: JSONValue {
        [
            "id": JSONValue(id),
            "axes": .array(
                axes.map { axis in
                    [
                        "id": JSONValue(axis.id), "title": JSONValue(axis.title), "question": JSONValue(axis.question),
                        "role": JSONValue(axis.role) { JSONValue($0.rawValue) },
                        "anchors": .array(axis.anchors.map { JSONValue($0) }),
                    ]
                }),
        ]
    }

    package init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue, let list = json["axes"]?.arrayValue else { return nil }
        let axes = list.compactMap { axis -> Axis? in
            guard let id = axis["id"]?.stringValue else { return nil }
            return Axis(
                id: id, title: axis["title"]?.stringValue ?? id, question: axis["question"]?.stringValue ?? "",
                anchors: (axis["anchors"]?.arrayValue ?? []).compactMap(\.stringValue),
                role: axis["role"]?.stringValue.flatMap(Role.init))
        }
        guard axes.count == list.count, !axes.isEmpty else { return nil }
        self.init(id: id, axes: axes)
    }
}
