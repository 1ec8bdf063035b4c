import ScenarioLanguage

/// What a whole small enclave costs from a script (goal 7): open, CREATE, eight measured pages, INIT, close. It is signed once. The
/// limit is hashing those eight pages' records at once, whose speed is the limit of every other figure.
enum LifeCycle {
  static var figures: [Figure] { [Figure(name: "life-cycle", goal: .atMost(2.4), take: cycle)] }

  private static let cycles = 1000
  private static let load = Load(pages: 8)

  /// 346 K pages/s are 23.1 us for eight; 18 K cycles/s are 55.6 us.
  private static func cycle(rounds: Int) -> Reading {
    let records = load.records
    let ratio = Ratio(
      rounds: rounds, limit: { for _ in 0..<cycles { hashAtOnce(records) } }, measured: run)
    return .ratio(
      ratio.cost, measured: perSecond(ratio.measured) + " K cycles/s",
      limit: "SHA-256 at once, " + perSecond(ratio.limit) + " K times/s")
  }

  private static func perSecond(_ nanoseconds: Double) -> String { (Double(cycles) * 1e6 / nanoseconds).text(digits: 1) }

  private static let script = Array("""
    local sgx = require "sgx"
    describe("life", function() it("goes round", function()
      local machine = sgx.machine { epc = "256 KiB", check = "never", ksgxd = "manual" }
      local process = machine:process()
      local source = process:map { pages = 8, fill = 0x90, prot = "rx" }
      local creation = { size = 0x10000, base = 0x7e0000000000 }
      local pages = { source = source, offset = 0, pages = 8, secinfo = { flags = 0x205 } }
      local signed
      for cycle = 0, \(cycles) do
        local enclave = process:open()
        enclave:create(creation)
        enclave:add_pages(pages)
        signed = signed or { sigstruct = enclave:sign() }
        if enclave:init(signed).errno then expect(cycle):equals(nil) end
        enclave:close()
      end
      expect(machine.epc.free):equals(machine.epc.total)
    end) end)
    """.utf8)

  private static func run() {
    let result = ScenarioRunner(options: RunOptions()).run(source: script, name: "life.lua")
    precondition(result.tests.first?.failures.isEmpty == true, "the benchmark's scenario passes")
  }
}
