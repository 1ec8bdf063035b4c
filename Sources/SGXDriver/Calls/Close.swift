import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// close of a descriptor; the last one of an enclave releases it (driver.c, sgx_release; encl.c, sgx_encl_release).
///
/// A mapping holds the file too: as long as there is one, close changes nothing else. Each page freed is a step. The descriptor is gone
/// at once, so nothing can reach the enclave while it goes. An ioctl that is still inside holds the file (fs/file.c, fdget): then the
/// release is done when it leaves, by `releaseAbandoned`.
public struct CloseCall: DriverCall {
  public static let name = OperationName.close
  public let process: ProcessID
  public let descriptor: FileDescriptor
  public private(set) var result: Result<Void, KernelError>?

  public var subject: FileDescriptor? { descriptor }
  public var restarted: CloseCall { CloseCall(process: process, descriptor: descriptor) }
  public func work(on driver: borrowing Driver) -> CallWork { CallWork(fuel: UInt64(driver.pool.touchedCount)) }

  enum Phase { case enter, synchronize(references: UInt32), slots(next: UInt64), secs, versionArrays, warnings }
  private(set) var phase = Phase.enter
  private var enclave = EnclaveID(0)

  public init(process: ProcessID, descriptor: FileDescriptor) {
    self.process = process
    self.descriptor = descriptor
  }

  /// The release alone, of an enclave whose descriptors are all gone.
  init(releasing enclave: EnclaveID) {
    self.init(process: ProcessID(0), descriptor: FileDescriptor(-1))
    self.enclave = enclave
    phase = .slots(next: 0)
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    switch phase {
    case .enter:
      return enter(&driver)
    case .synchronize(let references):
      return synchronize(givingBack: references, &driver)
    case .slots(let next):
      phase = releaseSlot(from: next, &driver, &processor, &environment).map(Phase.slots) ?? .secs
    case .secs:
      if driver[enclave].secsChildCount == 0, let page = driver[enclave].secsPage {
        driver[enclave].secsPage = nil
        driver.freePage(page, &processor, &environment)
      }
      phase = .versionArrays
    case .versionArrays:
      if let page = driver[enclave].versionArrays.popFirst() {
        driver.freePage(page, &processor, &environment)
      } else {
        phase = .warnings
      }
    case .warnings:
      warnAndForget(&driver, &environment)
      result = .success(())
      return .finished
    }
    return .more
  }

  private mutating func enter(_ driver: inout Driver) -> StepOutcome {
    guard let file = driver.processes[process.rawValue].file(of: descriptor), let open = driver.files[file] else {
      result = .failure(.errno(.EBADF))
      return .finished
    }
    driver.processes[process.rawValue].close(descriptor)
    guard open.descriptors == 1 else {
      driver.files[file]?.descriptors -= 1
      result = .success(())
      return .finished
    }
    guard let enclave = open.enclave else {
      driver.files[file] = nil
      result = .success(())
      return .finished
    }
    self.enclave = enclave
    if driver[enclave].ioctlInFlight {
      driver.files[file]?.descriptors = 0
      driver[enclave].isClosedInsideIoctl = true
      result = .success(())
      return .finished
    }
    guard !driver.kernel.isMapped(file: file), open.users == 0 else {
      driver.files[file]?.descriptors = 0
      result = .success(())
      return .finished
    }
    let hasSpaces = !driver[enclave].mappedBy.isEmpty
    let references = driver.takeOffFile(file)
    // Linux waits once for each address space that it takes off the list: where there is none, not at all.
    guard hasSpaces else { return giveBack(references, &driver) }
    phase = .synchronize(references: references)
    return .more
  }

  /// Walks of the list of address spaces that are under way end first (encl->srcu), the reclaimer's.
  private mutating func synchronize(givingBack references: UInt32, _ driver: inout Driver) -> StepOutcome {
    do throws(CallStop) { try driver.synchronizeSRCU(of: enclave) } catch { return error.end(&result) }
    return giveBack(references, &driver)
  }

  private mutating func giveBack(_ references: UInt32, _ driver: inout Driver) -> StepOutcome {
    driver[enclave].references -= references
    guard driver[enclave].references == 0 else {
      result = .success(())
      return .finished
    }
    phase = .slots(next: 0)
    return .more
  }

  /// Frees the next resident page; nil when there was none.
  private func releaseSlot(
    from next: UInt64, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) -> UInt64? {
    guard let (index, page) = driver[enclave].slots.firstResident(from: next) else { return nil }
    driver.pool.dequeue(page)
    driver.freePage(page, &processor, &environment)
    driver[enclave].secsChildCount -= 1
    environment.trace.record(.slotReleased(enclave: enclave.rawValue, EnclaveOffset(pageIndex: index)))
    return index + 1
  }

  /// The two WARN_ON_ONCE of sgx_encl_release. What they warn of is lost with the object.
  private func warnAndForget(_ driver: inout Driver, _ environment: inout Environment) {
    let children = driver[enclave].secsChildCount
    if children != 0 { driver.log.warnOnce(.REL_SECS_CHILD, value: UInt32(clamping: children), in: &environment) }
    if let page = driver[enclave].secsPage {
      driver.log.warnOnce(.REL_SECS_RESIDENT, value: 1, in: &environment)
      driver.pool.leak(page)
      environment.trace.record(.pageLeaked(page))
    }
    driver.enclaves[Int(enclave.rawValue)] = nil
    driver.leaveUse()
  }
}
