import SGXArchitecture
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads image files: regular files only, once, and not more than the limit.
///
/// The bytes are read, not mapped: a mapped file that somebody shortens ends the process with a signal.
package enum ImageFile {
  /// - Parameters:
  ///   - shown: what messages call it, where that is not its path.
  ///   - limitName: the option that sets the limit.
  package static func read(
    _ file: String, shown: String? = nil, limit: UInt64, limitName: String? = "--image-limit"
  ) throws(ImageError) -> ContentBlock {
    let path = shown ?? file
    // O_NONBLOCK: a FIFO without a writer must not block.
    let descriptor = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable("cannot open \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable("cannot read \(path): \(String(cString: strerror(errno)))") }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .unreadable("\(path) is a directory")
    default: throw .unreadable("\(path) is not a regular file")
    }
    guard status.st_size > 0 else { throw .unreadable("\(path) is empty") }
    guard let size = UInt64(exactly: status.st_size), size <= limit else {
      throw .unreadable("\(path): \(status.st_size) bytes is over the limit of \(limit)\(limitName.map { " (\($0))" } ?? "")")
    }
    return try readAll(descriptor, path, size: Int(size))
  }

  private static func readAll(_ descriptor: Int32, _ path: String, size: Int) throws(ImageError) -> ContentBlock {
    var failure: Int32 = 0
    var filled = 0
    let block = ContentBlock(count: size) { memory in
      while filled < size {
        let count = systemRead(descriptor, memory.baseAddress! + filled, size - filled)
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
        }
        if count <= 0 { break }
        filled += count
      }
      // What was not read must not be shown as what it was before.
      for index in filled..<size { memory[index] = 0 }
    }
    guard failure == 0 else { throw .unreadable("cannot read \(path): \(String(cString: strerror(failure)))") }
    guard filled == size else { throw .unreadable("\(path) changed while it was read") }
    return block
  }
}

/// `read(2)`; the name is taken inside `ImageFile`.
private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, target, count) }
