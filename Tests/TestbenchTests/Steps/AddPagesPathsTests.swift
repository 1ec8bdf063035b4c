import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// `Machine.addPages` is `Machine.call`, at half its cost: on random requests, of any kind and on any driver, nothing tells them apart.
@Suite("The short way of ADD_PAGES") struct AddPagesPathsTests {
  private struct Pair {
    var short: Bench
    var long: Bench
    let descriptor: FileDescriptor

    init(_ driver: DriverVersion, pages: UInt32, background: Bool) {
      short = Bench(pages: pages, driver: driver, background: background, checks: .never, wholeTrace: true)
      descriptor = short.enclave(size: 0x10_0000)
      short.machine.withProcess(short.process) {
        _ = $0.memory.map(at: UserAddress(0x80_0000), length: ByteCount(8 * pageSize), protection: .read, mayExecute: false)
      }
      long = short
    }
  }

  private static func request(_ random: inout RandomStream, source: UserAddress) -> AddPagesRequest {
    func oneOf<Value>(_ values: [Value]) -> Value { values[Int(random.next(below: UInt64(values.count)))] }
    var request = AddPagesRequest(
      source: oneOf([source, source, source, UserAddress(0x80_0000), UserAddress(0x10), UserAddress(source.rawValue + 1020 * pageSize)]),
      enclaveOffset: EnclaveOffset(random.next(below: 10) == 0 ? random.next(below: 1 << 20) : random.next(below: 256) * pageSize),
      length: ByteCount(random.next(below: 10) == 0 ? random.next(below: 1 << 13) : random.next(below: 12) * pageSize),
      secInfo: oneOf([
        SecInfo(type: .reg, permissions: [.read, .write]), SecInfo(type: .reg, permissions: .read), SecInfo(type: .tcs),
        SecInfo(type: .reg, permissions: .write), SecInfo(flags: 0x0001_0203),
      ]), flags: oneOf([0, 1, 1, 2, 3]))
    request.argument = oneOf([.readWrite, .readWrite, .readWrite, .readWrite, .readOnly, .unreadable])
    request.secInfoIsReadable = random.next(below: 12) > 0
    return request
  }

  @Test(arguments: 0..<24 as Range<UInt64>) func itIsTheLongWay(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .faults)
    let driver = DriverVersion.all[Int(random.next(below: UInt64(DriverVersion.all.count)))]
    var pair = Pair(driver, pages: UInt32(24 + random.next(below: 200)), background: random.next(below: 2) == 0)
    var succeeded = 0
    for _ in 0..<60 where pair.long.machine.finding == nil {
      let request = Self.request(&random, source: pair.short.source)
      let isLate = random.next(below: 20) == 0
      let descriptor = isLate ? FileDescriptor(77) : pair.descriptor
      let result = pair.short.machine.addPages(request, descriptor: descriptor, process: pair.short.process)
      let task = pair.long.machine.call(
        .addPages(AddPagesCall(process: pair.long.process, descriptor: descriptor, request: request)))
      #expect(result.outcome == task.outcome || task.outcome == .uninitialised)
      #expect(result.count == task.call.count)
      #expect(pair.short.machine.logicalState == pair.long.machine.logicalState)
      #expect(pair.short.machine.environment.visits == pair.long.machine.environment.visits)
      #expect(pair.short.machine.finding == pair.long.machine.finding)
      if result.outcome == .success { succeeded += 1 }
    }
    #expect(pair.short.machine.environment.trace.events == pair.long.machine.environment.trace.events)
    #expect(pair.short.machine.takeBackgroundBatches() == pair.long.machine.takeBackgroundBatches())
    #expect(succeeded > 0, "\(driver.name): something was added")
  }
}
