package import YAMLText

/// A plan as it was read: its values, where each key stands, and what was changed to read it.
package struct PlanDocument: Sendable {
    package let plan: RunPlan
    /// Where every written key stands: `training.learning_rate` at `plan.yaml:12:18`.
    package let places: [String: YAMLPlace]
    package let migration: PlanMigration?

    package init(yaml text: String, file: String) throws(PlanError) {
        let reader: PlanReader
        let migration: PlanMigration?
        do {
            let map = try YAMLNode.parse(text, file: file).map()
            let node = map.optional("version")
            let version = try node?.int() ?? RunPlan.currentVersion
            if let node, version > RunPlan.currentVersion {
                throw PlanError.newerVersion(version, known: RunPlan.currentVersion, place: node.place)
            }
            if let node, version < 1 {
                throw PlanError.outOfRange(
                    key: "version", value: "\(version)", allowed: .whole(1...RunPlan.currentVersion), place: node.place)
            }
            let renames = PlanMigration.renames.filter { $0.until >= version }
            reader = PlanReader(map, renamed: Dictionary(renames.map { ($0.now, $0.was) }) { first, _ in first })
            plan = try RunPlan(reader, text: text)
            let used = renames.filter { reader.usedOldNames.contains($0.now) }
            migration = version < RunPlan.currentVersion ? PlanMigration(from: version, renamed: used) : nil
        } catch let error as YAMLError {
            throw .malformed(error)
        } catch let error as PlanError {
            throw error
        } catch {
            throw .malformed(.empty(YAMLPlace(file: file, line: 1, column: 1)))
        }
        places = reader.places
        self.migration = migration
    }
}

extension PlanDocument {
    /// The same plan with lints taken on, as lines under `overrides` would.
    package func accepting(_ lints: [String], because: String) -> PlanDocument {
        var plan = plan
        for lint in lints where !plan.overrides.contains(where: { $0.lint == lint }) {
            plan.overrides.append(PlanOverride(lint: lint, because: because))
        }
        return PlanDocument(plan: plan, places: places, migration: migration)
    }

    private init(plan: RunPlan, places: [String: YAMLPlace], migration: PlanMigration?) {
        self.plan = plan
        self.places = places
        self.migration = migration
    }
}

/// What an older plan needed to be read as one of today.
package struct PlanMigration: Sendable, Hashable {
    package let from: Int
    package let renamed: [Rename]

    /// A key that had another name in plans up to the version `until`.
    package struct Rename: Sendable, Hashable {
        package let until: Int
        package let was: String
        package let now: String
    }

    /// Old names stand beside the new one: the last part of the key only.
    static let renames = [Rename(until: 1, was: "path", now: "data.general_mix.source")]
}
