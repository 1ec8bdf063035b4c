import Foundation
import LuaHost
import Testing

/// Where the machine refuses memory: the run says so and goes on, or ends with 69; never by a signal, and the report is whole.
@Suite("Memory that the machine refuses", .serialized) struct HostMemoryTests {
  /// A test for each thing that takes memory; the last one takes none.
  private static let script = """
    local sgx = require "sgx"
    it("writes", function()
      local process = sgx.machine():process()
      local start = process:map { pages = 40000, prot = "rw" }
      for page = 0, 39999 do process:write(start + page * 4096, "x") end
    end)
    it("maps bytes", function()
      local process = sgx.machine():process()
      local bytes = ("x"):rep(1 << 20)
      for _ = 1, 250 do process:map { bytes = bytes, pages = 256 } end
    end)
    it("keeps strings", function()
      local kept = {}
      for n = 1, 60 do kept[n] = ("x"):rep(1000000) .. n end
      expect(#kept):equals(60)
    end)
    it("keeps tables", function()
      local kept = {}
      for n = 1, 300000 do kept[n] = { n } end
      expect(#kept):equals(300000)
    end)
    it("recurses", function() local function deep(n) if n > 0 then return 1 + deep(n - 1) end return 0 end expect(deep(15000)):equals(15000) end)
    it("adds pages", function()
      local process = sgx.machine { epc = "4 GiB", check = "never" }:process()
      local enclave = process:open()
      enclave:create { size = "8 GiB" }
      enclave:add_pages { source = process:map { pages = 30000 }, offset = 0, pages = 30000, secinfo = { permissions = "r" } }
    end)
    it("prints", function() for n = 1, 9000 do print(("x"):rep(100)) end expect(1):equals(1) end)
    it("takes nothing", function() expect(1):equals(1) end)
    """

  /// KiB of address space that the program takes to run next to nothing.
  private static func least(in folder: Scratch) throws -> Int {
    try folder.write("it('a', function() expect(1):equals(1) end)", to: "small.lua")
    for size in stride(from: 280 << 10, through: 2 << 20, by: 16 << 10) {
      let ended = try Sgxbench.run(["run", "small.lua", "--format", "json:small.json"], in: folder.path, shell: #"ulimit -v \#(size); exec "$@""#)
      if ended.status == 0 { return size }
    }
    return 2 << 20
  }

  @Test func everyLimitOfTheProcessIsSurvived() throws {
    let folder = try Scratch()
    try folder.write(Self.script, to: "a.lua")
    let least = try Self.least(in: folder)
    var statuses: Set<Int32> = []
    // From below what it takes to begin to where most of the tests have what they want.
    for more in [-16, 0, 8, 24, 48, 96, 160] {
      try? FileManager.default.removeItem(atPath: folder.path + "/r.json")
      let ended = try Sgxbench.run(
        ["run", "a.lua", "--format", "json:r.json", "--fuel", "1000000000"], in: folder.path, seconds: 300,
        shell: #"ulimit -v \#(least + more << 10); exec "$@""#)
      // What is too little for the loader and the runtime of Swift is before the first line of the program.
      if more < 0, ended.wasSignalled || ended.status == 127 { continue }
      statuses.insert(ended.status)
      #expect(!ended.wasSignalled && [0, 1, 69].contains(ended.status), "\(more): \(ended.status) \(ended.errors)")
      guard ended.status != 69 else {
        #expect(ended.errors.contains("the system g"), "\(more): \(ended.errors)")
        // It is there, and whole, where it could be written.
        if let data = try? Data(contentsOf: URL(fileURLWithPath: folder.path + "/r.json")) { _ = try JSONSerialization.jsonObject(with: data) }
        continue
      }
      let report = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder.path + "/r.json"))) as? [String: Any])
      #expect(report["complete"] as? Bool == true)
      let file = try #require((report["files"] as? [[String: Any]])?.first)
      // So little that the script was not even read.
      if let error = (file["error"] as? [String: Any])?["text"] as? String {
        #expect(error.contains("the system g"), "\(more): \(error)")
        continue
      }
      let tests = try #require(file["tests"] as? [[String: Any]])
      #expect(tests.count == 8)
      #expect(tests.last?["status"] as? String == "passed", "\(more): a test that takes nothing has what it needs")
      for test in tests {
        let message = ((test["failures"] as? [[String: Any]])?.first?["message"] as? String) ?? ""
        #expect((test["status"] as? String == "passed") == message.isEmpty, "\(more): \(message)")
        if message.isEmpty { continue }
        #expect(message.contains("the system gives the") && message.contains(" no more memory"), "\(more): \(message)")
      }
    }
    #expect(statuses.contains(1), "some of the sizes were too small")
  }

  /// Groups of processes in both versions of the kernel's files, and one inside another.
  @Test func limitsOfGroups() throws {
    let folder = try Scratch()
    func left() -> UInt64 { HostMemory.left(processes: folder.path + "/proc", system: folder.path + "/fs") }
    try folder.write("0::/a/b\n", to: "proc/self/cgroup")
    #expect(left() == .max)
    try folder.write("MemTotal: 9 kB\nMemAvailable:    2048 kB\nSwapFree: 1024 kB\n", to: "proc/meminfo")
    #expect(left() == 3 << 20)
    try folder.write("MemAvailable:    1048576 kB\n", to: "proc/meminfo")
    try folder.write("max\n", to: "fs/a/b/memory.max")
    try folder.write("5000000\n", to: "fs/a/memory.max")
    try folder.write("4000000\n", to: "fs/a/memory.current")
    #expect(left() == 1_000_000)
    // What a group has of files can be given up.
    try folder.write("anon 1\nactive_file 300000\ninactive_file 200000\n", to: "fs/a/memory.stat")
    #expect(left() == 1_500_000)
    try folder.write("700000\n", to: "fs/a/b/memory.max")
    try folder.write("900000\n", to: "fs/a/b/memory.current")
    #expect(left() == 0)
    // A container: the name is that of the world outside, and the mount is the group.
    try folder.write("9:name=systemd:/\n4:memory:/docker/abc\n0::/\n", to: "proc/self/cgroup")
    try folder.write("9223372036854771712\n", to: "fs/memory/memory.limit_in_bytes")
    #expect(left() == 1 << 30)
    try folder.write("60000\n", to: "fs/memory/memory.limit_in_bytes")
    try folder.write("20000\n", to: "fs/memory/memory.usage_in_bytes")
    try folder.write("total_inactive_file 5000\ntotal_active_file 1000\n", to: "fs/memory/memory.stat")
    #expect(left() == 46000)
  }

  @Test func nobodyHasEverything() {
    #expect(HostMemory.has(1 << 20))
    #expect(!HostMemory.has(1 << 62))
    #expect(!HostMemory.has(.max))
  }
}
