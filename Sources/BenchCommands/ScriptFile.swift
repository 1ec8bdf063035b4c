import LuaHost
import ScenarioLanguage
#if canImport(Glibc)
  import Glibc
#endif

/// Reads scripts: regular files only, once, and not more than the limit.
struct ScriptFile {
  /// What cannot be read is refused as everything is.
  typealias Problem = Refusal

  /// - Parameters:
  ///   - folderAdvice: what to do instead, for somebody who names a folder.
  ///   - limitFlag: the option that sets the limit.
  static func read(
    _ path: String, limit: Int, folderAdvice: String = "; name the scripts in it", limitFlag: String? = nil
  ) throws(Refusal) -> [UInt8] {
    let shown = escapeForDisplay(Array(path.utf8))
    // O_NONBLOCK: a FIFO without a writer must not block.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw cannotOpen(path, shown) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Refusal("cannot read \(shown): \(String(cString: strerror(errno)))") }
    switch status.st_mode & S_IFMT {
    case S_IFREG: FileUse.noteRead(status)
    case S_IFDIR: throw Refusal("\(shown) is a directory\(folderAdvice)")
    default: throw Refusal("\(shown) is not a regular file")
    }
    guard status.st_size <= limit else {
      let flag = limitFlag.map { " (\($0))" } ?? ""
      throw Refusal("\(shown): \(status.st_size) bytes is over the limit of \(limit)\(flag)")
    }
    return try readAll(descriptor, shown, size: Int(status.st_size))
  }

  private static func cannotOpen(_ path: String, _ shown: String) -> Refusal {
    let error = errno
    var status = stat()
    var problem = Refusal("cannot open \(shown): \(String(cString: strerror(error)))")
    if path.unicodeScalars.contains("\u{fffd}") {
      problem.hint = "the name is not UTF-8; rename the file"
    } else if error == ENOENT, lstat(path, &status) == 0 {
      problem.hint = "it is a link that leads nowhere"
    } else if error == ENOENT, let near = NearestName.path(like: path) { problem.hint = "there is \(escapeForDisplay(Array(near.utf8)))" }
    return problem
  }

  /// Reads a file that had `size` bytes when it was opened; one that shrinks or grows meanwhile is refused.
  private static func readAll(_ descriptor: Int32, _ shown: String, size: Int) throws(Refusal) -> [UInt8] {
    var failure: Int32 = 0
    // One byte more than expected, so that growth is seen.
    let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, filled in
      while filled <= size {
        let count = Glibc.read(descriptor, buffer.baseAddress! + filled, size + 1 - filled)
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
        }
        if count <= 0 { return }
        filled += count
      }
    }
    guard failure == 0 else { throw Refusal("cannot read \(shown): \(String(cString: strerror(failure)))") }
    guard bytes.count == size else { throw Refusal("\(shown) changed while it was read") }
    return bytes
  }

  /// Finds a module beneath the script's folder, then beneath its `lib`; a link that leads out of the folder is not followed.
  ///
  /// The interpreter refuses one that is over the limit of sources, and says so at the line that wants it; here it is only kept from
  /// filling the memory.
  static func module(_ name: String, besides script: String, limit: Int) -> (name: String, source: [UInt8])? {
    let root = folder(of: script)
    let relative = name.split(separator: ".").joined(separator: "/") + ".lua"
    for candidate in ["\(root)/\(relative)", "\(root)/lib/\(relative)"] {
      guard let real = realPath(candidate), let top = realPath(root), real.hasPrefix(top == "/" ? "/" : top + "/"),
        let source = try? read(real, limit: max(limit, 64 << 20))
      else { continue }
      return (candidate.hasPrefix("./") ? String(candidate.dropFirst(2)) : candidate, source)
    }
    return nil
  }

  /// An image in the script's own folder, and the SIGSTRUCT beside it; a link that leads out of the folder is not followed.
  static func image(_ name: String, besides script: String) -> ImageSource? {
    let root = folder(of: script)
    let path = root == "." ? name : "\(root)/\(name)"
    guard let top = realPath(root), let file = realPath(path), isDirectly(file, in: top) else { return nil }
    let sigStruct = MeasureRequest.sigStructFile(beside: path).flatMap { realPath($0) }.flatMap { isDirectly($0, in: top) ? $0 : nil }
    FileUse.noteRead(file)
    if let sigStruct { FileUse.noteRead(sigStruct) }
    return ImageSource(path: file, name: path, sigStructPath: sigStruct)
  }

  private static func isDirectly(_ file: String, in folder: String) -> Bool {
    let start = folder == "/" ? "/" : folder + "/"
    return file.hasPrefix(start) && !file.dropFirst(start.count).utf8.contains(UInt8(ascii: "/"))
  }

  private static func folder(of script: String) -> String {
    let folder = script.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return folder.isEmpty ? (script.hasPrefix("/") ? "/" : ".") : folder
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
