import Glibc
import SGXArchitecture
import Testbench

/// What bookkeeping costs in memory (goals 9 and 10): growth of the process's resident set, in bytes a page.
enum Memory {
  static var figures: [Figure] {
    [
      Figure(name: "resident-memory", goal: .atMost(1)) { _ in residentPages() },
      Figure(name: "unused-memory", goal: .atMost(0.01)) { _ in unusedPages() },
      Figure(name: "machine-start", goal: .atMost(1.1), take: machineStart),
      Figure(name: "sparse-memory", goal: .atMost(1)) { _ in sparsePages() },
    ]
  }

  /// An enclave of 16 GiB of zero pages, which have no contents to keep: all that grows is bookkeeping.
  private static func residentPages() -> Reading {
    let pages = 1 << 22
    var machine = Prepared(configuration(pages: UInt32(pages + pages / 256)), pages: pages, contents: .fill(0))
    let growth = residentGrowth { machine.load(measured: false) }
    blackHole(machine)
    return perPage(growth, pages: pages, limit: 32, of: "allowed")
  }

  /// A machine with 128 GiB of EPC that nobody uses.
  private static func unusedPages() -> Reading {
    let pages: UInt32 = 1 << 25
    var machine: Machine?
    let growth = residentGrowth { machine = Machine(configuration(pages: pages)) }
    blackHole(machine)
    return perPage(growth, pages: Int(pages), limit: 32, of: "for a resident page")
  }

  /// A machine with 128 GiB of EPC is made, opened and created in as fast as one with 64 MiB.
  private static func machineStart(rounds: Int) -> Reading {
    func start(_ pages: UInt32) {
      for _ in 0..<200 { blackHole(Prepared(configuration(pages: pages), pages: 2, contents: .fill(0))) }
    }
    let ratio = Ratio(rounds: rounds, limit: { start(1 << 14) }, measured: { start(1 << 25) })
    return .ratio(
      ratio.cost, measured: (ratio.measured / 200_000).text(digits: 2) + " us for 128 GiB",
      limit: (ratio.limit / 200_000).text(digits: 2) + " us for 64 MiB")
  }

  /// 32,768 pages, each 2 MiB from the next: no two are neighbours.
  private static func sparsePages() -> Reading {
    let pages = 1 << 15
    var machine = Prepared(
      configuration(pages: UInt32(pages * 2)), pages: 1, contents: .fill(0), enclaveSize: UInt64(pages) << 21)
    let growth = residentGrowth {
      for page in 0..<UInt64(pages) {
        let task = machine.machine.call(machine.request(firstPage: page << 9, pages: 1, measured: false))
        precondition(task.outcome == .success, "the benchmark's page is added")
      }
    }
    blackHole(machine)
    return perPage(growth, pages: pages, limit: 64, of: "allowed")
  }

  private static func configuration(pages: UInt32) -> MachineConfiguration {
    var configuration = MachineConfiguration(pageCount: pages)
    configuration.checks = .never
    return configuration
  }

  private static func perPage(_ growth: Int, pages: Int, limit: Double, of what: String) -> Reading {
    let bytes = Double(growth) / Double(pages)
    return .ratio(bytes / limit, measured: bytes.text(digits: 2) + " B a page", limit: "\(Int(limit)) B a page \(what)")
  }

  /// Bytes by which `body` makes the resident set grow. Memory that earlier figures freed is given back first, or it would hide growth.
  private static func residentGrowth(_ body: () -> Void) -> Int {
    _ = giveBackFreeMemory(keeping: 0)
    let before = residentBytes
    body()
    return residentBytes - before
  }

  /// Resident memory without the program's own code, whose pages come in as they are first run. Counted from the page tables: the
  /// cheaper counters in /proc lag behind by up to 64 pages a thread.
  private static var residentBytes: Int {
    guard let file = fopen("/proc/self/smaps_rollup", "r") else { fatalError("/proc/self/smaps_rollup cannot be read") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("Anonymous:") { return Int(text.filter(\.isNumber))! * 1024 }
    }
    fatalError("/proc/self/smaps_rollup has no Anonymous")
  }
}

// Glibc's module leaves <malloc.h> out.
@_silgen_name("malloc_trim") private func giveBackFreeMemory(keeping bytes: Int) -> CInt
