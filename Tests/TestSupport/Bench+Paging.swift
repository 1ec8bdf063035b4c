import SGXArchitecture
import SGXProcessor

extension Bench {
  public mutating func block(_ page: UInt32) -> LeafOutcome { run(EBLOCK(target: address(page))) }

  public mutating func track(_ secs: UInt32) -> LeafOutcome { run(ETRACK(secs: address(secs))) }

  public func slot(_ slot: Int, of array: UInt32) -> EPCAddress { EPCAddress(address(array).rawValue + UInt64(slot) * 8) }

  public mutating func writeBack(_ page: UInt32, to number: Int, of array: UInt32) -> (outcome: LeafOutcome, sealed: SealedPage?) {
    processor.writeBack(EWB(target: address(page), versionSlot: slot(number, of: array)), in: &environment)
  }

  /// Blocks, tracks and writes a page of an enclave, in the order of a kernel; nil where a leaf refused.
  public mutating func evict(_ page: UInt32, of secs: UInt32, to slot: Int, of array: UInt32) -> SealedPage? {
    guard block(page).isDone, track(secs).isDone else { return nil }
    let (outcome, sealed) = writeBack(page, to: slot, of: array)
    return outcome.isDone ? sealed : nil
  }

  /// ELDU with the address that EWB left; `secs` is nil for a SECS or a version array.
  public mutating func load(
    _ sealed: SealedPage, at page: UInt32, of secs: UInt32?, from number: Int, of array: UInt32
  ) -> LeafOutcome {
    run(
      ELDU(
        sealed: sealed, linearAddress: sealed.linearAddress, secs: secs.map { address($0) } ?? EPCAddress(0),
        target: address(page), versionSlot: slot(number, of: array)))
  }

  public mutating func augment(at offset: UInt64, in page: UInt32, of secs: UInt32) -> LeafOutcome {
    let linearAddress = LinearAddress(Bench.base.rawValue &+ offset)
    return run(EAUG(linearAddress: linearAddress, secs: address(secs), target: address(page)))
  }

  /// The version that a slot holds; 0 where it is empty.
  public func version(_ number: Int, of array: UInt32) -> UInt64 {
    var found: UInt64 = 0
    processor.forEachVersion { page, slot, version in
      if page.rawValue == array, slot == number { found = version }
    }
    return found
  }
}
