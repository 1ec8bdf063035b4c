import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// The checks before the first page, in the kernel's order (linux-driver 2.2.2).
@Suite("ADD_PAGES, entry checks") struct AddPagesEntryTests {
  /// What can be wrong with a call, the check that is made first first.
  enum Defect: Int, CaseIterable, Sendable {
    case descriptorClosed, busy, notCreated, structUnreadable, sourceMisaligned, offsetMisaligned, lengthZero, lengthOdd
    case rangeOverflows, outOfRange, secInfoUnreadable, secInfoBad

    var errno: Errno {
      switch self {
      case .descriptorClosed: .EBADF
      case .busy: .EBUSY
      case .notCreated, .sourceMisaligned, .offsetMisaligned, .lengthZero, .lengthOdd, .rangeOverflows, .outOfRange: .EINVAL
      case .structUnreadable, .secInfoUnreadable: .EFAULT
      case .secInfoBad: .EINVAL
      }
    }

    func spoil(_ request: inout AddPagesRequest) {
      switch self {
      case .descriptorClosed, .busy, .notCreated: break
      case .structUnreadable: request.argument = .unreadable
      case .sourceMisaligned: request.source = UserAddress(request.source.rawValue + 1)
      case .offsetMisaligned: request.enclaveOffset = EnclaveOffset(0x800)
      case .lengthZero: request.length = ByteCount(0)
      case .lengthOdd: request.length = ByteCount(pageSize + 1)
      case .rangeOverflows:
        request.enclaveOffset = EnclaveOffset(0x2000)
        request.length = ByteCount(0 &- pageSize)
      case .outOfRange: request.enclaveOffset = EnclaveOffset(0x40_0000)
      case .secInfoUnreadable: request.secInfoIsReadable = false
      case .secInfoBad: request.secInfo = SecInfo(type: .secs)
      }
    }
  }

  @Test(arguments: Defect.allCases) func ofTwoDefectsTheFirstIsSaid(_ first: Defect) {
    for second in Defect.allCases where second.rawValue >= first.rawValue {
      var bench = Bench()
      let isCreated = first != .notCreated && second != .notCreated
      var descriptor = isCreated ? bench.enclave() : bench.open()
      if first == .busy || second == .busy { bench.machine.driver.enclaves[0]!.ioctlInFlight = true }
      if first == .descriptorClosed { descriptor = FileDescriptor(77) }
      let before = bench.machine.logicalState
      let answer = bench.add(descriptor) {
        second.spoil(&$0)
        first.spoil(&$0)
      }
      #expect(answer == .failed(first.errno, pages: nil), "\(first) and \(second): count is not written back")
      #expect(bench.machine.logicalState == before, "\(first) and \(second)")
    }
  }

  @Test func aGoodCallPassesThemAll() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let answer = bench.add(descriptor)
    #expect(answer == .done(1))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theLastPageOfTheRangeIsInsideAndTheNextOutside() {
    var bench = Bench()
    let descriptor = bench.enclave(size: 0x1_0000)
    let last = bench.add(descriptor, page: 15)
    let behind = bench.add(descriptor, page: 16)
    let across = bench.add(descriptor, page: 14, count: 3)
    #expect(last == .done(1))
    #expect(behind == .failed(.EINVAL, pages: nil))
    #expect(across == .failed(.EINVAL, pages: nil))
  }

  @Test(arguments: 0..<64) func eachFlagOfSecInfo(_ bit: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let answer = bench.add(descriptor) { $0.secInfo.flags ^= 1 << bit }
    // From rw: w alone is refused, and every bit outside rights and type; type 2 has one neighbour that is no TCS with rights.
    let isGood = bit == 1 || bit == 2
    #expect(answer == (isGood ? .done(1) : .failed(.EINVAL, pages: nil)), "flag \(bit)")
  }

  @Test(arguments: 0..<56) func eachReservedByteOfSecInfo(_ byte: Int) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let answer = bench.add(descriptor) { $0.secInfo.reserved.setByte(byte, to: 0x80) }
    #expect(answer == .failed(.EINVAL, pages: nil))
  }

  @Test(arguments: 0..<256) func onlyTwoPageTypesAreAdded(_ type: UInt64) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let answer = bench.add(descriptor) { $0.secInfo = SecInfo(flags: type << 8) }
    #expect(answer == (type == 1 || type == 2 ? .done(1) : .failed(.EINVAL, pages: nil)))
  }

  @Test(arguments: 0..<8) func rightsOfAPage(_ rights: UInt64) {
    for (type, isGood) in [(PageType.reg, rights & 3 != 2), (.tcs, rights == 0)] {
      var bench = Bench()
      let descriptor = bench.enclave()
      let answer = bench.add(descriptor) { $0.secInfo = SecInfo(type: type, permissions: PagePermissions(rawValue: UInt8(rights))) }
      #expect(answer == (isGood ? .done(1) : .failed(.EINVAL, pages: nil)), "\(type.name)")
    }
  }

  @Test(arguments: 1..<64) func unknownFlagsAreIgnoredByLinuxAndRefusedByTheReviewedDriver(_ bit: UInt64) {
    var linux = Bench()
    let linuxEnclave = linux.enclave()
    let accepted = linux.add(linuxEnclave) { $0.flags = 1 << bit }
    #expect(accepted == .done(1))
    #expect(linux.machine.environment.visits(of: .leaf(.EEXTEND)) == 0, "bit 0 alone means: measure")

    var reviewed = Bench(driver: .reviewed)
    let enclave = reviewed.enclave()
    let refused = reviewed.add(enclave) { $0.flags |= 1 << bit }
    #expect(refused == .failed(.EINVAL, pages: nil))
  }

  @Test func theReviewedDriverLooksAtFlagsAfterTheRangeAndBeforeSecInfo() {
    var bench = Bench(driver: .reviewed)
    let descriptor = bench.enclave()
    let unreadable = bench.add(descriptor) {
      $0.flags = 2
      $0.secInfoIsReadable = false
    }
    let noStruct = bench.add(descriptor) {
      $0.flags = 2
      $0.argument = .unreadable
    }
    #expect(unreadable == .failed(.EINVAL, pages: nil))
    #expect(noStruct == .failed(.EFAULT, pages: nil))
  }
}
