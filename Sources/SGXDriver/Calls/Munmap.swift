import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// munmap: allowed unless it cuts a hole and there are too many mappings. A mapping holds its enclave's file; with the last one, and no descriptor left, the enclave is released on the
/// way back to user space. The address space stays on the enclave's list.
public struct MunmapCall: DriverCall {
  public static let name = OperationName.munmap
  public let process: ProcessID
  public let address: UserAddress
  public let length: ByteCount
  public private(set) var result: Result<Void, KernelError>?

  public init(process: ProcessID, address: UserAddress, length: ByteCount) {
    self.process = process
    self.address = address
    self.length = length
  }

  public var restarted: MunmapCall { MunmapCall(process: process, address: address, length: length) }
  public func work(on driver: borrowing Driver) -> CallWork { driver.workOfMappings }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      try driver.lockMemoryForWriting(of: process)
      defer { driver.unlockMemoryForWriting(of: process) }
      guard let range = UserRange(address, length) else { throw .errno(.EINVAL) }
      if driver.processes[process.rawValue].mayNotCutHole(range.range, driver.kernel.memorySettings) { throw .errno(.ENOMEM) }
      driver.processes[process.rawValue].unmap(range.range)
      driver.abandonUnmapped(by: process)
      result = .success(())
      return .finished
    } catch {
      return error.end(&result)
    }
  }
}
