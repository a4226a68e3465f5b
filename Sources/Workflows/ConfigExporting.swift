import Datasets
package import FileStore
import Plan
package import Publishing

/// The line from a plan to the files another tool trains from.
package struct ConfigExporting {
    private let prepared: PreparedRun
    private let templates: ReportTemplates
    private let store: FileStore

    package init(_ prepared: PreparedRun, templates: ReportTemplates, store: FileStore = FileStore()) {
        (self.prepared, self.templates, self.store) = (prepared, templates, store)
    }

    /// Writes `folder/TOOL/`, as a whole or not at all. Returns the files' paths.
    package func write(_ tools: [OtherTool], to folder: String) throws -> [String] {
        let model = prepared.location.isPractice ? prepared.location.path : prepared.plan.model.name
        let config = ToolConfig(
            prepared.plan, model: model, training: prepared.trainingExamples,
            validation: prepared.split.validation.map { prepared.dataset.examples[$0] })
        // Every tool is asked before anything is written.
        let all = try tools.map { (tool: $0, files: try config.files(for: $0, templates)) }
        try store.createFolder(folder)
        var record = try ExportRecord(folder: folder, store), paths: [String] = []
        for (tool, files) in all {
            try record.allow(tool.rawValue, in: folder, store)
            try store.publishFolder(folder + "/" + tool.rawValue) { (temporary) throws in
                for file in files { try store.write(file.text, to: temporary + "/" + file.name) }
            }
            try record.add(tool.rawValue, in: folder, store)
            paths += files.map { tool.rawValue + "/" + $0.name }
        }
        return paths
    }
}
