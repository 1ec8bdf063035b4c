import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

@testable import Testbench

/// A machine with one process and a source of 1,024 pages, and its calls in short.
struct Bench {
  var machine: Machine
  let process: ProcessID
  let source: UserAddress

  static let base: UInt64 = 0x7000_0000

  init(
    pages: UInt32 = 256, driver: DriverVersion = .v6_1_192, background: Bool = false,
    checks: MachineConfiguration.CheckFrequency = .everyOperation, wholeTrace: Bool = false, seed: UInt64 = 1,
    processor: ProcessorProfile = .server, sections: [EPCSection] = [], nodes: Int = 1, node: Int = 0
  ) {
    var configuration = MachineConfiguration(pageCount: pages, driver: driver, processor: processor, seed: seed)
    if !sections.isEmpty { configuration.setSections(sections, nodes: nodes) }
    configuration.runsBackgroundReclaimer = background
    configuration.checks = checks
    configuration.keepsWholeTrace = wholeTrace
    machine = Machine(configuration)
    process = machine.makeProcess(node: node)
    source = machine.withProcess(process) {
      $0.memory.map(at: UserAddress(0x10_0000), length: ByteCount(1024 * pageSize), protection: [.read, .write])
    }
  }

  // Operations, to be called or begun.

  func createCall(_ descriptor: FileDescriptor, size: UInt64 = 0x40_0000, change: (inout CreateRequest) -> Void = { _ in })
    -> Testbench.Operation
  {
    var request = CreateRequest(secs: SECS(size: size, baseAddress: LinearAddress(Self.base)))
    change(&request)
    return .create(CreateCall(process: process, descriptor: descriptor, request: request))
  }

  func addRequest(page: UInt64 = 0, count: UInt64 = 1) -> AddPagesRequest {
    AddPagesRequest(
      source: source, enclaveOffset: EnclaveOffset(pageIndex: page), length: ByteCount(count &* pageSize),
      secInfo: SecInfo(type: .reg, permissions: [.read, .write]))
  }

  func addCall(
    _ descriptor: FileDescriptor, page: UInt64 = 0, count: UInt64 = 1, change: (inout AddPagesRequest) -> Void = { _ in }
  ) -> Testbench.Operation {
    var request = addRequest(page: page, count: count)
    change(&request)
    return .addPages(AddPagesCall(process: process, descriptor: descriptor, request: request))
  }

  func closeCall(_ descriptor: FileDescriptor) -> Testbench.Operation {
    .close(CloseCall(process: process, descriptor: descriptor))
  }

  func ioctlCall(_ descriptor: FileDescriptor, command: UInt32 = 0x1234) -> Testbench.Operation {
    .unknownIoctl(UnknownIoctlCall(process: process, descriptor: descriptor, command: command))
  }

  // Calls to their end.

  mutating func open() -> FileDescriptor {
    guard case .open(let call) = machine.call(.open(OpenCall(process: process))).call, let descriptor = call.descriptor else {
      preconditionFailure("open succeeds in a test that does not ask")
    }
    return descriptor
  }

  /// An enclave that is created and empty.
  mutating func enclave(size: UInt64 = 0x40_0000) -> FileDescriptor {
    let descriptor = open()
    let created = create(descriptor, size: size)
    precondition(created == .success)
    return descriptor
  }

  mutating func create(
    _ descriptor: FileDescriptor, size: UInt64 = 0x40_0000, change: (inout CreateRequest) -> Void = { _ in }
  ) -> CallOutcome? {
    machine.call(createCall(descriptor, size: size, change: change)).outcome
  }

  mutating func add(
    _ descriptor: FileDescriptor, page: UInt64 = 0, count: UInt64 = 1, change: (inout AddPagesRequest) -> Void = { _ in }
  ) -> Answer {
    Answer(machine.call(addCall(descriptor, page: page, count: count, change: change)))
  }

  mutating func close(_ descriptor: FileDescriptor) -> CallOutcome? { machine.call(closeCall(descriptor)).outcome }

  // What is left behind.

  func enclaveObject(_ descriptor: FileDescriptor) -> Enclave? {
    machine.driver.enclaveID(of: descriptor, in: process).map { machine.driver[$0] }
  }

  var freePages: UInt64 { machine.driver.pool.freeCount }
  var warnings: [WarningSite] { machine.driver.log.warnings.map(\.site) }
  var brokenLaws: [Invariant] { machine.breaches.map(\.invariant) }
}

/// What user space sees of ADD_PAGES; pages nil where `count` was not written back.
struct Answer: Equatable {
  var outcome: CallOutcome?
  var pages: UInt64?

  init(_ outcome: CallOutcome, pages: UInt64?) {
    self.outcome = outcome
    self.pages = pages
  }

  init(_ task: Testbench.Task) {
    outcome = task.outcome
    pages = task.call.count.map { $0 / pageSize }
  }

  static func done(_ pages: UInt64) -> Answer { Answer(.success, pages: pages) }
  static func failed(_ errno: Errno, pages: UInt64?) -> Answer { Answer(.failure(errno), pages: pages) }
}

extension Machine {
  /// Strikes once, at the n-th visit of the site from now on.
  mutating func strike(_ injection: Injection, at site: Site, nth: UInt64 = 1, times: UInt64? = 1) {
    inject(injection, at: InjectionTrigger(sites: SiteSet(site), count: .nth(nth), times: times))
  }
}
