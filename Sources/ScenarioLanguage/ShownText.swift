import LuaHost

/// Text that a script made, as reports show it: fit for a terminal, and cut where it is longer than anybody reads.
///
/// - Parameter bytesMost: what is kept of it; a message of the interpreter is cut at the same length.
func shown(_ bytes: [UInt8], bytesMost: Int = 4096) -> String {
  guard bytes.count > bytesMost else { return escapeForDisplay(bytes) }
  var end = bytesMost
  // Not inside a character.
  while end > bytesMost - 4, bytes[end] & 0xc0 == 0x80 { end -= 1 }
  let more = bytes.count - end
  return escapeForDisplay(bytes[..<end]) + (more >= 10 * 1024 ? "… (\(more / 1024) KB more)" : "… (\(more) bytes more)")
}

/// A whole number as a script wrote it, with its 64 bits where they are not what they look like.
func shownNumber(_ bits: UInt64) -> String {
  let number = Int64(bitPattern: bits)
  return number < 0 ? "\(number) (0x\(String(bits, radix: 16)))" : "\(number)"
}
