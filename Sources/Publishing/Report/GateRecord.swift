package import JSONText

/// One gate as `eval/summary.json` records it: judged once, by the rules of that day, and shown as it was.
package struct GateRecord: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case pass, fail, not_measured, does_not_apply
    }

    /// `g1`, which is also its row in the table `gates`.
    package var id: String
    package var title: String
    package var state: State
    /// What was found, or what is still needed.
    package var found: String

    package init(id: String, title: String, state: State, found: String) {
        self.id = id
        self.title = title
        self.state = state
        self.found = found
    }

    package var json: JSONValue {
        ["state": JSONValue(state.rawValue), "title": JSONValue(title), "found": JSONValue(found)]
    }

    /// The gates of a summary, in their order.
    package static func all(in summary: JSONValue) -> [GateRecord] {
        (summary["gates"]?.objectValue?.members ?? []).compactMap { member in
            member.value["state"]?.stringValue.flatMap(State.init).map {
                GateRecord(
                    id: member.key, title: member.value["title"]?.stringValue ?? member.key, state: $0,
                    found: member.value["found"]?.stringValue ?? "")
            }
        }
    }
}
