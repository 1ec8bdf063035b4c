import ArgumentParser
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench init [FOLDER]`
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what editors need to know about scenarios: .luarc.json, .luacheckrc and definitions.",
    discussion: """
      The files are for the Lua language server and for luacheck. One that was changed since, or that somebody else wrote, is left alone; \
      the status is 2 then. Ends with 74 where a file could not be written.
      """)

  @Argument(help: ArgumentHelp("The folder of the scenarios.", valueName: "folder"), completion: .directory)
  var folder = "."

  @Flag(help: "Replaces files that were changed, too.")
  var force = false

  mutating func run() throws {
    var folderStatus = stat()
    guard stat(folder, &folderStatus) == 0 else {
      throw failure("cannot open \(shown(folder)): \(String(cString: strerror(errno)))", .badInput)
    }
    guard folderStatus.st_mode & S_IFMT == S_IFDIR else { throw failure("\(shown(folder)) is not a directory", .badInput) }
    var output = Output(descriptor: 1)
    let status = write(&output)
    output.complain()
    throw ExitCode((output.error == 0 ? status : status.or(.output)).rawValue)
  }

  private func write(_ output: inout Output) -> ExitStatus {
    var status = ExitStatus.passed
    do throws(Refusal) {
      for folder in EditorFiles.folders { try make(folder) }
      var written = WrittenFiles(try read(WrittenFiles.path) ?? [])
      for file in EditorFiles.all {
        let found = try read(file.path)
        if found == file.bytes {
          output.write("unchanged  \(shown(place(file.path)))\n")
        } else if let found, !force, !written.holds(file.path, found) {
          Message.write("\(shown(place(file.path))) is somebody's own; it stays as it is (--force replaces it)")
          status = status.or(.badInput)
          continue
        } else {
          try WholeFile(place(file.path), replacesRead: true).write(file.bytes)
          output.write("wrote      \(shown(place(file.path)))\n")
        }
        written.note(file.path, file.bytes)
      }
      try WholeFile(place(WrittenFiles.path), replacesRead: true).write(written.bytes)
    } catch {
      Message.write(error.text, hint: error.hint)
      status = status.or(error.status)
    }
    return status
  }

  private func place(_ path: String) -> String { folder == "." ? path : folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)" }

  /// What is there; nil for nothing.
  private func read(_ path: String) throws(Refusal) -> [UInt8]? {
    var status = stat()
    if stat(place(path), &status) != 0, errno == ENOENT {
      // A link that leads nowhere is somebody's too.
      return lstat(place(path), &status) == 0 ? [] : nil
    }
    return try ScriptFile.read(place(path), limit: 1 << 20, folderAdvice: "; move it away")
  }

  private func make(_ name: String) throws(Refusal) {
    guard mkdir(place(name), 0o777) != 0, errno != EEXIST else { return }
    throw Refusal("cannot make \(shown(place(name))): \(String(cString: strerror(errno)))", status: .output)
  }
}
