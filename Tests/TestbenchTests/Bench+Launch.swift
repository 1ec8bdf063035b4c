import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

@testable import Testbench

/// INIT and PROVISION in short. EINIT's verdict is supplied where a test asks for the driver only.
extension Bench {
  /// A created enclave with one page; EINIT will say yes to it.
  mutating func loaded(attributes: AttributeFlags = .mode64Bit) -> FileDescriptor {
    machine.processor.suppliedVerdict = .success
    let descriptor = open()
    let created = create(descriptor) { $0.secs.attributes = attributes }
    let added = add(descriptor)
    precondition(created == .success && added == .done(1))
    return descriptor
  }

  func initCall(_ descriptor: FileDescriptor, change: (inout InitRequest) -> Void = { _ in }) -> Testbench.Operation {
    var request = InitRequest(sigStruct: SigStruct())
    change(&request)
    return .initialize(InitCall(process: process, descriptor: descriptor, request: request))
  }

  mutating func initialize(_ descriptor: FileDescriptor, change: (inout InitRequest) -> Void = { _ in }) -> CallOutcome? {
    machine.call(initCall(descriptor, change: change)).outcome
  }

  mutating func provisionDevice() -> FileDescriptor {
    guard let device = machine.openProvision(for: process) else { preconditionFailure("a process may open the device") }
    return device
  }

  func provisionCall(
    _ descriptor: FileDescriptor, fd: FileDescriptor, change: (inout ProvisionRequest) -> Void = { _ in }
  ) -> Testbench.Operation {
    var request = ProvisionRequest(fd: UInt64(UInt32(bitPattern: fd.rawValue)))
    change(&request)
    return .provision(ProvisionCall(process: process, descriptor: descriptor, request: request))
  }

  mutating func provision(
    _ descriptor: FileDescriptor, fd: FileDescriptor, change: (inout ProvisionRequest) -> Void = { _ in }
  ) -> CallOutcome? {
    machine.call(provisionCall(descriptor, fd: fd, change: change)).outcome
  }

  func state(_ descriptor: FileDescriptor) -> EnclaveState? { enclaveObject(descriptor)?.state }
}
