import SGXArchitecture
import Testing

@testable import LuaHost
@testable import SGXDriver
@testable import SGXProcessor
@testable import ScenarioLanguage
@testable import Simulation
@testable import Testbench

/// A state broken on purpose, and what a test says of it. No scenario can break a law of the bench: that would be our bug.
@Suite("Verdicts on broken laws") struct BrokenLawVerdictTests {
  /// The verdict on a test whose only machine holds one enclave of two pages (frames 2 and 3) and was then changed.
  private func verdict(
    expecting: [String] = [], failsOn: [DriverRange] = [], _ change: (inout Machine) -> Void
  ) throws -> TestResult {
    let lua = try Interpreter(limits: Limits(), output: { _ in }, resolveModule: { _ in nil })
    defer { lua.close() }
    let context = ScenarioContext(
      options: RunOptions(), machineType: lua.defineHandleType("machine"), processType: lua.defineHandleType("process"),
      enclaveType: lua.defineHandleType("enclave"), provisionType: lua.defineHandleType("provision"))
    context.beginTest(TestResult(DeclaredTest(index: 1, path: ["a test"], file: "a.lua", line: 7, tags: [], isPending: false)))
    context.expectedFindings = expecting
    context.failsOn = failsOn
    let box = MachineBox(Machine(MachineConfiguration(pageCount: 64, driver: .v6_1_192, seed: 1)))
    context.machinesOfTest = [box]
    let process = box.machine.makeProcess()
    let source = box.machine.withProcess(process) { $0.memory.map(at: nil, length: ByteCount(2 * pageSize), protection: .read) }
    guard case .open(let open) = box.machine.call(.open(OpenCall(process: process))).call, let descriptor = open.descriptor else {
      preconditionFailure("open succeeds")
    }
    let secs = SECS(size: 0x8000, baseAddress: LinearAddress(0x7000_0000))
    let created = box.machine.call(.create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(secs: secs))))
    #expect(created.outcome == .success)
    let request = AddPagesRequest(
      source: source, enclaveOffset: EnclaveOffset(0), length: ByteCount(2 * pageSize), secInfo: SecInfo(type: .reg, permissions: .read))
    let added = box.machine.call(.addPages(AddPagesCall(process: process, descriptor: descriptor, request: request)))
    #expect(added.outcome == .success)
    change(&box.machine)
    context.endTest()
    return try #require(context.test)
  }

  @Test func anUntouchedMachinePasses() throws {
    let result = try verdict { _ in }
    #expect(result.status == .passed)
    #expect(result.failures.isEmpty)
  }

  @Test func aBrokenChildCountOfTheDriverIsCaughtByName() throws {
    let result = try verdict { $0.driver.enclaves[0]!.secsChildCount += 1 }
    #expect(result.status == .failed)
    #expect(result.failures.count == 1)
    let failure = try #require(result.failures.first)
    #expect(failure.message.hasPrefix("driver 6.1.192 broke the law 'child-count': "))
    #expect(failure.message.hasSuffix("Found: 2 resident slots, secs_child_cnt 3"))
    #expect((failure.file, failure.line) == ("a.lua", 7))
    #expect(!failure.lastEvents.isEmpty)
  }

  @Test func aBrokenChildCountOfTheDriverCanBeExpected() throws {
    let result = try verdict(expecting: ["child-count"]) { $0.driver.enclaves[0]!.secsChildCount += 1 }
    #expect(result.status == .passed)
  }

  @Test func aBrokenChildCountOfTheProcessorIsABugOfTheBench() throws {
    let result = try verdict { machine in
      let index = machine.processor.epcm[2].secsIndex
      machine.processor.withSECSRecord(index) { $0.childCount += 1 }
    }
    #expect(result.status == .benchBroken)
    #expect(result.failures.contains { $0.message.hasPrefix("the bench broke its law 'epcm-child-count': ") })
  }

  @Test func nothingExcusesABugOfTheBench() throws {
    func breakCount(_ machine: inout Machine) { machine.processor.validPageCount += 1 }
    #expect(try verdict(expecting: ["epcm-valid-count"], breakCount).status == .benchBroken)
    #expect(try verdict(failsOn: [DriverRange(first: .standard, last: .standard, reason: "r")], breakCount).status == .benchBroken)
    #expect(!FindingName.all.contains("epcm-valid-count"), "a script cannot even name it")
  }

  @Test func aBugOfTheBenchIsSaidEvenWhereADriversLawIsBrokenToo() throws {
    let result = try verdict { machine in
      machine.driver.enclaves[0]!.secsChildCount += 1
      machine.processor.validPageCount += 1
    }
    #expect(result.status == .benchBroken)
    #expect(result.failures.contains { $0.message.contains("'child-count'") })
    #expect(result.failures.contains { $0.message.contains("'epcm-valid-count'") })
  }
}
