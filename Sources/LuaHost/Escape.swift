/// Text of unknown origin made fit to show: well-formed UTF-8 stays; control characters (C0, DEL, C1) and bytes that are no
/// UTF-8 become `\x1b`, what turns the direction of writing `\u{202e}`. Line feeds and tabs stay only where the caller says so.
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
    } else if isDirection(scalar) {
      shown += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// Whether it turns the direction of the text around it, or ends a line, and so lets a line look like another one.
private func isDirection(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
  // Separators, at which some readers break a line.
  case 0x2028, 0x2029: true
  default: false
  }
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
