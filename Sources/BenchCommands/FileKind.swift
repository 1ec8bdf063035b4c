import BenchReport
#if canImport(Glibc)
  import Glibc
#endif

/// What a file is, as its first bytes tell: a command replaces files of the kind that it writes, and no others unasked.
enum FileKind: Sendable {
  case sigStruct
  /// The 256 bytes that a signature covers.
  case signedData
  /// Records of an image, as SGXS.
  case stream
  /// A scenario with its modules in one file.
  case bundle
  case report(ReportFormat)

  /// What messages call it.
  var name: String {
    switch self {
    case .sigStruct: "SIGSTRUCT"
    case .signedData: "file of signed bytes"
    case .stream: "SGXS stream"
    case .bundle: "bundle"
    case .report(let format): "\(format.rawValue) report"
    }
  }

  /// Whether a file that begins so, and is so long, is one. An empty file is of every kind: mktemp makes them.
  func fits(_ start: [UInt8], size: Int) -> Bool {
    func begins(_ text: String) -> Bool { start.starts(with: Array(text.utf8)) }
    func holds(_ text: String) -> Bool { start.firstRange(of: Array(text.utf8)) != nil }
    if size == 0 { return true }
    switch self {
    case .sigStruct: return size == 1808 && start.starts(with: [0x06, 0, 0, 0, 0xe1, 0, 0, 0])
    case .signedData: return size == 256 && start.starts(with: [0x06, 0, 0, 0, 0xe1, 0, 0, 0])
    case .stream: return begins("ECREATE\0")
    case .bundle: return begins("-- A scenario in one file: sgxbench run FILE.")
    case .report(.html): return begins("<!DOCTYPE html>") && holds("sgxbench")
    case .report(.junit): return begins("<?xml") && holds("<testsuites name=\"sgxbench ")
    case .report(.json): return begins("{\n  \"arguments\" : ")
    case .report(.tap): return begins("TAP version 13\n") && holds("# sgxbench ")
    case .report(.ktap): return begins("KTAP version 1\n") && holds("# sgxbench ")
    case .report(.pretty): return begins("sgxbench ")
    }
  }

  /// Bytes that tell a kind: a page's title stands in them.
  private static let startSize = 4096

  /// The first bytes of a regular file; nil where there is none that can be read.
  static func start(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return [UInt8](unsafeUninitializedCapacity: startSize) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, startSize))
    }
  }
}

extension WholeFile {
  /// A file to be written anew, where that takes nothing away that somebody may want to keep.
  ///
  /// - Parameters:
  ///   - read: files that the same command reads.
  ///   - force: whether a file of another kind may go; one that is read may then go, too.
  static func replacing(_ path: String, of kind: FileKind, besides read: [String], force: Bool) throws(Refusal) -> WholeFile {
    let file = try WholeFile(path, replacesRead: force)
    guard !force else { return file }
    if read.contains(where: { file.isAlso($0) }) {
      throw Refusal("\(file.shown) is read by this command; --force replaces it all the same")
    }
    try file.demand(kind)
    return file
  }

  /// Refuses to replace what is of another kind.
  func demand(_ kind: FileKind) throws(Refusal) {
    guard let size = size, !kind.fits(FileKind.start(of: path) ?? [], size: size) else { return }
    throw Refusal("\(shown) is there and is no \(kind.name); --force replaces it all the same")
  }

  /// Bytes of the file that is there; nil where there is none, or nothing that could be lost.
  private var size: Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
