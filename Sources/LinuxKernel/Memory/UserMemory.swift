import SGXArchitecture
import Simulation

/// How a kernel reaches into user memory by argument, and what may go wrong there. Each function is one visit of `.userCopy`.
package enum UserMemory {
  /// Copies an argument in or out. `isAccessible` says whether the caller's place for it can be used at all.
  package static func copy(_ kind: UserCopyKind, isAccessible: Bool, _ environment: inout Environment) throws(Errno) {
    let struck = environment.visit(.userCopy(kind))
    guard struck != .badAddress, isAccessible else {
      environment.trace.record(.copyFailed(kind))
      throw .EFAULT
    }
  }
}

/// A range of whole pages of user space, as munmap and mprotect want it.
package struct UserRange: Sendable {
  package let start: UserAddress
  package let length: ByteCount

  /// Nil where the address is not aligned, nothing is asked for, or the range leaves user space.
  package init?(_ start: UserAddress, _ length: ByteCount) {
    guard start.isPageAligned, length.rawValue > 0, let rounded = length.roundedUpToPage,
      rounded.rawValue <= AddressSpace.end.rawValue, start.rawValue <= AddressSpace.end.rawValue - rounded.rawValue
    else { return nil }
    self.start = start
    self.length = rounded
  }

  package var range: Range<UserAddress> { start..<UserAddress(start.rawValue + length.rawValue) }
}

extension ByteCount {
  /// Whole pages; nil where that is more than 2^64 bytes.
  package var roundedUpToPage: ByteCount? {
    let (sum, overflows) = rawValue.addingReportingOverflow(pageSize - 1)
    return overflows ? nil : ByteCount(sum & ~(pageSize - 1))
  }
}
