internal import GRDB

/// What a list of runs shows of one run.
package struct RunSummary: Sendable, Hashable {
    package var id: String
    package var createdAt: String
    package var status: String
    package var verdict: String?
    package var model: String?
    package var dataFingerprint: String?
    package var trainSeconds: Double?
    /// The score the run is known by: the tuned arm's first metric.
    package var headline: RunManifest.Score?
}

/// The index over run folders, `runs/registry.sqlite`.
///
/// The folders are the record; this file only makes them quick to list. It holds nothing that `rebuild` could not read again
/// from the manifests, so deleting it loses nothing.
package struct RunIndex: Sendable {
    private let database: DatabaseQueue

    /// Opens the index, making it when the file is new.
    package init(path: String) throws {
        database = try DatabaseQueue(path: path)
        try Self.migrator.migrate(database)
    }

    /// Adds a run, or replaces what was known of it.
    package func record(_ manifest: RunManifest) throws {
        try database.write { try Self.insert(manifest, into: $0) }
    }

    /// Forgets everything and indexes these runs, in one transaction.
    package func rebuild(from manifests: [RunManifest]) throws {
        try database.write { db in
            try db.execute(sql: "DELETE FROM run")
            for manifest in manifests { try Self.insert(manifest, into: db) }
        }
    }

    /// All runs, newest first.
    package func summaries() throws -> [RunSummary] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM run ORDER BY createdAt DESC, id DESC").map(RunSummary.init)
        }
    }

    private static func insert(_ manifest: RunManifest, into db: Database) throws {
        let headline = manifest.scores.first { $0.arm == "tuned" } ?? manifest.scores.first
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO run
                  (id, createdAt, status, verdict, model, dataFingerprint, trainSeconds,
                   arm, metric, value, low, high, itemCount)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                manifest.id, manifest.createdAt, manifest.status.rawValue, manifest.verdict, manifest.model,
                manifest.fingerprints["data"], manifest.seconds["train"], headline?.arm, headline?.metric,
                headline?.value, headline?.low, headline?.high, headline?.count,
            ])
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("List runs with their verdict and their headline score") { db in
            try db.create(table: "run") { table in
                table.primaryKey("id", .text)
                table.column("createdAt", .text).notNull().indexed()
                table.column("status", .text).notNull()
                table.column("verdict", .text)
                table.column("model", .text)
                table.column("dataFingerprint", .text)
                table.column("trainSeconds", .double)
                // The headline score; all NULL where nothing was measured.
                table.column("arm", .text)
                table.column("metric", .text)
                table.column("value", .double)
                table.column("low", .double)
                table.column("high", .double)
                table.column("itemCount", .integer)
            }
        }
        return migrator
    }
}

extension RunSummary {
    fileprivate init(_ row: Row) {
        id = row["id"]
        createdAt = row["createdAt"]
        status = row["status"]
        verdict = row["verdict"]
        model = row["model"]
        dataFingerprint = row["dataFingerprint"]
        trainSeconds = row["trainSeconds"]
        if let arm: String = row["arm"], let metric: String = row["metric"], let value: Double = row["value"] {
            headline = .init(
                arm: arm, metric: metric, value: value, low: row["low"] ?? value, high: row["high"] ?? value,
                count: row["itemCount"] ?? 0)
        }
    }
}
