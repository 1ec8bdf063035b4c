import Simulation
import Testing

@testable import LinuxKernel

/// Descriptors against a plain array: the lowest free number is taken, as POSIX demands.
@Suite("Descriptors") struct DescriptorTableTests {
  @Test(arguments: 0..<6 as Range<UInt64>) func theLowestFreeNumberIsTaken(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .faults)
    var table = DescriptorTable()
    var model: [Int?] = []
    var limits = ResourceLimits()
    limits.openFiles = 20
    for step in 0..<2000 {
      let lowest = model.firstIndex { $0 == nil } ?? model.endIndex
      #expect(table.isFull(limits) == (lowest + 3 >= 20))
      if random.next(below: 2) == 0, !table.isFull(limits) {
        let descriptor = table.add(step)
        #expect(descriptor == FileDescriptor(Int32(lowest + 3)))
        if lowest == model.endIndex { model.append(step) } else { model[lowest] = step }
      } else if let open = model.indices.filter({ model[$0] != nil }).randomElement(&random) {
        table.remove(FileDescriptor(Int32(open + 3)))
        model[open] = nil
      }
      #expect(table.count == model.count { $0 != nil })
      #expect(table.open == model.indices.filter { model[$0] != nil }.map { FileDescriptor(Int32($0 + 3)) })
      for number in -2..<25 as Range<Int32> {
        let index = Int(number) - 3
        #expect(table[FileDescriptor(number)] == (model.indices.contains(index) ? model[index] : nil))
      }
    }
  }

  private struct Case: Sendable {
    let mode: UInt16
    var owner: UInt32 = 0
    var user: UInt32 = 1000
    var groups: [String] = []
    let isAllowed: Bool
  }

  private static let cases = [
    Case(mode: 0o660, groups: ["sgx"], isAllowed: true), Case(mode: 0o660, isAllowed: false), Case(mode: 0o600, groups: ["sgx"], isAllowed: false),
    Case(mode: 0o060, owner: 1000, groups: ["sgx"], isAllowed: false), Case(mode: 0o666, isAllowed: true),
    Case(mode: 0o640, groups: ["sgx"], isAllowed: false), Case(mode: 0o000, user: 0, isAllowed: true),
    Case(mode: 0o606, groups: ["sgx"], isAllowed: false), Case(mode: 0o200, owner: 1000, isAllowed: false),
    Case(mode: 0o600, owner: 1000, isAllowed: true),
  ]

  @Test func theFirstClassThatAppliesDecides() {
    for each in Self.cases {
      let node = DeviceNode(mode: each.mode, user: each.owner, group: "sgx")
      #expect(node.allows(Credentials(user: each.user, groups: each.groups)) == each.isAllowed, "\(each)")
    }
  }
}

extension Array {
  fileprivate func randomElement(_ random: inout RandomStream) -> Element? {
    isEmpty ? nil : self[Int(random.next(below: UInt64(count)))]
  }
}
