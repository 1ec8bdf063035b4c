import ScenarioLanguage
import Testbench

/// Loads an enclave without Lua, then asks forks of the machine what a loss of power would have done.
func driveAMachine() throws {
  var machine = Machine(MachineConfiguration(pageCount: 64, driver: try .resolve("6.1"), seed: 7))
  let process = machine.makeProcess()
  let source = machine.mapMemory(ByteCount(4 * pageSize), bytes: Array("first page".utf8), in: process)
  guard let enclave = machine.open(in: process).descriptor else { return print("the device does not open") }

  let place = CreateRequest(secs: SECS(size: 0x8000, baseAddress: LinearAddress(0x7e00_0000_0000)))
  print("create:", machine.create(place, descriptor: enclave, process: process).text)
  let created = machine

  let pages = AddPagesRequest(
    source: source, enclaveOffset: EnclaveOffset(0), length: ByteCount(4 * pageSize),
    secInfo: SecInfo(type: .reg, permissions: [.read, .write]), flags: AddPagesRequest.measure)
  let added = machine.addPages(pages, descriptor: enclave, process: process)
  print("add pages: \(added.outcome.text), \(added.count ?? 0) bytes")

  var sigStruct = SigStruct()
  sigStruct.attributes = .mode64Bit
  sigStruct.xfrm = .legacy
  if let measurement = machine.measurement(enclave, in: process) { sigStruct.enclaveHash = measurement }
  sigStruct.sign(with: .test)
  print("init:", machine.initialize(InitRequest(sigStruct: sigStruct), descriptor: enclave, process: process).text)
  print("free: \(machine.epc.free) of \(machine.epc.total) pages")

  // A machine is a value: each fork goes on alone from where the enclave was created.
  for number: UInt64 in [1, 20] {
    var fork = created
    fork.inject(.powerCycle(.s3), at: InjectionTrigger(sites: SiteSet(.leaf(.EEXTEND)), count: .nth(number)))
    let answer = fork.addPages(pages, descriptor: enclave, process: process)
    _ = fork.close(enclave, in: process)
    print("power lost at EEXTEND \(number): \(answer.outcome.text), \(answer.count ?? 0) bytes, leaked \(fork.epc.leaked)")
    for warning in fork.kernelLog { print("  kernel log:", warning.text) }
    for breach in fork.breaches { print("  law \(breach.invariant.rawValue): \(breach.detail)") }
  }
}

let scenario = """
  local sgx = require "sgx"
  local program = require "program"

  describe("an enclave as the program wants it", function()
    local function load(name)
      local machine = sgx.machine { epc = "256 KiB" }
      local process = machine:process()
      local enclave = process:open()
      ensure(enclave:create { size = 0x10000 }.errno):is_nil()
      local pages = program.pages_of(name)
      local result = enclave:add_pages {
        source = process:map { pages = pages }, offset = 0, length = pages * sgx.PAGE_SIZE,
        secinfo = { type = "REG", permissions = "r" }, measure = true,
      }
      expect(result.errno):is_nil()
      return machine
    end

    it("takes a page for each of its own, one for the SECS and one for versions", function()
      expect(program.pages_used(load("app"))):equals(7)
    end)

    it("is one the program knows", function()
      load("other")
    end)

    it("comes to an end", function()
      while true do end
    end)
  end)
  """

/// Runs that scenario with two functions, limits and a reporter of our own.
func runAScenario() throws -> Int {
  var options = RunOptions()
  options.driver = try .resolve("6.1")
  options.seed = 7
  options.setLimits(fuel: 1_000_000, memory: 8 << 20, source: 64 << 10, output: 4 << 10)

  var runner = ScenarioRunner(options: options)
  try runner.register("pages_of", in: "program") { call in
    let name = try call.string(1)
    guard name == "app" else { throw HostError("no enclave is called '\(name)'") }
    return [5]
  }
  try runner.register("pages_used", in: "program") { call in
    let counts = try call.machine(1).epc
    return [.integer(Int64(counts.total - counts.free))]
  }

  var failed = 0
  runner.observer = { event in
    guard case .testEnded(let test) = event else { return }
    print(test.status == .passed ? "pass" : "fail", test.path.joined(separator: " / "))
    for failure in test.failures { print("     \(failure.file):\(failure.line): \(failure.message)") }
    if test.status != .passed { failed += 1 }
  }
  let result = runner.run(source: Array(scenario.utf8), name: "scenario")
  if let error = result.error { print("the scenario itself is wrong:", error.text) }
  return failed
}

try driveAMachine()
let failed = try runAScenario()
print(failed, "tests failed")
