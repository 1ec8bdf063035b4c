import LuaHost
#if canImport(Glibc)
  import Glibc
#endif

/// Writes a whole file or none: what stood there before stays until everything new is on the disk.
struct WholeFile {
  let shown: String
  /// The file itself, links followed.
  let path: String
  /// A device, a pipe: there is nothing to keep, and nothing to rename.
  private let isSpecial: Bool
  /// Who may read the file that is there, and so its successor; nil: there is none.
  private var permissions: mode_t?
  /// It may take the place of a file that was read: the caller was told so, or has read it to see whether it may go.
  private let replacesRead: Bool

  /// Looks whether the file can be written, so that nobody learns of it after an hour's run.
  init(_ path: String, replacesRead: Bool = false) throws(Refusal) {
    self.replacesRead = replacesRead
    let shown = escapeForDisplay(Array(path.utf8))
    self.shown = shown
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG:
        isSpecial = false
        permissions = status.st_mode & 0o7777
      case S_IFDIR: throw Refusal("cannot write \(shown): it is a directory", status: .output)
      default: isSpecial = true
      }
      guard access(path, W_OK) == 0 else { throw Self.problem(shown) }
      if !isSpecial, !replacesRead, FileUse.wasRead(path) { throw Self.isRead(shown) }
      self.path = Self.real(path) ?? path
    } else {
      guard errno == ENOENT else { throw Self.problem(shown) }
      guard lstat(path, &status) != 0 else { throw Refusal("cannot write \(shown): it is a link that leads nowhere", status: .output) }
      isSpecial = false
      let (folder, name) = Self.parts(path)
      self.path = Self.real(folder.isEmpty ? "." : folder).map { $0 == "/" ? $0 + name : $0 + "/" + name } ?? path
    }
    guard !isSpecial else { return }
    // Whether the folder takes a new file: by trying.
    let part = self.part
    Interruption.holdsUnfinished(part)
    defer { Interruption.holdsUnfinished(nil) }
    let descriptor = Self.openNew(part)
    guard descriptor >= 0 else { throw Self.problem(shown) }
    close(descriptor)
    unlink(part)
  }

  /// Files for all targets that are no standard output.
  ///
  /// - Parameter read: what a report must not take the place of, and what to call it. Asked only where there is a file: making the list
  ///   costs a start-up a tenth.
  ///   - force: whether a file that is no report of the target's kind may go.
  static func open(
    _ targets: [ReportTarget], force: Bool, besides read: @autoclosure () -> [(path: String, name: String)]
  ) throws(Refusal) -> [(target: ReportTarget, file: WholeFile)] {
    var opened: [(target: ReportTarget, file: WholeFile)] = []
    for target in targets {
      guard let path = target.file else { continue }
      let file = try WholeFile(path)
      if !file.isSpecial {
        if let other = opened.first(where: { $0.file.path == file.path }) {
          throw Refusal("--format: \(other.file.shown) and \(file.shown) are the same file", status: .usage)
        }
        if let taken = read().first(where: { file.isAlso($0.path) }) { throw Refusal("--format: \(file.shown) is \(taken.name)", status: .usage) }
        if !force { try file.demand(.report(target.format)) }
      }
      opened.append((target, file))
    }
    return opened
  }

  /// Whether writing it would take another file's place.
  func isAlso(_ path: String) -> Bool { !isSpecial && Self.real(path) == self.path }

  /// Beside the file, so that a rename can put it in place.
  private var part: String {
    let (folder, name) = Self.parts(path)
    return "\(folder).\(name).\(getpid()).part"
  }

  /// The folder with its slash, or nothing, and the name in it.
  private static func parts(_ path: String) -> (folder: String, name: String) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
    return (String(path[..<slash]), String(path[slash...]))
  }

  /// The path with all links followed, where there is such a file.
  private static func real(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// A device, or a pipe, whose reader may come a little later than its writer. Without one, opening it would wait for ever.
  private static func openSpecial(_ path: String) -> Int32 {
    let end = monotonicNanoseconds() + UInt64(Output.secondsPatient) * 1_000_000_000
    while true {
      let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor < 0, errno == ENXIO, Interruption.signal == nil, monotonicNanoseconds() < end else { return descriptor }
      var time = timespec(tv_sec: 0, tv_nsec: 20_000_000)
      nanosleep(&time, nil)
      errno = ENXIO
    }
  }

  /// A file that nobody else has made: in a folder that others may write, the name could be a link of theirs.
  private static func openNew(_ path: String) -> Int32 {
    unlink(path)
    return Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, 0o644)
  }

  private static func isRead(_ shown: String) -> Refusal { Refusal("cannot write \(shown): it is a file that was read", status: .output) }

  private static func problem(_ shown: String) -> Refusal { Refusal("cannot write \(shown): \(String(cString: strerror(errno)))", status: .output) }

  /// Writes the text and puts it in place.
  func write(_ text: String) throws(Refusal) { try write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) throws(Refusal) { try write { output in bytes.withUnsafeBufferPointer { output.write($0) } } }

  /// Lets `body` write what is too much for the memory; after an error of the output nothing of it stays.
  func write(_ body: (inout Output) -> Void) throws(Refusal) {
    let target = isSpecial ? path : part
    // It may have been read since.
    if !isSpecial, !replacesRead, FileUse.wasRead(path) { throw Self.isRead(shown) }
    if !isSpecial { Interruption.holdsUnfinished(target) }
    defer { Interruption.holdsUnfinished(nil) }
    let descriptor = isSpecial ? Self.openSpecial(target) : Self.openNew(target)
    guard descriptor >= 0 else {
      if isSpecial, errno == ENXIO { throw Refusal("cannot write \(shown): nobody has read from it within \(Output.secondsPatient) s", status: .output) }
      throw Self.problem(shown)
    }
    if let permissions { fchmod(descriptor, permissions) }
    var output = Output(descriptor: descriptor, waitsForEver: !isSpecial)
    body(&output)
    if output.error == 0, !isSpecial, fsync(descriptor) != 0 { output.error = errno }
    if close(descriptor) != 0, output.error == 0 { output.error = errno }
    if output.error == 0, !isSpecial, rename(target, path) != 0 { output.error = errno }
    guard output.error != 0 else { return }
    if !isSpecial { unlink(target) }
    throw Refusal("cannot write \(shown): \(String(cString: strerror(output.error)))", status: .output)
  }
}
