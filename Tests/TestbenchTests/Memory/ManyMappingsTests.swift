import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Ten times as many mappings cost ten times as much: counted in mappings that make room for others, since nothing here looks at a clock.
/// `sgxbench-bench mappings` times it.
@Suite("Many mappings") struct ManyMappingsTests {
  enum Work: CaseIterable, Sendable { case mapEnclave, mapMemory, splitByProtection, cutHoles, mapDownwards, unmapMiddle }

  /// A process that has done the work `count` times.
  private static func run(_ work: Work, count: UInt64) -> AddressSpace {
    var bench = Bench(pages: 64, checks: .never)
    let enclave = bench.enclave(size: 1 << 28)
    func page(_ index: UInt64) -> UserAddress { UserAddress(Bench.base + index * pageSize) }
    func map(_ place: UInt64) -> Testbench.Operation {
      let request = MmapRequest(address: page(place), length: ByteCount(pageSize), protection: .read)
      return .mmap(MmapCall(process: bench.process, descriptor: enclave, request: request))
    }
    func unmap(_ place: UInt64) -> Testbench.Operation {
      .munmap(MunmapCall(process: bench.process, address: page(place), length: ByteCount(pageSize)))
    }
    if work == .splitByProtection || work == .cutHoles {
      let whole = bench.mmap(enclave, count: 4 * count)
      precondition(whole == .success)
    }
    for index in 0..<count {
      let operations: [Testbench.Operation]
      switch work {
      case .mapEnclave: operations = [map(2 * index)]
      case .mapDownwards: operations = [map(2 * (count - index))]
      case .mapMemory:
        bench.machine.withProcess(bench.process) { _ = $0.memory.map(at: nil, length: ByteCount(pageSize), protection: .read) }
        operations = []
      case .splitByProtection:
        operations = [
          .mprotect(MprotectCall(process: bench.process, address: page(4 * index + 1), length: ByteCount(pageSize), protection: .read))
        ]
      case .cutHoles: operations = [unmap(4 * index + 1)]
      case .unmapMiddle: operations = [map(2 * index), map(2 * index + 1), unmap(index)]
      }
      for operation in operations {
        let outcome = bench.machine.call(operation).outcome
        precondition(outcome == .success)
      }
    }
    return bench.machine.driver.processes[bench.process.rawValue].memory
  }

  @Test(arguments: Work.allCases) func tenTimesAsManyMoveTenTimesAsMuch(_ work: Work) {
    let (few, many) = (Self.run(work, count: 1_000).mappingsMoved, Self.run(work, count: 10_000).mappingsMoved)
    // A table in one piece moves a hundred times as much, or, where it only grows at its end, nothing either way.
    #expect(many <= 15 * few + 10_000, "\(work): \(few) for 1,000, \(many) for 10,000")
    #expect(many <= 10_000 * 200, "\(work): \(many) for 10,000")
  }

  /// What lies where is what was done, however many pieces there are.
  @Test func tenThousandHolesAreTenThousandHoles() {
    let memory = Self.run(.cutHoles, count: 10_000)
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
