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

  /// A command of the device, or one that does not exist.
  public struct Command: Hashable, Sendable {
    /// Nil for the one that does not exist.
    public let ioctl: EnclaveIoctl?

    /// Commands in order of their numbers, and behind them one that does not exist.
    public static let allCases = EnclaveIoctl.allCases.map(Command.init) + [Command(nil)]

    private init(_ ioctl: EnclaveIoctl?) { self.ioctl = ioctl }

    /// `ADD_PAGES`.
    public var text: String { ioctl.map { String($0.name.dropFirst("SGX_IOC_ENCLAVE_".count)) } ?? "an unknown one" }

    var number: UInt32 { ioctl?.rawValue ?? 0xA4FF }
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
    case .created: return succeeds(.SGX_IOC_ENCLAVE_CREATE)
    case .initialized:
      return succeeds(.SGX_IOC_ENCLAVE_CREATE) && succeeds(.SGX_IOC_ENCLAVE_ADD_PAGES) && succeeds(.SGX_IOC_ENCLAVE_INIT)
    case .busy:
      machine.step(machine.begin(valid(.SGX_IOC_ENCLAVE_CREATE)))
      return true
    case .dead:
      guard machine.driver.version.addFailureDestroys, succeeds(.SGX_IOC_ENCLAVE_CREATE) else { return false }
      machine.inject(.leafFault(.generalProtection), at: InjectionTrigger(sites: SiteSet(.leaf(.EADD)), count: .nth(1)))
      return machine.call(valid(.SGX_IOC_ENCLAVE_ADD_PAGES)).outcome == .failure(.EIO)
    case .closed:
      return machine.call(.close(CloseCall(process: process, descriptor: descriptor))).outcome == .success
    }
  }

  private mutating func succeeds(_ ioctl: EnclaveIoctl) -> Bool {
    let outcome = machine.call(valid(ioctl)).outcome
    precondition(outcome == .success, "ioctl-table: \(ioctl.name) of a valid argument succeeds on the way to a state")
    return true
  }

  func operation(_ command: IoctlTable.Command, _ argument: IoctlTable.Argument) -> Operation {
    if argument == .valid, let ioctl = command.ioctl { return valid(ioctl) }
    return .unknownIoctl(
      UnknownIoctlCall(process: process, descriptor: descriptor, command: command.number, argumentIsReadable: argument == .valid))
  }

  /// The ioctl with an argument about which everything is right.
  private func valid(_ ioctl: EnclaveIoctl) -> Operation {
    switch ioctl {
    case .SGX_IOC_ENCLAVE_CREATE:
      let secs = SECS(size: Self.size, baseAddress: LinearAddress(0x7e00_0000_0000))
      return .create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(secs: secs)))
    case .SGX_IOC_ENCLAVE_ADD_PAGES:
      let request = AddPagesRequest(
        source: source, enclaveOffset: EnclaveOffset(offset), length: ByteCount(pageSize), secInfo: SecInfo(type: .reg, permissions: .read))
      return .addPages(AddPagesCall(process: process, descriptor: descriptor, request: request))
    case .SGX_IOC_ENCLAVE_INIT:
      return .initialize(InitCall(process: process, descriptor: descriptor, request: InitRequest(sigStruct: sigStruct)))
    case .SGX_IOC_ENCLAVE_PROVISION:
      return .provision(
        ProvisionCall(process: process, descriptor: descriptor, request: ProvisionRequest(fd: UInt64(UInt32(bitPattern: provision.rawValue)))))
    case .SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, .SGX_IOC_ENCLAVE_MODIFY_TYPES, .SGX_IOC_ENCLAVE_REMOVE_PAGES:
      return .unknownIoctl(
        UnknownIoctlCall(process: process, descriptor: descriptor, command: ioctl.rawValue, argumentIsReadable: true))
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
