import FileStore
import Plan
import Testing
import Workflows

@Suite("A model is found by its folder or by the name of the embedded one")
struct ModelLocationTests {
    @Test("a name that is neither is refused with the name")
    func unknown() {
        let installation = Installation(home: "/nowhere")
        #expect(throws: ModelLocationError.notFound(name: "llama-9")) {
            try ModelLocation("llama-9", in: installation)
        }
    }

    @Test("an installation without the embedded model says where it looked")
    func missing() {
        #expect(throws: ModelLocationError.practiceModelMissing(path: "/nowhere/models/base")) {
            try ModelLocation(ModelLocation.practice, in: Installation(home: "/nowhere"))
        }
    }
}
