import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// One page of a call fails (linux-driver 2.2.4, 7.3): what the caller is told, and what is left.
@Suite("ADD_PAGES, a page fails") struct AddPagesFailureTests {
  /// A way to fail, by its number in the table of injection points.
  struct Failure: Sendable, CustomTestStringConvertible {
    let name: String
    let errno: Errno
    /// Spoils page k, counted from 1.
    let arm: @Sendable (inout Bench, FileDescriptor, UInt64) -> Void
    /// Pages lost at close, child count that stays, and what is warned of.
    var leaked: UInt64 = 0
    var extraChildren: UInt64 = 0
    var warnings: [WarningSite] = []
    /// The page that fails was there before.
    var isDuplicate = false
    var testDescription: String { name }
  }

  static let all: [Failure] = [
    Failure(name: "A5 descriptor", errno: .ENOMEM) { bench, _, k in
      bench.machine.strike(.noMemory, at: .allocation(.pageDescriptor), nth: k)
    },
    Failure(
      name: "A10 present", errno: .EBUSY,
      arm: { bench, descriptor, k in
        let earlier = bench.add(descriptor, page: k - 1)
        #expect(earlier == .done(1))
      }, isDuplicate: true),
    Failure(name: "A11 node", errno: .ENOMEM) { bench, _, k in
      bench.machine.strike(.noMemory, at: .allocation(.slotMapNode), nth: k)
    },
    Failure(name: "A12 nothing above", errno: .EFAULT) { bench, _, k in
      bench.changeSource(page: k) { space, page in space.unmap(page, ByteCount(2000 * pageSize)) }
    },
    Failure(name: "A13 noexec", errno: .EACCES) { bench, _, k in
      bench.changeSource(page: k) { space, page in
        _ = space.map(at: page, length: ByteCount(pageSize), protection: .read, mayExecute: false)
      }
    },
    Failure(name: "A13 hole below noexec", errno: .EACCES) { bench, _, k in
      bench.changeSource(page: k) { space, page in
        space.unmap(page, ByteCount(2000 * pageSize))
        let above = UserAddress(page.rawValue + 500 * pageSize)
        _ = space.map(at: above, length: ByteCount(pageSize), protection: .read, mayExecute: false)
      }
    },
    Failure(name: "A14 hole", errno: .EFAULT) { bench, _, k in
      bench.changeSource(page: k) { space, page in space.unmap(page, ByteCount(pageSize)) }
    },
    Failure(name: "A14 PROT_NONE", errno: .EFAULT) { bench, _, k in
      bench.changeSource(page: k) { space, page in space.protect(page, ByteCount(pageSize), as: []) }
    },
    Failure(name: "A14 page frames", errno: .EFAULT) { bench, _, k in
      bench.changeSource(page: k) { space, page in
        _ = space.map(at: page, length: ByteCount(pageSize), protection: [.read, .write], kind: .pageFrames)
      }
    },
    Failure(name: "A14 pin", errno: .EFAULT) { bench, _, k in
      bench.machine.strike(.badAddress, at: .userCopy(.pin), nth: k)
    },
    Failure(name: "A15 EADD #GP", errno: .EIO) { bench, _, k in
      bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: k)
    },
    Failure(name: "A16 EADD #PF", errno: .EIO) { bench, _, k in
      bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EADD), nth: k)
    },
    Failure(
      name: "A17 EEXTEND #PF", errno: .EIO,
      arm: { bench, _, k in bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EEXTEND), nth: 16 * (k - 1) + 5) },
      leaked: 1, extraChildren: 1),
    Failure(
      name: "A18 EEXTEND #GP", errno: .EIO,
      arm: { bench, _, k in bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND), nth: 16 * k) },
      leaked: 1, extraChildren: 1, warnings: [.EEXTEND]),
    Failure(
      name: "A19 EREMOVE while undoing", errno: .EIO,
      arm: { bench, _, k in
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: k)
        bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE))
      }, leaked: 1, warnings: [.EREMOVE_LEAK]),
  ]

  @Test(arguments: all, [1, 2, 4] as [UInt64])
  func theEarlierPagesStayAndNothingElse(_ failure: Failure, at k: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    failure.arm(&bench, descriptor, k)
    let answer = bench.add(descriptor, count: 6)

    #expect(answer == .failed(failure.errno, pages: k - 1))
    #expect(bench.warnings == failure.warnings)
    let enclave = bench.enclaveObject(descriptor)!
    let there = k - 1 + (failure.isDuplicate ? 1 : 0)
    let lostNow = failure.warnings.contains(.EREMOVE_LEAK) ? 1 : 0 as UInt64
    #expect(enclave.slots.count == there)
    #expect((enclave.slots[k - 1] != nil) == failure.isDuplicate)
    #expect(enclave.pageCount == 1 + there)
    #expect(enclave.secsChildCount == there + failure.extraChildren)
    #expect(enclave.versionArrays.count == 1)
    #expect(!enclave.ioctlInFlight)
    #expect(bench.freePages == 256 - 2 - there - lostNow)
    #expect(bench.machine.driver.pool.queuedCount == there)
    #expect(bench.machine.processor.validPageCount == 2 + there)

    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.machine.driver.pool.leakedCount == failure.leaked)
    #expect(bench.freePages == 256 - failure.leaked)
    let released: [WarningSite] = failure.extraChildren > 0 ? [.REL_SECS_CHILD, .REL_SECS_RESIDENT] : []
    #expect(bench.warnings == failure.warnings + released)
  }

  /// Failures that pass by themselves: the page was not there, and its source still is.
  static let transient = all.filter { failure in
    ["A5 ", "A11", "A14 pin", "A15", "A16", "A17", "A18", "A19"].contains { failure.name.hasPrefix($0) }
  }

  @Test(arguments: transient)
  func theCallMayBeRepeatedFromWhereItStopped(_ failure: Failure) {
    var bench = Bench()
    let descriptor = bench.enclave()
    failure.arm(&bench, descriptor, 3)
    let stopped = bench.add(descriptor, count: 6)
    #expect(stopped.pages == 2)
    let rest = bench.add(descriptor, page: 2, count: 4)
    #expect(rest == .done(4))
    #expect(bench.enclaveObject(descriptor)?.slots.count == 6)
  }

  @Test func aWriteBackThatFailsHidesTheAnswerAndKeepsThePages() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let silent = bench.add(descriptor, count: 3) { $0.argument = .readOnly }
    #expect(silent == .failed(.EFAULT, pages: nil))
    #expect(bench.enclaveObject(descriptor)?.slots.count == 3)

    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD), nth: 2)
    bench.machine.strike(.badAddress, at: .userCopy(.writeBack))
    let masked = bench.add(descriptor, page: 3, count: 3)
    #expect(masked == .failed(.EFAULT, pages: nil), "EFAULT masks EIO")
    #expect(bench.enclaveObject(descriptor)?.slots.count == 4)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aDuplicateInTheMiddleStopsTheCallAndStaysAsItWas() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let earlier = bench.add(descriptor, page: 2) { $0.secInfo = SecInfo(type: .tcs) }
    #expect(earlier == .done(1))
    let old = bench.enclaveObject(descriptor)?.slots[2]
    let stopped = bench.add(descriptor, count: 5)
    #expect(stopped == .failed(.EBUSY, pages: 2))
    #expect(bench.enclaveObject(descriptor)?.slots[2] == old)
    #expect(old?.type == .tcs)
  }

  @Test func aTCSWithBytesWhereNoneMayBeIsEIO() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.changeSource(page: 1) { space, page in
      let isWritten = space.write([1], at: UserAddress(page.rawValue + pageSize - 1))
      #expect(isWritten)
    }
    let refused = bench.add(descriptor) { $0.secInfo = SecInfo(type: .tcs) }
    #expect(refused == .failed(.EIO, pages: 0))
    let good = bench.add(descriptor)
    #expect(good == .done(1), "the slot is free again")
    #expect(bench.warnings.isEmpty)
  }
}

extension Bench {
  /// Changes the memory at the k-th page of the source, counted from 1.
  mutating func changeSource(page k: UInt64, _ change: (inout AddressSpace, UserAddress) -> Void) {
    let page = UserAddress(source.rawValue + (k - 1) * pageSize)
    machine.withProcess(process) { change(&$0.memory, page) }
  }
}
