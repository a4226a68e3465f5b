package import Plan

/// What starts TRL with a plan's config on one machine or on many: a line of shell, or the file its scheduler takes.
package struct LaunchScript: Sendable {
    private let plan: RunPlan
    /// The file `TRLConfig` was written to.
    private let config: String

    package init(_ plan: RunPlan, config: String = "trl.yaml") {
        self.plan = plan
        self.config = config
    }

    package var text: String {
        switch plan.launch.scheduler {
        case .none: everyNode
        case .slurm: slurm
        case .sky: sky
        case .ray: "ray job submit --working-dir . -- \(local)\n"
        case .kubernetes: kubernetes
        }
    }

    private var local: String { "trl sft --config \(config)" }

    /// By hand on each machine; with several, the first one's address and the machine's own number have to be filled in.
    private var everyNode: String {
        guard plan.launch.nodes > 1 else { return local + "\n" }
        return "# On every machine, with its own RANK and the first machine's address in HEAD:\n"
            + local + " --machine_rank $RANK --main_process_ip $HEAD --main_process_port 29500\n"
    }

    private var slurm: String {
        """
        #!/bin/bash
        #SBATCH --nodes=\(plan.launch.nodes)
        #SBATCH --ntasks-per-node=1
        #SBATCH --gpus-per-node=\(plan.launch.gpusPerNode)
        #SBATCH --requeue
        export HEAD=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
        # The rank is known inside each task only, so it is expanded there.
        srun bash -c '\(local) --machine_rank $SLURM_NODEID --main_process_ip $HEAD --main_process_port 29500'

        """
    }

    private var sky: String {
        """
        name: hone
        resources: {accelerators: "\(plan.launch.device):\(plan.launch.gpusPerNode)"}
        num_nodes: \(plan.launch.nodes)
        workdir: .
        setup: pip install "trl[peft]"
        run: |
          HEAD=$(echo "$SKYPILOT_NODE_IPS" | head -n 1)
          \(local) --machine_rank $SKYPILOT_NODE_RANK --main_process_ip $HEAD --main_process_port 29500

        """
    }

    private var kubernetes: String {
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: hone}
        spec:
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: train
                  image: huggingface/trl
                  command: ["trl", "sft", "--config", "\(config)"]
                  resources: {limits: {nvidia.com/gpu: \(plan.launch.gpusPerNode)}}

        """
    }
}
