/// Text of unknown origin made fit to show: well-formed UTF-8 stays; control characters (C0, DEL, C1) and bytes that are no
/// UTF-8 become `\x1b`. Line feeds and tabs stay only where the caller says so.
package func escapeForDisplay(_ bytes: some Collection<UInt8>, keepingLines: Bool = false) -> String {
  let bytes = Array(bytes)
  var shown = ""
  var place = 0
  while place < bytes.count {
    guard let scalar = scalar(in: bytes[place...]) else {
      shown += hexadecimal(bytes[place])
      place += 1
      continue
    }
    place += UTF8.width(scalar)
    let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    if isControl, !(keepingLines && (scalar == "\n" || scalar == "\t")) {
      shown += hexadecimal(UInt8(truncatingIfNeeded: scalar.value))
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// The scalar the bytes begin with, if they begin with a well-formed one.
private func scalar(in bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
  guard let first = bytes.first else { return nil }
  if first < 0x80 { return Unicode.Scalar(first) }
  let width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  guard bytes.count >= width else { return nil }
  return String(validating: bytes.prefix(width), as: UTF8.self)?.unicodeScalars.first
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
}
