package import FileStore
package import Plan

/// Where the model of a plan lies on this machine.
package struct ModelLocation: Sendable, Hashable {
    /// The name under which plans ask for the embedded base model.
    package static let practiceName = "practice-3m"

    package let reference: ModelReference
    package let path: String
    /// The embedded base is a practice model: every figure obtained with it says so.
    package let isPractice: Bool

    package static var practice: ModelReference { ModelReference(practiceName) }

    /// A folder with a `config.json`, or the embedded model by its name.
    package init(
        _ reference: ModelReference, in installation: Installation, store: FileStore = FileStore()
    ) throws(ModelLocationError) {
        self.reference = reference
        let embedded = installation.models + "/base"
        if reference.name == Self.practiceName {
            guard store.isFile(embedded + "/config.json") else { throw .practiceModelMissing(path: embedded) }
            path = embedded
            isPractice = true
            return
        }
        isPractice = false
        // Where the download command of `hone plan` puts a model that is named and not given as a folder.
        let downloaded = "models/" + reference.name
        if !store.isFolder(reference.name), store.isFile(downloaded + "/config.json") {
            path = downloaded
            return
        }
        guard store.isFolder(reference.name) else { throw .notFound(name: reference.name) }
        path = reference.name
    }
}

/// Why a model could not be located.
package enum ModelLocationError: Error, Sendable, Hashable {
    /// Neither a folder nor the embedded model.
    case notFound(name: String)
    /// The installation has no embedded model where it should be.
    case practiceModelMissing(path: String)
}
