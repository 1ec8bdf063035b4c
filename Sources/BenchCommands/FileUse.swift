import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

/// Every file that this process has read, by what the system knows it by, so that nothing it writes takes the place of one: whichever came
/// first, and by whatever name. A script may require a module, or find an image, long after the report's place was looked at.
enum FileUse {
  private struct Identity: Equatable {
    let device: dev_t
    let number: ino_t
  }
  private static let read = Mutex<[Identity]>([])

  /// Says that a file is being read.
  static func noteRead(_ status: stat) {
    let identity = Identity(device: status.st_dev, number: status.st_ino)
    read.withLock { if !$0.contains(identity) { $0.append(identity) } }
  }

  static func noteRead(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0 { noteRead(status) }
  }

  /// Whether the file at this path has been read. One that is not there has not.
  static func wasRead(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let identity = Identity(device: status.st_dev, number: status.st_ino)
    return read.withLock { $0.contains(identity) }
  }
}
