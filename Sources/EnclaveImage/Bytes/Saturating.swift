import SGXArchitecture

/// Arithmetic on numbers that an image claims. It saturates instead of trapping: a sum or product that does not fit is `UInt64.max`,
/// which is over every bound such a number is held against, since no bound comes near it. The readers use nothing else.
extension UInt64 {
  func plus(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// What is left; nothing where `other` is more.
  func minus(_ other: UInt64) -> UInt64 { self > other ? self &- other : 0 }

  func times(_ other: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }

  /// The next multiple; a multiple of nothing is the number itself.
  func roundedUp(toMultipleOf unit: UInt64) -> UInt64 {
    guard unit > 1 else { return self }
    let rest = self % unit
    return rest == 0 ? self : plus(unit &- rest)
  }

  /// Start of the page that this byte is in.
  var pageStart: UInt64 { self & ~(pageSize - 1) }
  /// This number rounded up to whole pages.
  var pageEnd: UInt64 { roundedUp(toMultipleOf: pageSize) }
  var offsetInPage: UInt64 { self & (pageSize - 1) }
  var isPageAligned: Bool { offsetInPage == 0 }
  /// Pages that so many bytes need.
  var pagesNeeded: UInt64 { pageEnd / pageSize }
  /// Bytes of so many pages.
  var bytesOfPages: UInt64 { times(pageSize) }

  var isPowerOfTwo: Bool { self != 0 && self & (self &- 1) == 0 }

  /// The smallest power of two that is not less.
  var nextPowerOfTwo: UInt64 {
    guard self > 1 else { return 1 }
    let bits = (self &- 1).leadingZeroBitCount
    return bits == 0 ? .max : 1 << UInt64(64 &- bits)
  }

  /// Bits `low` and up, `count` of them.
  func bits(_ low: UInt64, _ count: UInt64) -> UInt64 { self >> low & ((1 << count) &- 1) }
}
