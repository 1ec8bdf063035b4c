import LinuxKernel
import SGXArchitecture
import Simulation
import Testbench

/// What it costs to go on from a copy of a machine (goal 13).
enum Forks {
  static var figures: [Figure] {
    [
      Figure(name: "fork", goal: .atMost(1.7)) { fork(rounds: $0, wholePage: false) },
      Figure(name: "fork-and-page", goal: .atMost(2.7)) { fork(rounds: $0, wholePage: true) },
      Figure(name: "sweep", goal: .atMost(2.3), take: sweep),
    ]
  }

  /// A copy of a machine in the middle of a measured load, and the copy's first step, which takes a page from the pool; or all steps
  /// of one page, by which it has written into every table.
  ///
  /// The goal is 5 us where the limit hashes a page in 2.9 us, and with the whole page its hash on top. The machine has 128 GiB of EPC,
  /// 4 GiB of it in use.
  private static func fork(rounds: Int, wholePage: Bool) -> Reading {
    let (machine, task) = machineInMidLoad
    let pageEnd = machine.environment.visits(of: .leaf(.EEXTEND)) + UInt64(extendChunksPerPage)
    let records = [UInt8](repeating: 0, count: Load.recordSize)
    let ratio = Ratio(rounds: rounds, limit: { for _ in 0..<500 { hashAtOnce(records) } }) {
      for _ in 0..<500 {
        var copy = machine
        copy.step(task)
        while wholePage && copy.environment.visits(of: .leaf(.EEXTEND)) < pageEnd { copy.step(task) }
        blackHole(copy)
      }
    }
    return .ratio(
      ratio.cost, measured: (ratio.measured / 500_000).text(digits: 2) + " us",
      limit: "SHA-256 of a page, " + (ratio.limit / 500_000).text(digits: 2) + " us")
  }

  /// Stopped where the next step takes a page from the pool.
  private static var machineInMidLoad: (Machine, TaskID) {
    let loaded: UInt64 = 1 << 20
    var configuration = MachineConfiguration(pageCount: 1 << 25)
    configuration.checks = .never
    let image = Load(pages: Int(loaded) / 512)
    var prepared = Prepared(
      configuration, pages: image.pages, contents: .block(image.image), enclaveSize: loaded * pageSize * 2)
    for piece in 0..<UInt64(512) {
      let task = prepared.machine.call(
        prepared.request(firstPage: piece * UInt64(image.pages), pages: UInt64(image.pages), measured: false))
      precondition(task.outcome == .success, "the benchmark's enclave is loaded")
    }
    let task = prepared.machine.begin(prepared.request(firstPage: loaded, pages: 1024, measured: true))
    while prepared.machine.environment.visits(of: .leaf(.EEXTEND)) < 512 * 16 { prepared.machine.step(task) }
    prepared.machine.step(task)
    return (prepared.machine, task)
  }

  /// Power lost at every point of a load of 32 pages, and of 64: work that grows with the square would show as 4. Each point also
  /// closes what was loaded, some 0.1 us a page beside 10 us for everything else, so longer loads come slowly nearer to it.
  private static func sweep(rounds: Int) -> Reading {
    let contents = Load(pages: 64)
    func points(pages: Int) -> Int {
      let prepared = contents.prepared()
      var sweep = Sweep(fault: .powerCycle(.s3))
      sweep.run(prepared.request(pages: UInt64(pages), measured: true), on: prepared.machine)
      return sweep.points.count
    }
    var half = 0
    var whole = 0
    let ratio = Ratio(
      rounds: min(rounds, 5), limit: { half = points(pages: contents.pages / 2) },
      measured: { whole = points(pages: contents.pages) })
    return .ratio(
      ratio.cost, measured: (ratio.measured / 1e6).text(digits: 1) + " ms, \(whole) points",
      limit: (ratio.limit / 1e6).text(digits: 1) + " ms, \(half) points")
  }
}
