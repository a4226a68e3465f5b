internal import GRDB

/// Passages of documents in one SQLite file, searched by words (FTS5, BM25).
///
/// The file is the whole index: it can be copied, opened with `sqlite3`, and thrown away and made again.
package struct PassageStore: Sendable {
    private let database: DatabaseQueue

    package struct Entry: Sendable, Hashable {
        package var source: String
        package var heading: String
        package var text: String

        package init(source: String, heading: String, text: String) {
            (self.source, self.heading, self.text) = (source, heading, text)
        }
    }

    /// A passage that shares words with a question; a higher score is a better match.
    package struct Hit: Sendable, Hashable {
        package let entry: Entry
        package let score: Double
    }

    /// Makes an index with these passages; the file must not exist.
    package init(path: String, entries: [Entry]) throws {
        database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE VIRTUAL TABLE passage USING fts5(
                      heading, text, source UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')
                    """)
            for entry in entries {
                try db.execute(
                    sql: "INSERT INTO passage (heading, text, source) VALUES (?, ?, ?)",
                    arguments: [entry.heading, entry.text, entry.source])
            }
            try db.execute(sql: "INSERT INTO passage (passage) VALUES ('optimize')")
        }
    }

    /// Opens an index to search it.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        database = try DatabaseQueue(path: path, configuration: configuration)
        guard try database.read({ try $0.tableExists("passage") }) else {
            throw PassageStoreError.notAnIndex(path: path)
        }
    }

    package func count() throws -> Int {
        try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM passage") ?? 0 }
    }

    /// The best matches, best first; of equal ones the one from the later file name, as dated files sort by day.
    package func search(_ question: String, count: Int) throws -> [Hit] {
        let words = Self.words(of: question)
        guard !words.isEmpty, count > 0 else { return [] }
        // Each word in quotes is a word and never an operator; any of them may match.
        let query = words.map { "\"\($0)\"" }.joined(separator: " OR ")
        return try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT heading, text, source, -bm25(passage) AS score FROM passage
                    WHERE passage MATCH ? ORDER BY score DESC, source DESC, rowid LIMIT ?
                    """, arguments: [query, count]
            ).map { row in
                Hit(
                    entry: Entry(source: row["source"], heading: row["heading"], text: row["text"]), score: row["score"]
                )
            }
        }
    }

    private static func words(of text: String) -> [String] {
        var seen: Set<String> = []
        return text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).filter {
            seen.insert($0).inserted
        }
    }
}

package enum PassageStoreError: Error, Sendable, Hashable {
    /// A database without passages.
    case notAnIndex(path: String)
}
