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
    /// Somebody took the gate on as it is. It stays what it is, and never counts as passed.
    package var override: Override?

    package struct Override: Sendable, Hashable {
        package var name: String
        package var because: String
        /// ISO 8601 in UTC.
        package var time: String
        /// What the gate was when it was taken on: another state voids the override.
        package var state: State

        package init(name: String, because: String, time: String, state: State) {
            self.name = name
            self.because = because
            self.time = time
            self.state = state
        }
    }

    package init(id: String, title: String, state: State, found: String) {
        self.id = id
        self.title = title
        self.state = state
        self.found = found
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "state": JSONValue(state.rawValue), "title": JSONValue(title), "found": JSONValue(found),
        ]
        object["override"] = override.map {
            [
                "name": JSONValue($0.name), "because": JSONValue($0.because), "time": JSONValue($0.time),
                "state": JSONValue($0.state.rawValue),
            ]
        }
        return .object(object)
    }

    /// It stands between the model and being relied on.
    package var isOpen: Bool { state == .fail || state == .not_measured }
    /// Somebody took it on in the state it is in.
    package var isTakenOn: Bool { override?.state == state }

    /// The gates of a summary, in their order.
    package static func all(in summary: JSONValue) -> [GateRecord] {
        let members = summary["gates"]?.objectValue?.members ?? []
        return members.compactMap { member -> GateRecord? in
            guard let state = member.value["state"]?.stringValue.flatMap(State.init) else { return nil }
            var gate = GateRecord(
                id: member.key, title: member.value["title"]?.stringValue ?? member.key, state: state,
                found: member.value["found"]?.stringValue ?? "")
            gate.override = member.value["override"].flatMap { Override(json: $0) }
            return gate
        }
    }
}

extension GateRecord.Override {
    /// As the trail or a summary holds it.
    package init?(json: JSONValue, time: String? = nil) {
        guard let name = json["name"]?.stringValue, let because = json["because"]?.stringValue,
            let state = json["state"]?.stringValue.flatMap(GateRecord.State.init)
        else { return nil }
        self.init(name: name, because: because, time: time ?? json["time"]?.stringValue ?? "", state: state)
    }
}
