import Foundation
import Testing

@testable import Publishing

@Suite("Report")
struct ReportTests {
    @Test("equal inputs give equal bytes")
    func reproducible() throws {
        let templates = try ReportFixture.templates()
        let one = try Report(ReportFixture.trained(), templates), other = try Report(ReportFixture.trained(), templates)
        #expect(one.files == other.files)
        if let folder = ProcessInfo.processInfo.environment["HONE_REPORT_PREVIEW"] {
            try ReportPreview.write(one, to: folder + "/trained")
            try ReportPreview.write(Report(ReportFixture.decided(), templates), to: folder + "/decided")
        }
    }
}

/// Writes a report where a person can look at it; used with `HONE_REPORT_PREVIEW=folder`.
enum ReportPreview {
    static func write(_ report: Report, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in report.files { try file.text.write(toFile: folder + "/" + file.name, atomically: true, encoding: .utf8) }
    }
}
