import Simulation

/// A descriptor of a process, counted from 3 as after a fresh start.
public struct FileDescriptor: Hashable, Sendable {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// Descriptors that a process begins with, and that lead nowhere in the model: standard input, output, and error.
  static let standardCount = 3
}

/// Open descriptors of a process (`struct files_struct`), and the file that each leads to, by its place in the kernel's table.
public struct DescriptorTable: Sendable {
  /// By number less 3.
  private var files: [Int?] = []
  /// No place below this one is free.
  private var lowestFree = 0
  /// Descriptors that are open.
  public private(set) var count = 0

  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// One more than the highest number ever used, less 3.
  public var end: Int { files.count }

  /// The file that a descriptor leads to; nil where it is not open.
  package subscript(descriptor: FileDescriptor) -> Int? {
    let index = Int(descriptor.rawValue) - FileDescriptor.standardCount
    return index >= 0 && index < files.count ? files[index] : nil
  }

  /// Open descriptors, in ascending order.
  public var open: [FileDescriptor] {
    files.indices.filter { files[$0] != nil }.map { FileDescriptor(Int32($0 + FileDescriptor.standardCount)) }
  }

  /// True where the lowest free number is not below the limit, so that one more open fails with EMFILE (fs/file.c, alloc_fd).
  package func isFull(_ limits: ResourceLimits) -> Bool { UInt64(lowestFree + FileDescriptor.standardCount) >= limits.openFiles }

  /// Takes the lowest free descriptor, as POSIX demands.
  package mutating func add(_ file: Int) -> FileDescriptor {
    let index = lowestFree
    if index == files.endIndex { files.append(file) } else { files[index] = file }
    lowestFree = files[(index + 1)...].firstIndex { $0 == nil } ?? files.endIndex
    count += 1
    return FileDescriptor(Int32(index + FileDescriptor.standardCount))
  }

  /// Frees an open descriptor; the file it led to is the caller's business.
  package mutating func remove(_ descriptor: FileDescriptor) {
    let index = Int(descriptor.rawValue) - FileDescriptor.standardCount
    guard index >= 0, index < files.count, files[index] != nil else { return BenchLaw.broken(.descriptorOpen) }
    files[index] = nil
    lowestFree = min(lowestFree, index)
    count -= 1
  }
}
