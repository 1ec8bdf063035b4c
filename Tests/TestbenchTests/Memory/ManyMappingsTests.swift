import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Ten times as many mappings cost ten times as much.
@Suite("Many mappings", .serialized) struct ManyMappingsTests {
  enum Work: CaseIterable, Sendable { case mapEnclave, mapMemory, splitByProtection, cutHoles, mapDownwards }

  private static func run(_ work: Work, count: UInt64) -> (machine: Machine, duration: Duration) {
    var bench = Bench(pages: 64, checks: .never)
    let enclave = bench.enclave(size: 1 << 28)
    let clock = ContinuousClock()
    func page(_ index: UInt64) -> UserAddress { UserAddress(Bench.base + index * pageSize) }
    if work == .splitByProtection || work == .cutHoles {
      let whole = bench.mmap(enclave, count: 4 * count)
      precondition(whole == .success)
    }
    let duration = clock.measure {
      for index in 0..<count {
        let operation: Testbench.Operation?
        switch work {
        case .mapEnclave, .mapDownwards:
          let place = work == .mapEnclave ? 2 * index : 2 * (count - index)
          let request = MmapRequest(address: page(place), length: ByteCount(pageSize), protection: .read)
          operation = .mmap(MmapCall(process: bench.process, descriptor: enclave, request: request))
        case .mapMemory:
          bench.machine.withProcess(bench.process) { _ = $0.memory.map(at: nil, length: ByteCount(pageSize), protection: .read) }
          operation = nil
        case .splitByProtection:
          operation = .mprotect(
            MprotectCall(process: bench.process, address: page(4 * index + 1), length: ByteCount(pageSize), protection: .read))
        case .cutHoles:
          operation = .munmap(MunmapCall(process: bench.process, address: page(4 * index + 1), length: ByteCount(pageSize)))
        }
        if let operation {
          let outcome = bench.machine.call(operation).outcome
          precondition(outcome == .success)
        }
      }
    }
    return (bench.machine, duration)
  }

  @Test(arguments: Work.allCases) func tenTimesAsManyCostTenTimesAsMuch(_ work: Work) {
    func best(_ count: UInt64) -> Duration { (0..<4).map { _ in Self.run(work, count: count).duration }.min()! }
    let (few, many) = (best(1_000), best(10_000))
    // Twice the room for a machine that does something else meanwhile; what was quadratic took a hundred times as long.
    #expect(many / few < 20, "\(work): \(few) for 1,000, \(many) for 10,000")
  }

  /// What lies where is what was done, however many pieces there are.
  @Test func tenThousandHolesAreTenThousandHoles() {
    let machine = Self.run(.cutHoles, count: 10_000).machine
    let memory = machine.driver.processes[0].memory
    // The source, the first piece, and what is left behind each hole.
    #expect(memory.mappingCount == 10_002)
    for index in stride(from: UInt64(0), to: 10_000, by: 97) {
      #expect(memory.mapping(at: UserAddress(Bench.base + (4 * index + 1) * pageSize)) == nil)
      #expect(memory.mapping(at: UserAddress(Bench.base + (4 * index + 2) * pageSize))?.start.rawValue == Bench.base + (4 * index + 2) * pageSize)
    }
    let all = memory.mappings
    #expect(all.count == memory.mappingCount)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.end <= $1.start })
  }
}
