package import ModelFiles
import Plan
package import Tensors

extension LlamaModel {
    /// Reads the weights of a GGUF file: what is stored in blocks is widened to the numbers they stand for.
    /// - Throws: `ModelFileError`.
    package convenience init(
        gguf model: GGUFModel, trainable: Trainable = .none, team: ThreadTeam, maxBatchTokens: Int
    ) throws {
        try self.init(shape: model.shape, trainable: trainable, team: team, maxBatchTokens: maxBatchTokens) {
            name, shape, destination in
            try model.read(name, into: destination)
            guard Kernels.sumOfSquares(shape.reduce(1, *), destination).isFinite else {
                throw ModelFileError.notFinite(path: model.path, tensor: name)
            }
        }
    }

    /// Gives the adapter's factors the values of a GGUF file that was checked against this model's shape.
    /// - Throws: `ModelFileError` when the file adapts other layers than this model.
    package func loadAdapter(from adapter: GGUFAdapter) throws(ModelFileError) {
        for parameter in parameters {
            try adapter.read(parameter.name, into: parameter.values)
            guard Kernels.sumOfSquares(parameter.count, parameter.values).isFinite else {
                throw .notFinite(path: adapter.path, tensor: parameter.name)
            }
        }
        adapterChanged()
    }
}
