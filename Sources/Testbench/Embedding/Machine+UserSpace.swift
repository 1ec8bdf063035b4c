import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

// The calls of user space in short, for programs without Lua. Each is `call` with an operation: signals, restarts, injections and laws
// are those of every other call.

extension Machine {
  /// Opens the driver's device as the version names it.
  ///
  /// - Returns: the descriptor, or nil where the outcome is no success.
  public mutating func open(in process: ProcessID) -> (outcome: CallOutcome, descriptor: FileDescriptor?) {
    let task = call(.open(OpenCall(process: process)))
    guard case .open(let open) = task.call else {
      BenchLaw.broken(.callAnswers)
      return (.stopped(.bench(.callAnswers)), nil)
    }
    return (task.outcome!, open.descriptor)
  }

  /// SGX_IOC_ENCLAVE_CREATE.
  public mutating func create(_ request: CreateRequest, descriptor: FileDescriptor, process: ProcessID) -> CallOutcome {
    call(.create(CreateCall(process: process, descriptor: descriptor, request: request))).outcome!
  }

  /// SGX_IOC_ENCLAVE_INIT.
  public mutating func initialize(_ request: InitRequest, descriptor: FileDescriptor, process: ProcessID) -> CallOutcome {
    call(.initialize(InitCall(process: process, descriptor: descriptor, request: request))).outcome!
  }

  /// A second descriptor for the same file, for this process (dup) or another (SCM_RIGHTS); nil where the first is not open, or
  /// the receiver has as many as it may.
  public mutating func duplicate(
    _ descriptor: FileDescriptor, in process: ProcessID, for other: ProcessID? = nil
  ) -> FileDescriptor? {
    driver.duplicate(descriptor, in: process, for: other)
  }

  /// open of `/dev/sgx_provision`; nil is EMFILE or EACCES.
  public mutating func openProvision(for process: ProcessID) -> FileDescriptor? { try? driver.openProvision(for: process).get() }

  /// open of `/dev/sgx_provision`, with the errno of a failure.
  ///
  /// - Parameter path: nil for wherever the version has it.
  package mutating func openProvision(for process: ProcessID, path: DevicePath?) -> Result<FileDescriptor, Errno> {
    driver.openProvision(for: process, path: path)
  }

  /// Closes a descriptor; with the last one of an enclave that nothing maps, its pages go back.
  public mutating func close(_ descriptor: FileDescriptor, in process: ProcessID) -> CallOutcome {
    call(.close(CloseCall(process: process, descriptor: descriptor))).outcome!
  }

  /// Gives a process memory at an address of the kernel's choice: what ADD_PAGES copies from.
  ///
  /// - Parameters:
  ///   - length: a multiple of 4096, not zero, with room for it in the process.
  ///   - bytes: what it begins with; zeros follow. No more than `length`.
  public mutating func mapMemory(_ length: ByteCount, bytes: [UInt8] = [], in process: ProcessID) -> UserAddress {
    precondition(length.rawValue > 0 && length.rawValue % pageSize == 0, "mapping-whole-pages: memory is mapped by pages")
    precondition(UInt64(bytes.count) <= length.rawValue, "mapping-holds-bytes: the bytes fit into the mapping")
    return withProcess(process) {
      precondition($0.memory.hasRoom(for: length), "mapping-has-room: the process has room for the mapping")
      return $0.memory.map(
        at: nil, length: length, protection: [.read, .write], contents: bytes.isEmpty ? .fill(0) : .block(ContentBlock(bytes)))
    }
  }
}

/// Pages of EPC by what they are used for.
public struct EPCCounts: Hashable, Sendable {
  /// All of the machine's.
  public let total: UInt64
  /// In the driver's free lists.
  public let free: UInt64
  /// Given up by the driver after EREMOVE failed.
  public let leaked: UInt64
  /// In the queue of the reclaimer.
  public let reclaimable: UInt64
  /// Valid in the EPCM.
  public let valid: UInt64
}

extension Machine {
  /// Pages of the machine, by what has become of them.
  public var epc: EPCCounts {
    EPCCounts(
      total: UInt64(driver.pool.total), free: driver.pool.freeCount, leaked: driver.pool.leakedCount, reclaimable: driver.pool.queuedCount,
      valid: UInt64(processor.validPageCount))
  }

  /// The kernel's warnings since boot, oldest first.
  public var kernelLog: [KernelWarning] { driver.log.warnings }

  /// The digest that EINIT would compare with ENCLAVEHASH now; nil before CREATE and after the EPC was lost.
  public func measurement(_ descriptor: FileDescriptor, in process: ProcessID) -> Digest? {
    guard let enclave = driver.enclaveID(of: descriptor, in: process), let page = driver[enclave].secsPage else { return nil }
    return processor.secsRecord(at: page)?.measurement.digest
  }
}

extension CallOutcome {
  /// In a word or two: `success`, an errno by its name, or what else became of the call.
  public var text: String {
    switch self {
    case .success: "success"
    case .failure(let errno): errno.name
    case .leafResult(let result): "the positive value \(result.encoded)"
    case .uninitialised: "a value that nobody wrote"
    case .killed(let signal): "killed by signal \(signal.rawValue)"
    case .stopped(let finding): "stopped: \(finding.text)"
    case .restart: "to be called again"
    }
  }
}
