import Datasets
package import FileStore

/// What the data files of a plan held when it was written: SHA-256 over their bytes, in their order.
package enum DataFingerprint {
    /// Nil for data that does not lie in files (a pipe cannot be read twice).
    package static func of(_ paths: [String], store: FileStore) throws -> String? {
        var builder = FingerprintBuilder()
        for file in try DataFolder.files(of: paths) {
            guard store.isFile(file) else { return nil }
            builder.add(try store.fingerprint(ofFile: file).hex + "\n")
        }
        return builder.fingerprint.hex
    }
}
