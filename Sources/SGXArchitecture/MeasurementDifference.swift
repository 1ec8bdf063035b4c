/// The first record in which two measurements differ. From there on their running hashes have nothing in common, so that no later record
/// says more about why MRENCLAVE is another.
public struct MeasurementDifference: Sendable {
  /// Records before it, which are the same in both: 0 is ECREATE's.
  public let number: UInt64
  /// What each has there; nil for one that has ended.
  public let first: MeasurementRecord?
  public let second: MeasurementRecord?
  /// Where both measure the same piece: the first byte that differs.
  public let byte: Byte?

  public struct Byte: Hashable, Sendable {
    /// In the enclave.
    public let offset: EnclaveOffset
    public let first: UInt8
    public let second: UInt8
  }

  /// Compares record by record; nil where all are the same.
  public init?(
    _ first: some IteratorProtocol<MeasurementRecord>, _ second: some IteratorProtocol<MeasurementRecord>
  ) {
    var (first, second) = (first, second)
    var number: UInt64 = 0
    while true {
      let (mine, theirs) = (first.next(), second.next())
      var byte: Byte?
      switch (mine, theirs) {
      case (nil, nil):
        return nil
      case (.create(let frame, let size, let bitmap)?, .create(let otherFrame, let otherSize, let otherBitmap)?)
      where frame == otherFrame && size == otherSize && bitmap == otherBitmap:
        number += 1
        continue
      case (.add(let place, let flags)?, .add(let otherPlace, let otherFlags)?) where place == otherPlace && flags == otherFlags:
        number += 1
        continue
      case (.extend(let place, let contents)?, .extend(let otherPlace, let others)?) where place == otherPlace:
        let start = Int(place.rawValue & (pageSize - 1))
        guard let at = contents.firstDifference(from: others, at: start, count: Int(extendChunkSize)) else {
          number += 1
          continue
        }
        byte = Byte(
          offset: EnclaveOffset(place.rawValue + UInt64(at - start)), first: contents.byte(at: at), second: others.byte(at: at))
      case (.create?, _), (.add?, _), (.extend?, _), (nil, _):
        break
      }
      (self.number, self.first, self.second, self.byte) = (number, mine, theirs, byte)
      return
    }
  }

  /// `record 18: EEXTEND 0x1000, byte 0x10fe: 0x90 in a.so, 0x91 in b.so`
  ///
  /// - Parameters: what to call the two.
  public func text(_ firstName: String, _ secondName: String) -> String {
    if let byte, let first {
      return "record \(number): \(first.text), byte 0x\(String(byte.offset.rawValue, radix: 16)): 0x\(String(byte.first, radix: 16)) in "
        + "\(firstName), 0x\(String(byte.second, radix: 16)) in \(secondName)"
    }
    return "record \(number): \(first?.text ?? "nothing more") in \(firstName), \(second?.text ?? "nothing more") in \(secondName)"
  }
}
