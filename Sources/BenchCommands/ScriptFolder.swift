import LuaHost
#if canImport(Glibc)
  import Glibc
#endif

/// Finds the scenarios of a folder.
enum ScriptFolder {
  /// Folders that hold what scenarios require, not scenarios.
  static let helpers = ["lib", "meta", "dev", "loaders"]

  /// Every `*.lua` beneath, outside folders of helpers, in byte order of the path; links to files count as files, links to folders are not
  /// followed, since they may lead in a circle. What is no folder is itself, even where there is nothing: whoever reads it says what is wrong.
  static func scripts(beneath path: String) throws(Refusal) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    var found: [String] = []
    let root = path.hasSuffix("/") && path != "/" ? String(path.dropLast()) : path
    try collect(root, &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Every *.lua beneath, folders of helpers included; what cannot be read counts as empty.
  static func watched(beneath folder: String) -> [String] {
    var found: [String] = []
    try? collect(folder, &found, entersHelpers: true)
    return found
  }

  private static func collect(_ folder: String, _ found: inout [String], entersHelpers: Bool = false) throws(Refusal) {
    guard let stream = opendir(folder) else {
      throw Refusal("cannot open \(shown(folder)): \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let (name, isUTF8) = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { (String(cString: $0), String(validatingCString: $0) != nil) }
      }
      guard name.utf8.first != UInt8(ascii: ".") else { continue }
      let isScript = name.hasSuffix(".lua")
      if !isUTF8, isScript || entry.pointee.d_type == DT_DIR {
        let bytes = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { start in (0..<strlen(start)).map { UInt8(bitPattern: start[$0]) } }
        }
        throw Refusal("\(shown(folder))/\(escapeForDisplay(bytes)): the name is not UTF-8; rename it")
      }
      var status = stat()
      guard lstat("\(folder)/\(name)", &status) == 0 else {
        // One that has just gone was not there; anything else keeps a scenario from being seen.
        if errno == ENOENT || !isScript && entry.pointee.d_type != DT_DIR { continue }
        throw Refusal("cannot read \(shown("\(folder)/\(name)")): \(String(cString: strerror(errno)))")
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: if entersHelpers || !helpers.contains(name) { try collect("\(folder)/\(name)", &found, entersHelpers: entersHelpers) }
      case S_IFREG: if isScript { found.append("\(folder)/\(name)") }
      // One that leads nowhere counts too: a scenario that is missing must not be left out without a word.
      case S_IFLNK: if isScript, !isFolder("\(folder)/\(name)") { found.append("\(folder)/\(name)") }
      default: break
      }
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
