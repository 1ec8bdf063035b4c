/// Bytes that grow as things are put into them, little-endian.
public struct ByteWriter {
  public private(set) var bytes: [UInt8]

  public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  public var count: Int { bytes.count }

  public mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { put(Array($0), at: offset) }
  }

  public mutating func put(_ more: [UInt8], at offset: Int) {
    if bytes.count < offset + more.count { bytes += [UInt8](repeating: 0, count: offset + more.count - bytes.count) }
    bytes.replaceSubrange(offset..<(offset + more.count), with: more)
  }

  public mutating func append(_ value: some FixedWidthInteger) { put(value, at: bytes.count) }
  public mutating func append(_ more: [UInt8]) { bytes += more }

  /// Zeros up to a multiple.
  public mutating func align(to unit: Int) {
    let rest = bytes.count % unit
    if rest != 0 { bytes += [UInt8](repeating: 0, count: unit - rest) }
  }
}

/// `count` bytes that differ from page to page and from one seed to another.
public func patterned(_ count: Int, seed: UInt8) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8 &* 31 &+ Int(seed)) }
}
