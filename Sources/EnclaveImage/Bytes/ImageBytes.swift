import SGXArchitecture
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Bytes of an image: the one place that reads them. Every access is checked, and one that is outside is a refusal that says where.
///
/// Integers come as `UInt64` whatever their size, because that is what `Saturating.swift` computes with.
struct ImageBytes: Sendable {
  /// The file, for refusals.
  let file: String
  /// The whole file, in memory.
  let block: ContentBlock
  /// Where these bytes begin in the file.
  let start: UInt64
  let count: UInt64

  /// The whole file.
  init(file: String, block: ContentBlock) {
    self.init(file: file, block: block, start: 0, count: UInt64(block.count))
  }

  private init(file: String, block: ContentBlock, start: UInt64, count: UInt64) {
    self.file = file
    self.block = block
    self.start = start
    self.count = count
  }

  // Refusals.

  /// A refusal of what lies at `offset`, counted from the beginning of these bytes.
  func refusal(at offset: UInt64, _ field: String, found: String, allowed: String) -> ImageRefusal {
    ImageRefusal(file: file, offset: start.plus(offset), field: field, found: found, allowed: allowed)
  }

  /// Refuses unless `condition` holds; texts are made only then.
  func demand(
    _ condition: Bool, at offset: UInt64, _ field: @autoclosure () -> String, found: @autoclosure () -> String,
    allowed: @autoclosure () -> String
  ) throws(ImageRefusal) {
    if !condition { throw refusal(at: offset, field(), found: found(), allowed: allowed()) }
  }

  /// The same for a number.
  func demand(
    _ condition: Bool, at offset: UInt64, _ field: @autoclosure () -> String, found: UInt64, allowed: @autoclosure () -> String
  ) throws(ImageRefusal) {
    if !condition { throw refusal(at: offset, field(), found: found.hex, allowed: allowed()) }
  }

  // Reading.

  func u16(_ offset: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) -> UInt64 {
    UInt64(try integer(UInt16.self, offset, field()))
  }

  func u32(_ offset: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) -> UInt64 {
    UInt64(try integer(UInt32.self, offset, field()))
  }

  func u64(_ offset: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) -> UInt64 {
    try integer(UInt64.self, offset, field())
  }

  func u8(_ offset: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) -> UInt64 {
    UInt64(try integer(UInt8.self, offset, field()))
  }

  /// `count` bytes from `offset` on.
  func slice(at offset: UInt64, count: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) -> ImageBytes {
    try checkRange(offset, count, field())
    return ImageBytes(file: file, block: block, start: start.plus(offset), count: count)
  }

  /// A copy; the caller has bounded `count`.
  func array(at offset: UInt64, count: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) -> [UInt8] {
    let slice = try slice(at: offset, count: count, field())
    return [UInt8](slice.memory)
  }

  /// True where `text` stands at `offset`, byte for byte.
  func holds(_ text: StaticString, at offset: UInt64) -> Bool {
    guard contains(offset, UInt64(text.utf8CodeUnitCount)) else { return false }
    return memcmp(block.base + place(offset), text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// True where `count` zero bytes stand at `offset`.
  func isZero(at offset: UInt64, count: UInt64) -> Bool {
    guard contains(offset, count) else { return false }
    guard count > 0 else { return true }
    // All bytes are as the first, which is zero.
    let first = block.base + place(offset)
    return first.load(as: UInt8.self) == 0 && memcmp(first, first + 1, Int(count) - 1) == 0
  }

  /// True where the range lies within these bytes.
  func contains(_ offset: UInt64, _ count: UInt64) -> Bool { offset <= self.count && count <= self.count &- offset }

  /// Where byte `offset` lies in `block`; the caller has checked that it is there.
  func place(_ offset: UInt64) -> Int { Int(start &+ offset) }

  /// The bytes themselves.
  var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: block.base + Int(start), count: Int(count)) }

  private func checkRange(_ offset: UInt64, _ count: UInt64, _ field: @autoclosure () -> String) throws(ImageRefusal) {
    guard !contains(offset, count) else { return }
    throw refusal(
      at: min(offset, self.count), field(), found: "\(count) bytes at \(start.plus(offset).hex)",
      allowed: "what lies within \(self.count) bytes from \(start.hex) on")
  }

  private func integer<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type, _ offset: UInt64, _ field: @autoclosure () -> String
  ) throws(ImageRefusal) -> Value {
    try checkRange(offset, UInt64(MemoryLayout<Value>.size), field())
    return Value(littleEndian: memory.loadUnaligned(fromByteOffset: Int(offset), as: Value.self))
  }
}
