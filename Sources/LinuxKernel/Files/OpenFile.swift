import SGXArchitecture

/// A device, by a number that its driver gives it. What it stands for, the driver knows.
public struct Device: Hashable, Sendable {
  public let rawValue: UInt8
  public init(_ rawValue: UInt8) { self.rawValue = rawValue }
}

/// An open file of a device (`struct file`), shared by all descriptors that lead to it.
public struct OpenFile: Hashable, Sendable {
  public let device: Device
  /// What the driver keeps with the file (`private_data`).
  package let object: UInt32
  /// Descriptors that lead to it, in all processes together.
  public package(set) var descriptors: Int
  /// Calls that have taken it for themselves and are not done (fs/file.c, fdget): it outlives its descriptors as long.
  package var users = 0

  package init(device: Device, object: UInt32, descriptors: Int = 1) {
    self.device = device
    self.object = object
    self.descriptors = descriptors
  }
}

extension Kernel {
  /// The file behind a descriptor; nil where it is not open.
  package func openFile(_ descriptor: FileDescriptor, of process: ProcessID) -> OpenFile? {
    processes[process.rawValue].file(of: descriptor).flatMap { files[$0] }
  }

  /// Puts a file into the lowest free place and gives the process its first descriptor; nil where it may have no more.
  package mutating func open(_ device: Device, object: UInt32, for process: ProcessID) -> FileDescriptor? {
    let file = files.firstIndex { $0 == nil } ?? files.endIndex
    guard let descriptor = processes[process.rawValue].open(file) else { return nil }
    let new = OpenFile(device: device, object: object)
    if file == files.endIndex { files.append(new) } else { files[file] = new }
    return descriptor
  }

  /// True where one more descriptor would be over the limit (EMFILE).
  package func hasTooManyDescriptors(_ process: ProcessID) -> Bool { processes[process.rawValue].hasTooManyDescriptors }

  /// A second descriptor for the same file: dup, or for `other` the one that a message over a socket brings (SCM_RIGHTS).
  /// Nil where the first is not open, or the receiver has as many descriptors as it may.
  package mutating func duplicate(
    _ descriptor: FileDescriptor, in process: ProcessID, for other: ProcessID? = nil
  ) -> FileDescriptor? {
    let receiver = other ?? process
    guard let file = processes[process.rawValue].file(of: descriptor), !hasTooManyDescriptors(receiver) else { return nil }
    guard let new = processes[receiver.rawValue].open(file) else { return nil }
    files[file]?.descriptors += 1
    return new
  }

  /// True where a mapping of some process holds the file.
  package func isMapped(file: Int) -> Bool { processes.contains { $0.holds(file: file) } }
}
