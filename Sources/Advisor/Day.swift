/// A day of the calendar, for prices that age and plans that have an end.
package struct Day: Sendable, Hashable, Comparable {
    /// Days since 1 January 1970.
    package let number: Int

    package init(number: Int) { self.number = number }

    /// Reads `2026-11-21`; anything else is nil.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2], (1...12).contains(month),
            (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        // Days from civil (Howard Hinnant): years begin in March, so that the leap day comes last.
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400, ofEra = shifted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    /// `2026-11-21`.
    package var spelled: String {
        let shifted = number + 719_468
        let era = shifted / 146_097, ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(day))"
    }

    /// The same day so many working days later, five of which make a week.
    package func afterWorkingDays(_ count: Double) -> Day {
        Day(number: number + Int((min(count, 1e6) * 7 / 5).rounded(.up)))
    }

    package static func < (one: Day, other: Day) -> Bool { one.number < other.number }
}
