import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import LinuxKernel
@testable import Testbench

/// The driver serves a process outside as it serves one of the model, and what lives outside stays there.
@Suite("A process outside") struct OutsideProcessTests {
  private static let base: UInt64 = 0x7000_0000
  private static let source = UserAddress(0x10_0000)

  private struct Outside {
    var machine: Machine
    let process: ProcessID
    let double = OutsideDouble()

    init(pages: UInt32 = 64) {
      machine = Machine(MachineConfiguration(pageCount: pages, driver: .v6_1_192))
      process = machine.attach(double)
      _ = double.memory.map(at: source, length: ByteCount(64 * pageSize), protection: [.read, .write])
      _ = double.memory.write([1, 2, 3, 4], at: source)
    }

    mutating func call(_ operation: Testbench.Operation) -> Testbench.Task { machine.call(operation) }

    mutating func enclave() -> FileDescriptor {
      let descriptor = call(.open(OpenCall(process: process))).call.report.descriptor!
      let secs = SECS(size: 0x10_0000, baseAddress: LinearAddress(base))
      let created = call(.create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(secs: secs)))).outcome
      precondition(created == .success)
      return descriptor
    }

    mutating func add(_ descriptor: FileDescriptor, page: UInt64 = 0, count: UInt64) -> Answer {
      let request = AddPagesRequest(
        source: source, enclaveOffset: EnclaveOffset(pageIndex: page), length: ByteCount(count * pageSize),
        secInfo: SecInfo(type: .reg, permissions: [.read, .write]))
      return Answer(call(.addPages(AddPagesCall(process: process, descriptor: descriptor, request: request))))
    }

    mutating func map(_ descriptor: FileDescriptor) -> CallOutcome? {
      let request = MmapRequest(address: UserAddress(base), length: ByteCount(256 * pageSize), protection: [.read, .write])
      return call(.mmap(MmapCall(process: process, descriptor: descriptor, request: request))).outcome
    }

    mutating func access(page: UInt64) -> AccessOutcome? {
      call(.access(AccessCall(process: process, address: UserAddress(base + page * pageSize), kind: .read))).call.access
    }
  }

  /// The same history in both places: the same answers, the same measurement, the same state.
  @Test func itIsServedAsOneOfTheModel() {
    var outside = Outside()
    var bench = Bench(pages: 64)
    _ = bench.machine.withProcess(bench.process) { $0.memory.write([1, 2, 3, 4], at: bench.source) }
    let (there, here) = (outside.enclave(), bench.enclave(size: 0x10_0000))
    #expect(there == here)
    #expect(outside.add(there, count: 5) == bench.add(here, count: 5))
    #expect(outside.add(there, page: 3, count: 2) == bench.add(here, page: 3, count: 2), "the page is there already")
    #expect(outside.map(there) == bench.mmap(here, count: 256))
    #expect(outside.access(page: 1) == bench.access(page: 1))
    #expect(outside.machine.reclaim(.batches(1)).freed == bench.machine.reclaim(.batches(1)).freed)
    #expect(outside.access(page: 1) == bench.access(page: 1))
    #expect(outside.machine.logicalState.measurements == bench.machine.logicalState.measurements)
    #expect(outside.machine.logicalState == bench.machine.logicalState)
    #expect(outside.machine.breaches.isEmpty)
  }

  @Test func aPageIsOneCrossing() {
    var outside = Outside()
    let enclave = outside.enclave()
    let added = outside.add(enclave, count: 20)
    #expect(added == .done(20))
    #expect(outside.double.crossings["pin"] == 20)
    #expect(outside.double.crossings["place"] == 20)
    #expect(outside.double.crossings["read"] == nil)
  }

  @Test func refusalsOfItsMemoryAreThoseOfTheKernel() {
    var outside = Outside()
    let enclave = outside.enclave()
    outside.double.memory.unmap(UserAddress(Self.source.rawValue + pageSize), ByteCount(pageSize))
    let hole = outside.add(enclave, count: 3)
    #expect(hole == .failed(.EFAULT, pages: 1))
    _ = outside.double.memory.map(
      at: Self.source, length: ByteCount(4 * pageSize), protection: .read, mayExecute: false)
    let noexec = outside.add(enclave, page: 8, count: 1)
    #expect(noexec == .failed(.EACCES, pages: 0))
  }

  /// What the program has written is what is evicted, and what comes back.
  @Test func aResidentPageIsLive() throws {
    var outside = Outside()
    let enclave = outside.enclave()
    let added = outside.add(enclave, count: 2)
    #expect(added == .done(2))
    let mapped = outside.map(enclave)
    #expect(mapped == .success)
    let address = UserAddress(Self.base)
    #expect(outside.double.live[address]?.prefix(4) == [1, 2, 3, 4])
    outside.double.live[address]?[0] = 99
    let evicted = outside.machine.reclaim(.batches(1))
    #expect(evicted.freed == 2)
    outside.double.live = [:]
    let back = outside.access(page: 0)
    #expect(back == .mapped)
    #expect(outside.double.live[address]?.prefix(4) == [99, 2, 3, 4])
    #expect(outside.machine.breaches.isEmpty)
  }

  @Test func aMachineWithLivePagesSaysThatItCannotBeForked() throws {
    var outside = Outside()
    let enclave = outside.enclave()
    #expect(outside.machine.forkRefusal == nil, "nothing lives outside yet")
    let added = outside.add(enclave, count: 2)
    #expect(added == .done(2))
    #expect(throws: ForkRefusal(livePages: 2)) { try outside.machine.fork() }
    #expect(try #require(outside.machine.forkRefusal).text.contains("2 pages"))
    let closed = outside.call(.close(CloseCall(process: outside.process, descriptor: enclave))).outcome
    #expect(closed == .success)
    #expect(outside.machine.forkRefusal == nil)
  }

  /// Its own kernel delivers its signals: the answer is the request to be called again, and nobody here makes it.
  @Test func aSignalIsItsOwnKernelsBusiness() {
    var outside = Outside()
    let enclave = outside.enclave()
    outside.double.signals.send(SignalNumber(14)!)
    let answer = outside.add(enclave, count: 3)
    #expect(answer.outcome == .restart)
    #expect(outside.double.signals.pending != 0, "still pending: nobody here has delivered it")
    #expect(outside.machine.driver.processes[outside.process.rawValue].isAlive)
  }
}
