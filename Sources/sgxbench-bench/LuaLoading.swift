import ScenarioLanguage

/// What one Lua call a page costs over one for all (goal 3): the same script, the same machine, the same pages.
enum LuaLoading {
  static var figures: [Figure] {
    [
      Figure(name: "lua-per-page", goal: .atLeast(0.96), take: perPage),
      Figure(name: "lua-by-name", goal: .atMost(3), take: byName),
    ]
  }

  private static let pages = 8192

  private static func perPage(rounds: Int) -> Reading {
    let all = script("""
      local result = enclave:add_pages { source = source, offset = 0, pages = pages, secinfo = { flags = 0x205 } }
      expect(result.errno):is_nil()
      """)
    let single = script("""
      local add_page = enclave.add_page
      for page = 0, pages - 1 do
        add_page(enclave, source + page * 4096, page * 4096, 0x205, true)
      end
      """)
    let ratio = Ratio(rounds: rounds, limit: { run(all) }, measured: { run(single) })
    func text(_ nanoseconds: Double) -> String { (nanoseconds / Double(pages)).text(digits: 0) + " ns a page" }
    return .ratio(ratio.speed, measured: text(ratio.measured), limit: "one call for all, " + text(ratio.limit))
  }

  /// What a page costs whose arguments are fields of a table, over one from plain numbers; neither is measured.
  private static func byName(rounds: Int) -> Reading {
    let named = script("""
      local secinfo = { flags = 0x205 }
      for page = 0, pages - 1 do
        enclave:add_pages { source = source + page * 4096, offset = page * 4096, pages = 1, secinfo = secinfo, measure = false }
      end
      """)
    let plain = script("""
      for page = 0, pages - 1 do
        enclave:add_page(source + page * 4096, page * 4096, 0x205, false)
      end
      """)
    let ratio = Ratio(rounds: rounds, limit: { run(plain) }, measured: { run(named) })
    func text(_ nanoseconds: Double) -> String { (nanoseconds / Double(pages)).text(digits: 0) + " ns a page" }
    return .ratio(ratio.cost, measured: text(ratio.measured), limit: "add_page, " + text(ratio.limit))
  }

  private static func script(_ load: String) -> [UInt8] {
    Array("""
      local sgx = require "sgx"
      describe("load", function() it("adds", function()
        local pages = \(pages)
        local machine = sgx.machine { epc = "128 MiB", check = "never" }
        local process = machine:process()
        local enclave = process:open()
        ensure(enclave:create { size = 0x8000000 }.errno):is_nil()
        local source = process:map { pages = pages, fill = 0x90, prot = "rx" }
        \(load)
        expect(enclave.pages):equals(pages)
      end) end)
      """.utf8)
  }

  private static func run(_ script: [UInt8]) {
    let result = ScenarioRunner(options: RunOptions()).run(source: script, name: "load.lua")
    precondition(result.tests.first?.failures.isEmpty == true, "the benchmark's scenario passes")
  }
}
