import LinuxKernel
import SGXArchitecture
import SGXDriver
import Testbench

/// Whether many mappings of one process are dear.
enum Mappings {
  static var figures: [Figure] { [Figure(name: "mappings", goal: .atMost(15), take: mappings)] }

  /// mmap of 10,000 pages of an enclave, each apart from the others, and their mprotect and munmap, against the same of 1,000: work that
  /// grows with the square would show as 100.
  private static func mappings(rounds: Int) -> Reading {
    let ratio = Ratio(rounds: rounds, limit: { map(1_000) }, measured: { map(10_000) })
    return .ratio(
      ratio.cost, measured: "10,000 in " + (ratio.measured / 1e6).text(digits: 2) + " ms",
      limit: "1,000 in " + (ratio.limit / 1e6).text(digits: 2) + " ms")
  }

  private static func map(_ count: UInt64) {
    var configuration = MachineConfiguration(pageCount: 64)
    configuration.checks = .never
    var prepared = Prepared(configuration, pages: 1, contents: .fill(0), enclaveSize: 1 << 28)
    let length = ByteCount(pageSize)
    func call(_ index: UInt64, _ operation: (UserAddress) -> Operation) {
      // The enclave begins at 0, where nobody may map.
      let outcome = prepared.machine.call(operation(UserAddress((16 + 2 * index) * pageSize))).outcome
      precondition(outcome == .success, "the benchmark's pages are mapped")
    }
    let (process, descriptor) = (prepared.process, prepared.descriptor)
    for index in 0..<count {
      call(index) { .mmap(MmapCall(process: process, descriptor: descriptor, request: MmapRequest(address: $0, length: length, protection: .read))) }
    }
    for index in 0..<count { call(index) { .mprotect(MprotectCall(process: process, address: $0, length: length, protection: [])) } }
    for index in 0..<count { call(index) { .munmap(MunmapCall(process: process, address: $0, length: length)) } }
    blackHole(prepared.machine)
  }
}
