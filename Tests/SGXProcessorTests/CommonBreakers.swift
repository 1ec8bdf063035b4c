@testable import SGXProcessor
import SGXArchitecture
import TestSupport

extension Situation {
  /// Moves an operand past the end of EPC; its offset within the page stays.
  mutating func moveOutOfEPC(_ operand: WritableKeyPath<L, EPCAddress>) {
    leaf[keyPath: operand].rawValue += UInt64(bench.processor.epc.pageCount) * pageSize
  }

  /// Moves an operand to just before the first page of EPC.
  mutating func moveBeforeEPC(_ operand: WritableKeyPath<L, EPCAddress>) {
    leaf[keyPath: operand].rawValue = EPC.kernelBase - pageSize + leaf[keyPath: operand].rawValue % pageSize
  }

  /// Lets an operand name another page; its offset within the page stays.
  mutating func move(_ operand: WritableKeyPath<L, EPCAddress>, to page: UInt32) {
    leaf[keyPath: operand].rawValue = bench.address(page).rawValue + leaf[keyPath: operand].rawValue % pageSize
  }

  mutating func makeVersionArray(at operand: KeyPath<L, EPCAddress>) {
    if let page = page(leaf[keyPath: operand]), !bench.entry(page).isValid { _ = bench.makeVersionArray(page) }
  }

  /// What EINIT will do, as far as the loading leaves can see.
  mutating func initializeEnclaves() {
    for index in bench.processor.secsRecords.indices {
      bench.processor.secsRecords[index]?.attributes.insert(.initialized)
    }
  }

  /// A thread enters every enclave.
  mutating func enterEnclaves() {
    for index in bench.processor.secsRecords.indices {
      bench.processor.secsRecords[index]?.tracking = EpochTracking(epoch: 1, current: 1, previous: 0)
    }
  }

  /// What EMODT and EACCEPT will do: the page stays the enclave's, and nobody can use it.
  mutating func trim(_ page: UInt32) {
    let old = bench.entry(page)
    bench.processor.epcm[page] = EPCMEntry(type: .trim, permissions: [], address: old.address, secsIndex: old.secsIndex)
  }

  func isMisaligned(_ address: EPCAddress, to size: UInt64) -> Bool { address.rawValue % size != 0 }
  func isMisaligned(_ address: KernelAddress, to size: UInt64) -> Bool { address.rawValue % size != 0 }
}
