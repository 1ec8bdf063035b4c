/// A message of Lua begins with its position. It is taken off here; `known` are the names of the chunks loaded, because Lua
/// shortens a long name to its end.
func splitPosition(_ message: ArraySlice<UInt8>, known: [String]) -> (file: String, line: Int?, rest: ArraySlice<UInt8>)? {
  for name in known {
    if let found = match(message, prefix: ArraySlice(name.utf8), name: name) { return found }
  }
  guard message.starts(with: "...".utf8) else { return nil }
  for name in known {
    guard let colon = firstPositionColon(message) else { return nil }
    let end = message[message.startIndex + 3..<colon]
    if name.utf8.count >= end.count, name.utf8.suffix(end.count).elementsEqual(end),
      let found = match(message, prefix: message[..<colon], name: name)
    {
      return found
    }
  }
  return nil
}

private let colon = UInt8(ascii: ":")

/// The place of a colon that digits and another colon follow.
private func firstPositionColon(_ message: ArraySlice<UInt8>) -> Int? {
  for index in message.indices where message[index] == colon {
    let digits = message[(index + 1)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if !digits.isEmpty, digits.endIndex < message.endIndex, message[digits.endIndex] == colon { return index }
  }
  return nil
}

private func match(
  _ message: ArraySlice<UInt8>, prefix: ArraySlice<UInt8>, name: String
) -> (file: String, line: Int?, rest: ArraySlice<UInt8>)? {
  guard message.starts(with: prefix) else { return nil }
  var rest = message.dropFirst(prefix.count)
  guard rest.popFirst() == colon else { return nil }
  let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  var line: Int?
  if !digits.isEmpty {
    rest = rest.dropFirst(digits.count)
    guard rest.popFirst() == colon else { return nil }
    line = Int(String(decoding: digits, as: UTF8.self))
  }
  if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
  return (name, line, rest)
}
