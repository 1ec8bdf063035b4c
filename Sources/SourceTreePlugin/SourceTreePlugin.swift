import Foundation
import PackagePlugin

/// Makes the file that says which sources a program was built of, before SourceTree is compiled: again where any of them changed, and
/// nowhere at run time.
@main struct SourceTreePlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let script = root.appending(path: "Scripts/dev/digest.sh")
    let output = context.pluginWorkDirectoryURL.appending(path: "digest.swift")
    return [
      .buildCommand(
        displayName: "Digest of the source tree", executable: URL(filePath: "/bin/sh"),
        arguments: [script.path(percentEncoded: false), root.path(percentEncoded: false), output.path(percentEncoded: false)],
        inputFiles: sources(beneath: root) + [script], outputFiles: [output])
    ]
  }

  /// Package.swift and every file beneath Sources.
  private func sources(beneath root: URL) -> [URL] {
    let folder = root.appending(path: "Sources")
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: .skipsHiddenFiles)
    let files = (found?.allObjects as? [URL] ?? []).filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
    return [root.appending(path: "Package.swift")] + files.sorted { $0.path < $1.path }
  }
}
