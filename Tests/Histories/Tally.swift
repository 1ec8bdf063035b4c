import LinuxKernel
import SGXDriver
import Simulation
import Testbench

/// What many histories have done, and what they found.
public struct Tally: Sendable {
  public var histories = 0
  public var operations = 0
  /// Calls by name: how often they were made, and how often they succeeded.
  public var made: [String: Int] = [:]
  public var succeeded: [String: Int] = [:]
  /// Failures, by what user space saw.
  public var errnos: [String: Int] = [:]
  /// How accesses ended.
  public var accesses: [String: Int] = [:]
  /// Steps at which somebody was chosen, and those of ksgxd among them.
  public var choices = 0
  public var turnsOfKsgxd = 0
  public var restarts = 0
  public var faultsStruck = 0
  /// Runs that were broken off and whose calls were ended without their callers.
  public var brokenOff = 0
  /// Choice points at which a task waited for a lock.
  public var waits = 0
  public var powerCycles = 0
  public var evictions = 0
  public var killed = 0
  /// The largest enclave, in pages.
  public var pagesMax = 0
  /// Findings that ended a history, and laws that a driver broke, by name.
  public var findings: [String: Int] = [:]
  public var driverBreaches: [String: Int] = [:]
  /// What must not be: laws of the bench that broke, deadlocks, runs that could not be repeated. Each with what repeats it.
  public var wrong: [String] = []

  public init() {}

  public mutating func add(_ other: Tally) {
    func sum(_ a: inout [String: Int], _ b: [String: Int]) { a.merge(b, uniquingKeysWith: +) }
    histories += other.histories
    operations += other.operations
    sum(&made, other.made)
    sum(&succeeded, other.succeeded)
    sum(&errnos, other.errnos)
    sum(&accesses, other.accesses)
    choices += other.choices
    turnsOfKsgxd += other.turnsOfKsgxd
    restarts += other.restarts
    faultsStruck += other.faultsStruck
    brokenOff += other.brokenOff
    waits += other.waits
    powerCycles += other.powerCycles
    evictions += other.evictions
    killed += other.killed
    pagesMax = max(pagesMax, other.pagesMax)
    sum(&findings, other.findings)
    sum(&driverBreaches, other.driverBreaches)
    wrong += other.wrong
  }

  /// A call has ended.
  mutating func note(_ task: Testbench.Task) {
    let name = task.call.name.text
    operations += 1
    made[name, default: 0] += 1
    restarts += Int(task.restarts)
    if let access = task.call.access { accesses[access.rawValue, default: 0] += 1 }
    switch task.outcome {
    case .success?: if task.call.access?.isGood ?? true { succeeded[name, default: 0] += 1 }
    case .killed?: killed += 1
    case let outcome?: errnos[outcome.text, default: 0] += 1
    case nil: break
    }
  }

  /// The same numbers in the same order wherever it is printed.
  public var text: String {
    func list(_ counts: [String: Int]) -> String {
      counts.isEmpty ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    var lines = ["\(operations) operations in \(histories) histories, \(succeeded.values.reduce(0, +)) succeeded"]
    for name in made.keys.sorted() { lines.append("  \(name): \(made[name]!) made, \(succeeded[name] ?? 0) succeeded") }
    lines.append("errnos: \(list(errnos))")
    lines.append("accesses: \(list(accesses))")
    lines.append(
      "\(choices) choices, \(turnsOfKsgxd) of ksgxd; \(waits) with a task that waits; \(brokenOff) runs broken off; \(restarts) restarts; \(killed) calls killed")
    lines.append(
      "\(faultsStruck) faults struck, \(powerCycles) power cycles, \(evictions) evictions; the largest enclave had \(pagesMax) pages")
    lines.append("histories ended by a finding: \(list(findings))")
    lines.append("laws that drivers broke: \(list(driverBreaches))")
    lines.append("wrong: \(wrong.count)")
    lines += wrong.prefix(40).map { "  " + $0 }
    return lines.joined(separator: "\n")
  }
}

extension AccessOutcome {
  var isGood: Bool { self == .hit || self == .mapped || self == .userMemory }
}
