import FileStore
import Testing

@Suite struct InstallationTests {
    @Test("a checkout is found upward from the executable")
    func findsCheckout() throws {
        let folder = try ScratchFolder()
        try makeHome(folder.path)
        let found = try Installation.find(environment: [:], executable: folder.path + "/.build/x/release/hone")
        #expect(found.home == folder.path)
        #expect(found.rules == folder.path + "/rules")
    }

    @Test("an installed copy is found in ../share/hone")
    func findsInstalled() throws {
        let folder = try ScratchFolder()
        try makeHome(folder.path + "/share/hone")
        let found = try Installation.find(environment: [:], executable: folder.path + "/bin/hone")
        #expect(found.home == folder.path + "/share/hone")
    }

    @Test("HONE_HOME comes first and must be right")
    func environmentComesFirst() throws {
        let folder = try ScratchFolder()
        try makeHome(folder.path + "/named")
        try makeHome(folder.path + "/share/hone")
        let executable = folder.path + "/bin/hone"
        let found = try Installation.find(environment: ["HONE_HOME": folder.path + "/named"], executable: executable)
        #expect(found.home == folder.path + "/named")
        #expect(throws: InstallationError.notFound(looked: ["/nowhere"])) {
            try Installation.find(environment: ["HONE_HOME": "/nowhere"], executable: executable)
        }
    }

    @Test("rules may lie elsewhere")
    func otherRules() throws {
        let folder = try ScratchFolder()
        try makeHome(folder.path)
        try FileStore().createFolder(folder.path + "/mine")
        let found = try Installation.find(
            rules: folder.path + "/mine", environment: [:], executable: folder.path + "/bin/hone")
        #expect(found.rules == folder.path + "/mine")
        #expect(throws: InstallationError.noRules(path: "/nowhere")) {
            try Installation.find(rules: "/nowhere", environment: [:], executable: folder.path + "/bin/hone")
        }
    }

    @Test("the error lists every place looked at")
    func listsPlaces() {
        #expect(throws: InstallationError.notFound(looked: ["/opt/x/bin", "/opt/x", "/opt", "/opt/x/share/hone"])) {
            try Installation.find(environment: [:], executable: "/opt/x/bin/hone")
        }
    }

    private func makeHome(_ path: String) throws {
        try FileStore().createFolder(path + "/rules")
        try FileStore().createFolder(path + "/templates")
    }
}
