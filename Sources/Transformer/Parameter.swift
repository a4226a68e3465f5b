package import Tensors

/// One named tensor of the model or of its adapter, in float32, row-major.
package struct Parameter {
    /// As Hugging Face (`model.layers.0.mlp.up_proj.weight`) or PEFT (`base_model.model.….lora_A.weight`) writes it.
    package let name: String
    package let shape: [Int]
    package let values: Floats
    /// The sum of gradients since `zeroGradients()`; nil for a frozen tensor.
    package let gradient: Floats?

    package var count: Int { shape.reduce(1, *) }
}

/// Fills a tensor: name in Hugging Face spelling, shape, destination.
package typealias TensorReader = (_ name: String, _ shape: [Int], _ destination: UnsafeMutablePointer<Float>) throws ->
    Void
