import LinuxKernel
import SGXArchitecture

/// Index of a process in the driver.
public struct ProcessID: Hashable, Sendable {
  public let rawValue: Int
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  /// No process: what the kernel does by itself. It has no memory, no descriptors and no signals.
  public static let kernel = ProcessID(Int(UInt32.max))
}

/// A descriptor of a process, counted from 3 as after a fresh start.
public struct FileDescriptor: Hashable, Sendable {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// A process: its memory, its signals, its open files.
public struct Process: Sendable {
  public var memory = AddressSpace()
  public var signals = PendingSignals()
  /// The NUMA node it runs on.
  public let node: Int
  /// Open descriptors and the file each leads to, by number less 3.
  public internal(set) var descriptors: [Int?] = []
  /// False once a signal has ended it.
  public internal(set) var isAlive = true

  public init(node: Int = 0) { self.node = node }

  /// Descriptors a process may have open at once: the usual RLIMIT_NOFILE, less the three it begins with.
  static let descriptorsMax = 1024 - 3

  /// True where one more descriptor would be over the limit (EMFILE).
  var hasTooManyDescriptors: Bool { descriptors.count >= Self.descriptorsMax && !descriptors.contains { $0 == nil } }

  func file(of descriptor: FileDescriptor) -> Int? {
    let index = Int(descriptor.rawValue) - 3
    return index >= 0 && index < descriptors.count ? descriptors[index] : nil
  }

  /// Takes the lowest free descriptor, as POSIX demands.
  mutating func open(_ file: Int) -> FileDescriptor {
    let index = descriptors.firstIndex { $0 == nil } ?? descriptors.endIndex
    if index == descriptors.endIndex { descriptors.append(file) } else { descriptors[index] = file }
    return FileDescriptor(Int32(index + 3))
  }
}

extension Driver {
  /// The process is gone; its descriptors are closed already.
  public mutating func end(_ process: ProcessID) {
    precondition(openDescriptors(of: process).isEmpty, "exit-closes: a process that ends has closed its files")
    for index in enclaves.indices where enclaves[index]?.mappedBy.contains(process) == true {
      enclaves[index]!.mappedBy.removeAll { $0 == process }
      if version.mappingHoldsReference { enclaves[index]!.references -= 1 }
    }
    processes[process.rawValue].memory.unmapAll()
    abandonUnmapped(by: process)
    processes[process.rawValue] = Process(node: processes[process.rawValue].node)
    processes[process.rawValue].isAlive = false
  }

  /// True once after the allocator has woken ksgxd.
  public mutating func takeReclaimerWakeUp() -> Bool {
    defer { hasWokenReclaimer = false }
    return hasWokenReclaimer
  }
}
