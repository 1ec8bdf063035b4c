/// What the bench's own functions buy: the work of the model, and what the laws look at after each call.
extension Fuel {
  /// The script's lines in a test, with a machine at hand.
  static func inTest(_ lines: String) -> String {
    """
    local sgx = require "sgx"
    it("spends its fuel", function()
      local machine = sgx.machine { epc = "16 MiB" }
      local process = machine:process()
      local enclave = process:open()
      enclave:create { size = 0x100000 }
      local start = process:map { pages = 256, prot = "rwx" }
      \(lines)
    end)
    """
  }

  private static let full = """
    for index = 0, 100 do enclave:add_page(start, index * 4096, 0x201, false) end
    """

  static let modelWorks: [(name: String, script: String)] = [
    ("property", "while true do local state = enclave.state end"),
    ("epc", "while true do local epc = machine.epc end"),
    ("driver", "while true do local name = machine.driver end"),
    ("behaviours", "while true do local all = machine.behaviours end"),
    ("drivers", "while true do sgx.drivers() end"),
    ("open", "while true do process:open():close() end"),
    ("machine", "while true do sgx.machine {} end"),
    ("ioctl", "while true do enclave:ioctl(1) end"),
    ("raw-ioctl", "while true do process:ioctl(enclave.descriptor, 0x4008a400, '12345678') end"),
    ("add-refused", "while true do enclave:add_pages { source = start, offset = 0, pages = 1, secinfo = { flags = 7777 } } end"),
    ("add-page", "while true do enclave:add_page(start, 0, 0x201, true) end"),
    ("add-measured", many(pages: 50_000, measured: true)),
    ("add-unmeasured", many(pages: 500_000, measured: false)),
    ("access", "while true do process:read(start) end"),
    ("access-every-step", """
      local other = sgx.machine { epc = "64 MiB", check = "every-step" }:process()
      local place, inside = other:map { pages = 1024 }, other:open()
      inside:create { size = 0x4000000 }
      inside:add_pages { source = place, offset = 0, pages = 500, measure = false, secinfo = { permissions = "r" } }
      while true do other:read(place) end
      """),
    ("access-many-processes", "for _ = 1, 500 do machine:process() end while true do process:read(start) end"),
    ("access-many-enclaves", "for _ = 1, 500 do process:open():create { size = 0x10000 } end while true do process:read(start) end"),
    ("mmap", "while true do process:mmap { enclave = enclave, prot = 'r' } end"),
    ("mprotect", "process:mmap { enclave = enclave, prot = 'rw' } while true do process:mprotect { address = enclave.base, length = 4096, prot = 'r' } end"),
    ("unmap", "local many = process:map { pages = 200000 } local n = 0 while true do process:unmap(many + n * 8192, 4096) n = n + 1 end"),
    ("map", "while true do process:map { pages = 1 } end"),
    ("write", "local bytes = ('x'):rep(1 << 18) while true do process:write(start, bytes) end"),
    ("evict", """
      local small = sgx.machine { epc = "256 KiB" }
      local other = small:process()
      local place, inside = other:map { pages = 1 }, other:open()
      inside:create { size = 0x100000 }
      for index = 0, 100 do inside:add_page(place, index * 4096, 0x201, false) end
      while true do small:reclaim { batches = 1 } other:read(inside.base) end
      """),
    ("measurement", full + " while true do local digest = enclave.measurement end"),
    ("sign", "while true do enclave:sign {} end"),
    ("tcs", "while true do sgx.tcs {} end"),
    ("power", "while true do machine:power_cycle() end"),
    ("inject", "while true do machine:inject { fault = 'power', at = { site = 'leaf:EADD', nth = 100000 } } end"),
    ("trace", "while true do machine:trace(1000) end"),
    ("signal", "process:sigaction('SIGALRM', { handler = true }) while true do process:send('SIGALRM') end"),
    ("task", "while true do machine:task(function() process:read(start) end) machine:run() end"),
    ("expect", "while true do expect(1):equals(1) end"),
    ("misspelt", "while true do pcall(function() return process.pagez end) end"),
    ("handle-text", "while true do tostring(machine) end"),
  ]

  /// Adds pages as fast as they go, and begins anew where the enclave is full.
  private static func many(pages: Int, measured: Bool) -> String {
    """
    while true do
      local other = sgx.machine { epc = "4 GiB", check = "never" }:process()
      local place, inside = other:map { pages = \(pages) }, other:open()
      inside:create { size = 0x100000000 }
      inside:add_pages { source = place, offset = 0, pages = \(pages), measure = \(measured), secinfo = { permissions = "r" } }
    end
    """
  }
}
