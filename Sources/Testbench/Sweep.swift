import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// Strikes one fault at every visit of a call where it can strike, each on a fork of the machine made just before that step.
///
/// Nothing is run twice from its beginning: a fault point costs a fork, the rest of the call, and the epilogue.
public struct Sweep: Sendable {
  public let fault: Injection
  /// Points at which the fault was tried, and what came of it, in order of the visits.
  public private(set) var points: [SweepPoint] = []

  public init(fault: Injection) { self.fault = fault }

  /// Tries every point of one call. The machine itself is not changed; one that cannot be forked is left alone.
  ///
  /// - Parameter pay: gets the steps that were made since it was asked last, a fork counting as some hundred; false ends the sweep where it is.
  public mutating func run(_ operation: Operation, on machine: Machine, pay: (UInt64) -> Bool = { _ in true }) {
    guard machine.forkRefusal == nil else { return }
    var walker = machine
    let id = walker.begin(operation)
    while !walker.isFinished(id) {
      var next = walker
      next.environment.logVisits()
      next.step(id)
      guard pay(1) else { return }
      for (visit, site) in next.environment.takeVisitLog() where fault.sites.contains(site) {
        let (point, steps) = strike(visit, site, operation.name, task: id, fork: walker, before: machine)
        points.append(point)
        guard pay(steps + Self.stepsOfEpilogue) else { return }
      }
      walker = consume next
    }
  }

  /// What the fork and the calls of the epilogue come to.
  private static let stepsOfEpilogue: UInt64 = 500

  /// What the machine had lost or warned of before the call does not count against the point.
  private func strike(
    _ visit: UInt64, _ site: Site, _ name: OperationName, task: TaskID, fork: Machine, before: Machine
  ) -> (point: SweepPoint, steps: UInt64) {
    var fork = fork
    let stepsBefore = fork.tasks[task.place].steps
    fork.environment.plan.add(fault, at: InjectionTrigger(sites: SiteSet(site), count: .visit(visit)))
    while !fork.isFinished(task) { fork.step(task) }
    let outcome = fork.tasks[task.place].outcome!
    let steps = fork.tasks[task.place].steps - stepsBefore
    let loadsAgain = Epilogue.loadsAgain(&fork)
    Epilogue.closeEverything(&fork)
    fork.checkLaws()
    let point = SweepPoint(
      visit: visit, site: site, operation: name, outcome: outcome, loadsAgain: loadsAgain, leakedPages: fork.driver.pool.leakedCount - before.driver.pool.leakedCount,
      warnings: fork.driver.log.warnings.dropFirst(before.driver.log.warnings.count).map(\.site),
      breaches: fork.breaches.filter { !before.breaches.contains($0) }, finding: fork.finding)
    return (point, steps)
  }
}

/// One fault point and what came of it.
public struct SweepPoint: Sendable {
  public let visit: UInt64
  public let site: Site
  public let operation: OperationName
  /// What user space saw of the struck call.
  public let outcome: CallOutcome
  /// A new enclave could be loaded afterwards.
  public let loadsAgain: Bool
  /// Pages lost for good once everything was closed.
  public let leakedPages: UInt64
  public let warnings: [WarningSite]
  public let breaches: [Breach]
  public let finding: Finding?

  /// The bench itself broke one of its laws: a bug of ours.
  public var breaksBench: Bool {
    if case .bench? = finding { return true }
    return breaches.contains { $0.invariant.kind == .bench }
  }

  /// Everything that must survive did (`Docs/FaultModel.md`).
  public var survived: Bool {
    loadsAgain && leakedPages == 0 && warnings.isEmpty && breaches.isEmpty && finding == nil
  }
}

/// What every struck machine must still be able to do.
enum Epilogue {
  /// A new process loads an enclave of one page and closes it.
  static func loadsAgain(_ machine: inout Machine) -> Bool {
    let process = machine.makeProcess()
    let source = machine.withProcess(process) {
      $0.memory.map(at: nil, length: ByteCount(pageSize), protection: [.read, .execute])
    }
    guard case .open(let open) = machine.call(.open(OpenCall(process: process))).call, let descriptor = open.descriptor else {
      return false
    }
    let secs = SECS(size: 0x2000, baseAddress: LinearAddress(0x7f00_0000_0000))
    let create = machine.call(.create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(secs: secs))))
    let request = AddPagesRequest(
      source: source, enclaveOffset: EnclaveOffset(0), length: ByteCount(pageSize),
      secInfo: SecInfo(type: .reg, permissions: [.read, .execute]))
    let add = machine.call(.addPages(AddPagesCall(process: process, descriptor: descriptor, request: request)))
    let close = machine.call(.close(CloseCall(process: process, descriptor: descriptor)))
    return create.outcome == .success && add.outcome == .success && close.outcome == .success
  }

  /// Unmaps everything and closes every descriptor of every process, in order.
  static func closeEverything(_ machine: inout Machine) {
    for process in machine.driver.processes.indices.map(ProcessID.init) {
      machine.withProcess(process) { $0.memory.unmap(UserAddress(0), ByteCount(AddressSpace.end.rawValue)) }
      for descriptor in machine.driver.openDescriptors(of: process) {
        _ = machine.call(.close(CloseCall(process: process, descriptor: descriptor)))
      }
    }
  }
}
