#if canImport(Glibc)
  import Glibc
#endif

/// Writes whole files: what is at the path afterwards is the old file or the new one, never half of one.
enum WholeFile {
  /// Why a file could not be written, in a line.
  struct Problem: Error {
    let text: String
  }

  /// Writes to a file beside it, which takes the name once its bytes are on the disk.
  ///
  /// - Parameter mayReplace: false: a file that is there already stays, even one that came there meanwhile.
  /// - Throws: a problem with the path in it. Nothing is left behind.
  static func write(_ bytes: [UInt8], to path: String, mayReplace: Bool = true) throws(Problem) {
    var template = Array((path + ".XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw problem(path) }
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var output = Output(descriptor: descriptor)
    bytes.withUnsafeBufferPointer { output.write($0) }
    let mask = umask(0)
    umask(mask)
    var error = output.error
    if error == 0, fchmod(descriptor, 0o666 & ~mask) != 0 { error = errno }
    if error == 0, fsync(descriptor) != 0 { error = errno }
    if close(descriptor) != 0, error == 0 { error = errno }
    if error == 0 {
      if mayReplace {
        if rename(temporary, path) != 0 { error = errno }
      } else {
        // Unlike rename, link fails where there is a file.
        if link(temporary, path) != 0 { error = errno }
        unlink(temporary)
      }
    }
    guard error == 0 else {
      unlink(temporary)
      throw problem(path, error)
    }
  }

  /// What is at a path; nil for nothing.
  static func read(_ path: String) throws(ScriptFile.Problem) -> [UInt8]? {
    var status = stat()
    if lstat(path, &status) != 0, errno == ENOENT { return nil }
    return try ScriptFile.read(path, limit: 1 << 20)
  }

  private static func problem(_ path: String, _ error: Int32 = errno) -> Problem {
    Problem(text: "cannot write \(path): \(String(cString: strerror(error)))")
  }
}
