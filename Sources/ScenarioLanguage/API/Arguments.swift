import LuaHost
import SGXArchitecture

/// The arguments of one call, checked, and read by the keys of their rows. What is required or has a default is there.
struct Arguments: ~Copyable {
  let call: Call
  let row: APIRow

  /// The place of a value among the arguments of the call, from 1.
  func position(_ key: String) -> Int {
    guard let index = row.slots.firstIndex(where: { $0.key == key }) else {
      preconditionFailure("api-keys: \(row.owner) has no field of the key '\(key)'")
    }
    return row.first + index
  }

  func isAbsent(_ key: String) -> Bool { call.isAbsent(position(key)) }

  func optionalNumber(_ key: String) -> Int64? { call.wholeNumber(position(key)) }

  func number(_ key: String) -> Int64 {
    guard let value = optionalNumber(key) else { preconditionFailure("api-numbers: \(row.owner): '\(key)' has no default") }
    return value
  }

  func unsigned(_ key: String) -> UInt64 { UInt64(bitPattern: number(key)) }
  func optionalUnsigned(_ key: String) -> UInt64? { optionalNumber(key).map { UInt64(bitPattern: $0) } }

  /// A number, or what its row says it is where nothing else stands for it.
  func numberOrFallback(_ key: String) -> Int64 {
    if let value = optionalNumber(key) { return value }
    guard case .fallback(let value) = row.slots[position(key) - row.first].presence else {
      preconditionFailure("api-fallbacks: \(row.owner): '\(key)' has none")
    }
    return value
  }

  func flag(_ key: String) throws(BindingError) -> Bool {
    let position = position(key)
    return call.isAbsent(position) ? false : try call.boolean(position)
  }

  /// The place of a word in its row's list.
  func word(_ key: String) -> Int { Int(number(key)) }

  /// Text, or its default, or nil.
  func text(_ key: String) throws(BindingError) -> String? {
    let position = position(key)
    guard call.isAbsent(position) else { return try call.string(position) }
    if case .text(let text) = row.slots[position - row.first].presence { return text }
    return nil
  }

  /// A value as it was given, or as its row says where nothing was.
  func value(_ key: String) -> LuaValue { call.value(position(key)) }

  /// The default of a text that was not given.
  func defaultText(_ key: String) -> String? {
    let position = position(key)
    guard call.isAbsent(position), case .text(let text) = row.slots[position - row.first].presence else { return nil }
    return text
  }

  func optionalBytes(_ key: String) throws(BindingError) -> [UInt8]? { try call.optionalBytes(position(key)) }
  func bytes(_ key: String) throws(BindingError) -> [UInt8] { try call.bytes(position(key)) }

  /// Bytes of a fixed length, written as they are or in hexadecimal; zeros where nothing is said.
  func binary(_ key: String) throws(BindingError) -> [UInt8] {
    let position = position(key)
    guard case .binary(let length) = row.slots[position - row.first].type else { preconditionFailure("api-binary: '\(key)' is no such field") }
    guard !call.isAbsent(position) else { return [UInt8](repeating: 0, count: length) }
    let given = try call.bytes(position)
    if given.count == length { return given }
    guard given.count == 2 * length, let bytes = [UInt8](hex: given) else {
      throw problem(key, "must be \(length) bytes or \(2 * length) hexadecimal digits, got \"\(escapeForDisplay(given.prefix(80)))\"")
    }
    return bytes
  }

  func permissions(_ key: String) throws(BindingError) -> PagePermissions {
    try ValueBindings.permissions(try text(key) ?? "", owner: row.owner)
  }

  /// What messages call a value: `field 'size'`.
  func place(_ key: String) -> String { row.slots[position(key) - row.first].place }

  /// A message about one value.
  func problem(_ key: String, _ text: String) -> BindingError { BindingError("\(row.owner): \(place(key)) \(text)") }

  /// A length in bytes that may be said in pages; one of the two has to be said where nothing else stands for it.
  func length(default other: UInt64? = nil) throws(BindingError) -> UInt64 {
    let pages = optionalUnsigned("pages"), length = optionalUnsigned("length")
    if pages != nil, length != nil { throw BindingError("\(row.owner): say either \(name("pages")) or \(name("length"))") }
    if let pages { return pages * pageSize }
    if let length = length ?? other { return length }
    throw BindingError("\(row.owner): say either \(name("pages")) or \(name("length"))")
  }

  /// Elements of a list of tables that have two numbers each.
  func pairs(_ key: String) throws(BindingError) -> [(Int64, Int64)] {
    let position = position(key)
    guard let count = call.listCount(position) else { return [] }
    guard case .tables(_, let fields) = row.slots[position - row.first].type, fields.count == 2 else {
      preconditionFailure("api-pairs: '\(key)' is no such list")
    }
    var pairs: [(Int64, Int64)] = []
    for index in 0..<count {
      let first = try element(position, index, fields, 0, key), second = try element(position, index, fields, 1, key)
      pairs.append((first, second))
    }
    return pairs
  }

  private func element(_ position: Int, _ index: Int, _ fields: [APIField], _ offset: Int, _ key: String) throws(BindingError) -> Int64 {
    let value = call.listValue(position, index, width: fields.count, offset)
    let owner = "\(row.owner): \(place(key)): field '\(fields[offset].name)'"
    if value == .nil { throw BindingError("\(owner) is missing") }
    let number = try ValueBindings.wholeNumber(value, owner: owner)
    guard case .count(let range) = fields[offset].type, range.contains(number) else {
      throw BindingError("\(owner) is \(fields[offset].type.rangeText ?? "another number"), got \(number)")
    }
    return number
  }

  /// A field's name in quotes.
  func name(_ key: String) -> String { String(place(key).drop { $0 != "'" }) }
}
