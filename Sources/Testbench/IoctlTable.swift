import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// What every ioctl answers in every state of an enclave, found by asking the model: each state is built on a machine of each
/// version, and each ioctl is made on a fork of it.
public struct IoctlTable: Sendable {
  /// States as a user of the device tells them apart.
  public enum State: String, CaseIterable, Sendable {
    case empty, created, initialized
    /// Another ioctl is under way.
    case busy
    /// Destroyed by a failure of ADD_PAGES; v39 only.
    case dead
    /// The descriptor is closed.
    case closed
  }

  /// Commands of the device, and one that does not exist.
  public enum Command: String, CaseIterable, Sendable {
    case create = "CREATE"
    case addPages = "ADD_PAGES"
    case initialize = "INIT"
    case provision = "PROVISION"
    case restrictPermissions = "RESTRICT_PERMISSIONS"
    case modifyTypes = "MODIFY_TYPES"
    case removePages = "REMOVE_PAGES"
    case unknown = "an unknown one"

    var isSGX2: Bool {
      switch self {
      case .restrictPermissions, .modifyTypes, .removePages: true
      case .create, .addPages, .initialize, .provision, .unknown: false
      }
    }

    var number: UInt32 {
      switch self {
      case .create: EnclaveIoctl.SGX_IOC_ENCLAVE_CREATE.rawValue
      case .addPages: EnclaveIoctl.SGX_IOC_ENCLAVE_ADD_PAGES.rawValue
      case .initialize: EnclaveIoctl.SGX_IOC_ENCLAVE_INIT.rawValue
      case .provision: EnclaveIoctl.SGX_IOC_ENCLAVE_PROVISION.rawValue
      case .restrictPermissions: EnclaveIoctl.SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS.rawValue
      case .modifyTypes: EnclaveIoctl.SGX_IOC_ENCLAVE_MODIFY_TYPES.rawValue
      case .removePages: EnclaveIoctl.SGX_IOC_ENCLAVE_REMOVE_PAGES.rawValue
      case .unknown: 0xA4FF
      }
    }
  }

  public enum Argument: String, CaseIterable, Sendable {
    /// Everything about it is right, so that only the state can refuse.
    case valid = "a valid argument"
    case null = "a null argument"
  }

  /// An errno's name, `0`, `not modelled`, or nil where the version has no such state.
  public static func answer(
    to command: Command, with argument: Argument, in state: State, of version: DriverVersion
  ) -> String? {
    guard var bench = StateBench(version), bench.bring(to: state) else { return nil }
    switch bench.machine.call(bench.operation(command, argument)).outcome {
    case .success?: return "0"
    // Their arguments are not modelled, so nothing is known beyond a null pointer's EFAULT.
    case .failure(.EFAULT)? where command.isSGX2 && argument == .valid && state == .initialized: return "not modelled"
    case .failure(let errno)?: return errno.name
    case .stopped(.notModelled)?: return "not modelled"
    case .leafResult?, .uninitialised?, .killed?, .restart?, .stopped?, nil: preconditionFailure("ioctl-table: nothing interrupts a call here")
    }
  }
}

/// A machine with one enclave that can be brought to each state.
private struct StateBench {
  var machine: Machine
  let process: ProcessID
  let descriptor: FileDescriptor
  let source: UserAddress
  let provision: FileDescriptor
  private static let size: UInt64 = 0x10000

  init?(_ version: DriverVersion) {
    var configuration = MachineConfiguration(pageCount: 256, driver: version)
    configuration.checks = .never
    machine = Machine(configuration)
    process = machine.makeProcess()
    source = machine.withProcess(process) { $0.memory.map(at: nil, length: ByteCount(4 * pageSize), protection: .read) }
    guard case .open(let open) = machine.call(.open(OpenCall(process: process))).call, let descriptor = open.descriptor,
      let provision = machine.openProvision(for: process)
    else { return nil }
    self.descriptor = descriptor
    self.provision = provision
  }

  /// Makes the calls that lead to the state; false where the version does not have it.
  mutating func bring(to state: IoctlTable.State) -> Bool {
    switch state {
    case .empty: return true
    case .created: return succeeds(.create)
    case .initialized: return succeeds(.create) && succeeds(.addPages) && succeeds(.initialize)
    case .busy:
      machine.step(machine.begin(operation(.create, .valid)))
      return true
    case .dead:
      guard machine.driver.version.addFailureDestroys, succeeds(.create) else { return false }
      machine.inject(.leafFault(.generalProtection), at: InjectionTrigger(sites: SiteSet(.leaf(.EADD)), count: .nth(1)))
      return machine.call(operation(.addPages, .valid)).outcome == .failure(.EIO)
    case .closed:
      return machine.call(.close(CloseCall(process: process, descriptor: descriptor))).outcome == .success
    }
  }

  private mutating func succeeds(_ command: IoctlTable.Command) -> Bool {
    let outcome = machine.call(operation(command, .valid)).outcome
    precondition(outcome == .success, "ioctl-table: \(command.rawValue) of a valid argument succeeds on the way to a state")
    return true
  }

  func operation(_ command: IoctlTable.Command, _ argument: IoctlTable.Argument) -> Operation {
    let word = Operation.unknownIoctl(UnknownIoctlCall(process: process, descriptor: descriptor, command: command.number))
    guard argument == .valid else { return word }
    switch command {
    case .create:
      let secs = SECS(size: Self.size, baseAddress: LinearAddress(0x7e00_0000_0000))
      return .create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(secs: secs)))
    case .addPages:
      let request = AddPagesRequest(
        source: source, enclaveOffset: EnclaveOffset(offset), length: ByteCount(pageSize), secInfo: SecInfo(type: .reg, permissions: .read))
      return .addPages(AddPagesCall(process: process, descriptor: descriptor, request: request))
    case .initialize:
      return .initialize(InitCall(process: process, descriptor: descriptor, request: InitRequest(sigStruct: sigStruct)))
    case .provision:
      return .provision(
        ProvisionCall(process: process, descriptor: descriptor, request: ProvisionRequest(fd: UInt64(UInt32(bitPattern: provision.rawValue)))))
    case .restrictPermissions, .modifyTypes, .removePages, .unknown:
      return word
    }
  }

  /// The first page that is not there yet.
  private var offset: UInt64 {
    guard let id = machine.driver.enclaveID(of: descriptor, in: process) else { return 0 }
    return machine.driver[id].slots.count * pageSize
  }

  /// Signed for what the enclave's measurement is now; for an enclave without one, for none.
  private var sigStruct: SigStruct {
    var sigStruct = SigStruct()
    sigStruct.attributes = .mode64Bit
    sigStruct.xfrm = .legacy
    if let record = machine.processor.secsRecords.lazy.compactMap({ $0 }).first { sigStruct.enclaveHash = record.measurement.digest }
    sigStruct.sign(with: .test)
    return sigStruct
  }
}
