#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One step of a measurement: what one ECREATE, EADD or EEXTEND adds to MRENCLAVE (SDM 3D, Operation of the three leaves).
///
/// `Measurement` hashes such records and keeps none of them. Where somebody wants to know why two measurements differ, they are kept
/// or made again, and compared one by one: MeasurementDifference.swift.
public enum MeasurementRecord: Sendable {
  case create(ssaFrameSize: UInt32, size: UInt64, cetLegacyBitmapOffset: UInt64 = 0)
  /// SECINFO has nothing but its flags: EADD takes no other.
  case add(offset: EnclaveOffset, flags: UInt64)
  /// The 256 bytes of the page that lie at the same place in it as `offset` in its page.
  case extend(offset: EnclaveOffset, contents: PageContents)

  /// `EADD 0x1000 REG r-x`
  public var text: String {
    func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
    switch self {
    case .create(let frame, let size, let bitmap):
      let frames = "SSA frames of \(frame) page\(frame == 1 ? "" : "s")"
      return "ECREATE \(hex(size)) bytes, \(frames)\(bitmap == 0 ? "" : ", CET bitmap at \(hex(bitmap))")"
    case .add(let offset, let flags):
      let secInfo = SecInfo(flags: flags)
      guard let type = secInfo.type else { return "EADD \(hex(offset.rawValue)) SECINFO \(hex(flags))" }
      return "EADD \(hex(offset.rawValue)) \(type.name) \(secInfo.permissions.description)"
    case .extend(let offset, _): return "EEXTEND \(hex(offset.rawValue))"
    }
  }

  /// Where in the enclave; nil for ECREATE.
  public var offset: EnclaveOffset? {
    switch self {
    case .create: nil
    case .add(let offset, _), .extend(let offset, _): offset
    }
  }
}

extension PageContents {
  /// The first of `count` bytes from `pageOffset` on that the other page has otherwise; nil where they are alike.
  public func firstDifference(from other: PageContents, at pageOffset: Int, count: Int) -> Int? {
    switch (self, other) {
    case (.fill(let a), .fill(let b)):
      return a == b ? nil : pageOffset
    case (.bytes(let a, let from), .bytes(let b, let start)) where a === b && from == start:
      return nil
    case (.fill, _), (.bytes, _):
      return withUnsafeTemporaryAllocation(byteCount: 2 * count, alignment: 8) { memory in
        guard let mine = memory.baseAddress else { return nil }
        let theirs = mine + count
        copy(from: pageOffset, count: count, to: mine)
        other.copy(from: pageOffset, count: count, to: theirs)
        if memcmp(mine, theirs, count) == 0 { return nil }
        return (0..<count).first { memory[$0] != memory[count + $0] }.map { pageOffset + $0 }
      }
    }
  }

  /// One byte of the page.
  public func byte(at pageOffset: Int) -> UInt8 {
    var byte: UInt8 = 0
    copy(from: pageOffset, count: 1, to: &byte)
    return byte
  }
}
