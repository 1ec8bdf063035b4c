import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// A random history: calls of every kind, alone and in tasks, on one machine or two, with faults anywhere. The one generator of the
/// project; the same seed is the same history.
public struct History {
  public let seed: UInt64
  public let driver: DriverVersion
  private var random: RandomStream
  private var signer = Signer()
  private var worlds: [World]
  private let looksClosely: Bool
  public private(set) var tally = Tally()

  public init(seed: UInt64, driver: DriverVersion) {
    self.seed = seed
    self.driver = driver
    random = RandomStream(seed: seed, purpose: .script)
    looksClosely = random.next(below: 12) == 0
    let count = 1 + Int(random.next(below: 2))
    worlds = []
    for _ in 0..<count { worlds.append(World(driver: driver, random: &random, looksClosely: looksClosely)) }
  }

  /// Makes about so many calls, and checks what is left when everything is closed.
  public mutating func run(operations: Int) {
    tally.histories = 1
    // Every eighth begins with an enclave that needs a second version array.
    if seed % 8 == 0 { loadLarge(0) }
    while tally.operations < operations {
      let index = Int(random.next(below: UInt64(worlds.count)))
      guard worlds[index].machine.finding == nil, !worlds[index].aliveProcesses.isEmpty else {
        // Another machine in its place, or the rest of the history would be empty.
        note(worlds[index])
        worlds[index] = World(driver: driver, random: &random, looksClosely: looksClosely)
        continue
      }
      if random.next(below: 8) == 0 { worlds[index].planFault(&random) }
      if random.next(below: 8) == 0 { worlds[index].disturb(&random) }
      if random.next(below: 3) == 0 { alone(index) } else { inTasks(index) }
    }
    for index in worlds.indices { finish(index) }
  }

  /// What equals in two runs of one history.
  public var fingerprint: [LogicalState] { worlds.map(\.machine.logicalState) }

  private mutating func loadLarge(_ index: Int) {
    guard let process = worlds[index].aliveProcesses.first else { return }
    func make(_ call: Testbench.Operation, _ history: inout History) {
      let task = history.worlds[index].machine.call(call)
      history.worlds[index].note(task)
      history.tally.note(task)
    }
    make(.open(OpenCall(process: process)), &self)
    guard let handle = worlds[index].enclaves.last else { return }
    let secs = SECS(size: 0x40_0000, baseAddress: LinearAddress(handle.base))
    make(.create(CreateCall(process: process, descriptor: handle.descriptor, request: CreateRequest(secs: secs))), &self)
    let request = AddPagesRequest(
      source: World.source, enclaveOffset: EnclaveOffset(0), length: ByteCount(600 * pageSize),
      secInfo: SecInfo(type: .reg, permissions: [.read, .write]), flags: 0)
    make(.addPages(AddPagesCall(process: process, descriptor: handle.descriptor, request: request)), &self)
  }

  private mutating func alone(_ index: Int) {
    guard let call = worlds[index].randomCall(&random, &signer) else { return }
    let task = worlds[index].machine.call(call)
    worlds[index].note(task)
    tally.note(task)
  }

  /// Some tasks, each with a few calls behind one another; now and then the run is broken off, as an error in a task does.
  private mutating func inTasks(_ index: Int) {
    var left = (0..<(2 + random.next(below: 3))).map { _ in Int(1 + random.next(below: 4)) }
    var ids: [TaskName: TaskID] = [:]
    var chooser = HistoryChooser(seed: random.next(), breaksOffAfter: random.next(below: 12) == 0 ? Int(random.next(below: 60)) : .max)
    func begin(_ task: Int, _ history: inout History) {
      guard left[task] > 0, history.worlds[index].machine.finding == nil,
        let call = history.worlds[index].randomCall(&history.random, &history.signer)
      else { return }
      left[task] -= 1
      let name = TaskName.task(UInt32(task + 1))
      ids[name] = history.worlds[index].machine.begin(call, as: name)
    }
    for task in left.indices { begin(task, &self) }
    var course = Course()
    run: while true {
      switch worlds[index].machine.run(&course, by: &chooser) {
      case .ended(let names):
        for name in names {
          guard case .task(let number) = name, let id = ids[name] else { continue }
          let task = worlds[index].machine.take(id)
          ids[name] = nil
          worlds[index].note(task)
          tally.note(task)
          // Between two calls a task's own code runs.
          if random.next(below: 10) == 0 { worlds[index].disturb(&random) }
          begin(Int(number) - 1, &self)
        }
      case .stopped:
        tally.brokenOff += 1
        worlds[index].machine.endTasks()
        break run
      case .finished: break run
      case .paused: continue
      }
    }
    tally.choices += course.choices.count
    tally.turnsOfKsgxd += course.choices.count { $0 == .ksgxd }
    tally.waits += chooser.waits
    worlds[index].machine.forgetFinishedTasks()
  }

  /// Closes everything: nothing may be left that only a driver's own fault explains.
  private mutating func finish(_ index: Int) {
    worlds[index].machine.cancelInjections()
    for process in worlds[index].aliveProcesses where worlds[index].machine.finding == nil {
      worlds[index].machine.withProcess(process) { $0.memory.unmap(UserAddress(0), ByteCount(AddressSpace.end.rawValue)) }
      for descriptor in worlds[index].machine.driver.openDescriptors(of: process) {
        let task = worlds[index].machine.call(.close(CloseCall(process: process, descriptor: descriptor)))
        tally.note(task)
      }
    }
    if worlds[index].machine.finding == nil { worlds[index].machine.checkLaws() }
    note(worlds[index])
  }

  private mutating func note(_ world: World) {
    let machine = world.machine
    tally.evictions += Int(machine.driver.evictions)
    tally.powerCycles += Int(machine.processor.powerCycles)
    tally.faultsStruck += machine.environment.plan.planned.reduce(0) { $0 + Int($1.struck) }
    tally.pagesMax = max(tally.pagesMax, Int(world.pagesMax))
    let place = "seed \(seed), driver \(driver.name)"
    if let finding = machine.finding {
      tally.findings[String(describing: finding), default: 0] += 1
      switch finding {
      case .deadlock, .bench: tally.wrong.append("\(place): \(machine.text(of: finding))")
      case .nullPointer, .endlessLoop, .endlessRestart, .notModelled: break
      }
    }
    for breach in machine.breaches {
      // No driver of the table keeps a lock or takes two in the wrong order.
      if breach.invariant.kind == .bench || breach.invariant == .locksReleased || breach.invariant == .lockOrder {
        tally.wrong.append("\(place): law \(breach.invariant.rawValue): \(breach.detail)")
      } else {
        tally.driverBreaches[breach.invariant.rawValue, default: 0] += 1
      }
    }
  }
}

/// Chance, which breaks a run off after so many choices.
private struct HistoryChooser: Chooser {
  private var chance: SeedChooser
  private let breaksOffAfter: Int
  private(set) var waits = 0

  init(seed: UInt64, breaksOffAfter: Int) {
    chance = SeedChooser(seed: seed)
    self.breaksOffAfter = breaksOffAfter
  }

  mutating func choose(at point: ChoicePoint, on machine: borrowing Machine) -> Choice {
    if !point.blocked.isEmpty { waits += 1 }
    return point.depth >= breaksOffAfter ? .stop : chance.choose(at: point, on: machine)
  }
}
