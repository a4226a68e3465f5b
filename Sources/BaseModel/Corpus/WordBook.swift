import Foundation

/// The word lists of `words.txt` and the values invented from them: names, prices, codes, times.
struct WordBook: Sendable {
    let lists: [String: [String]]

    init(folder: URL) throws {
        var lists: [String: [String]] = [:]
        for section in try SectionedText(folder.appendingPathComponent("words.txt")).sections {
            lists[section.title] = section.lines.flatMap { $0.split(separator: ",") }
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        self.lists = lists
    }

    /// The words of a list; a missing list is a slip in the text files that `value(of:)` would print, so it shows.
    func words(_ list: String) -> [String] { lists[list] ?? ["{\(list)}"] }

    /// A word nobody has seen, of two or three syllables: copying it needs the context, not memory.
    func inventedWord(_ random: inout CorpusRandom) -> String {
        let count = random.chance(0.7) ? 2 : 3
        return (0..<count).map { _ in random.pick(words("syllable")) }.joined()
    }

    func inventedName(_ random: inout CorpusRandom) -> String {
        inventedWord(&random).capitalizedFirst
    }

    /// A value for a slot of a template: a word list's name, or one of the invented kinds below.
    func value(of slot: String, _ random: inout CorpusRandom) -> String {
        switch slot {
        case "person":
            let first = random.chance(0.6) ? random.pick(words("name")) : inventedName(&random)
            return random.chance(0.3) ? first + " " + random.pick(words("surname")) : first
        case "town": return random.chance(0.4) ? random.pick(words("city")) : inventedName(&random)
        case "petname", "river", "land": return inventedName(&random)
        case "invented": return inventedWord(&random)
        case "company":
            return inventedName(&random)
                + random.pick(["", "", " Shop", " Store", " Books", " Foods", " Tools", " Travel"])
        case "event":
            return "the "
                + random.pick(["book", "summer", "winter", "music", "food", "team", "family", "garden", "school"])
                + " " + random.pick(["fair", "party", "meeting", "evening", "show", "lunch", "course", "concert"])
        case "item":
            return random.chance(0.5)
                ? "the " + random.pick(words("product"))
                : "the " + inventedName(&random) + " " + random.pick(words("furniture"))
        case "things": return "the " + random.pick(words("adjective")) + " " + random.pick(words("noun"))
        case "age": return String(random.whole(12...90))
        case "days": return String(random.whole(2...60))
        case "months": return String(random.whole(3...48))
        case "count": return String(random.whole(5...300))
        case "small": return String(random.whole(2...30))
        case "year": return String(random.whole(1200...1999))
        case "price":
            return random.chance(0.7)
                ? "\(random.whole(2...180)) dollars" : "\(random.whole(1...60)).\(random.whole(1...9))0 dollars"
        case "weight": return "\(random.whole(2...40)) " + random.pick(["kg", "pounds"])
        case "code": return random.pick(["A", "B", "C", "K", "M", "R", "T", "X"]) + String(random.whole(100...999))
        case "phone": return "555 0\(random.whole(100...999))"
        case "time":
            return "\(random.whole(1...12))" + (random.chance(0.5) ? ":\(random.pick(["15", "30", "45"]))" : "")
                + random.pick([" am", " pm"])
        case "hour": return "\(random.whole(1...12))" + random.pick([" am", " pm"])
        default: return random.pick(words(slot))
        }
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// The text with its first letter small, as people type, except where it begins with "I".
    var lowercasedOpening: String {
        guard let word = split(separator: " ").first, !["I", "I'm"].contains(word) else { return self }
        return prefix(1).lowercased() + dropFirst()
    }
}
