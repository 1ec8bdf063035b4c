import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// munmap: always allowed. A mapping holds its enclave's file; with the last one, and no descriptor left, the enclave is released on the
/// way back to user space. The address space stays on the enclave's list.
public struct MunmapCall: DriverCall {
  public let process: ProcessID
  public let address: UserAddress
  public let length: ByteCount
  public private(set) var result: Result<Void, KernelError>?

  public init(process: ProcessID, address: UserAddress, length: ByteCount) {
    self.process = process
    self.address = address
    self.length = length
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    guard let range = UserRange(address, length) else {
      result = .failure(.errno(.EINVAL))
      return .finished
    }
    driver.processes[process.rawValue].memory.unmap(range.start, range.length)
    driver.abandonUnmapped(by: process)
    result = .success(())
    return .finished
  }
}

/// A range of whole pages of user space, as munmap and mprotect want it.
struct UserRange {
  let start: UserAddress
  let length: ByteCount

  /// Nil where the address is not aligned, nothing is asked for, or the range leaves user space.
  init?(_ start: UserAddress, _ length: ByteCount) {
    guard start.isPageAligned, length.rawValue > 0, let rounded = length.roundedUpToPage,
      rounded.rawValue <= AddressSpace.end.rawValue, start.rawValue <= AddressSpace.end.rawValue - rounded.rawValue
    else { return nil }
    self.start = start
    self.length = rounded
  }

  var range: Range<UserAddress> { start..<UserAddress(start.rawValue + length.rawValue) }
}
