#if canImport(Glibc)
  import Glibc
#endif

/// Writes a whole file or none: what stood there before stays until everything new is on the disk.
struct ReportFile {
  /// Why a file cannot be written, in a line.
  struct Problem: Error {
    let text: String
  }

  private let shown: String
  /// The file itself, links followed.
  private let path: String
  /// A device, a pipe: there is nothing to keep, and nothing to rename.
  private let isSpecial: Bool

  /// Looks whether the file can be written, so that nobody learns of it after an hour's run.
  init(_ path: String) throws(Problem) {
    shown = path
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: isSpecial = false
      case S_IFDIR: throw Problem(text: "cannot write \(path): it is a directory")
      default: isSpecial = true
      }
      guard access(path, W_OK) == 0 else { throw Self.problem(path) }
      let real = realpath(path, nil)
      defer { free(real) }
      self.path = real.map { String(cString: $0) } ?? path
    } else {
      guard errno == ENOENT else { throw Self.problem(path) }
      isSpecial = false
      self.path = path
    }
    guard !isSpecial else { return }
    // Whether the folder takes a new file: by trying.
    let part = self.part
    Interruption.holdsUnfinished(part)
    defer { Interruption.holdsUnfinished(nil) }
    let descriptor = open(part, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw Self.problem(path) }
    close(descriptor)
    unlink(part)
  }

  /// Beside the file, so that a rename can put it in place.
  private var part: String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
    return String(path[..<slash]) + "." + String(path[slash...]) + ".\(getpid()).part"
  }

  private static func problem(_ path: String) -> Problem { Problem(text: "cannot write \(path): \(String(cString: strerror(errno)))") }

  /// Writes the text and puts it in place.
  func write(_ text: String) throws(Problem) { try write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) throws(Problem) {
    let target = isSpecial ? path : part
    if !isSpecial { Interruption.holdsUnfinished(target) }
    defer { Interruption.holdsUnfinished(nil) }
    let descriptor = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw Self.problem(shown) }
    var output = Output(descriptor: descriptor)
    bytes.withUnsafeBufferPointer { output.write($0) }
    if output.error == 0, !isSpecial, fsync(descriptor) != 0 { output.error = errno }
    if close(descriptor) != 0, output.error == 0 { output.error = errno }
    if output.error == 0, !isSpecial, rename(target, path) != 0 { output.error = errno }
    guard output.error != 0 else { return }
    if !isSpecial { unlink(target) }
    throw Problem(text: "cannot write \(shown): \(String(cString: strerror(output.error)))")
  }
}
