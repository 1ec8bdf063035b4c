import CLuaHost

/// A kind of table that calls return: its number in its interpreter, and the keys by which its fields are written.
package final class RecordType {
  let number: Int32
  let keys: [String]

  init(number: Int32, keys: [String]) {
    self.number = number
    self.keys = keys
  }
}

/// Sets the fields of a record that is on its way to Lua.
package struct RecordWriter: ~Copyable {
  let frame: UnsafeMutablePointer<luahost_frame>
  let first: Int
  let record: RecordType

  private func field(_ key: String) -> UnsafeMutablePointer<luahost_value> {
    guard let index = record.keys.firstIndex(of: key) else { preconditionFailure("record-fields: no field has the key '\(key)'") }
    return frame.pointee.results + (first + index)
  }

  package func set(_ key: String, _ value: Int64) {
    let field = field(key)
    (field.pointee.kind, field.pointee.integer) = (LUAHOST_INTEGER, value)
  }

  package func set(_ key: String, _ value: UInt64) { set(key, Int64(bitPattern: value)) }
  package func set(_ key: String, _ value: Int) { set(key, Int64(value)) }

  package func set(_ key: String, _ value: Bool) {
    let field = field(key)
    (field.pointee.kind, field.pointee.integer) = (LUAHOST_BOOLEAN, value ? 1 : 0)
  }

  package func set(_ key: String, _ value: String) throws(BindingError) {
    var text = value
    let field = field(key)
    let fits = text.withUTF8 { luahost_value_bytes(frame.pointee.host, field, $0.baseAddress, $0.count) }
    guard fits else { throw BindingError("result too large") }
  }

  package func set(_ key: String, _ value: LuaValue) throws(BindingError) {
    switch value {
    case .nil, .other: break
    case .boolean(let value): set(key, value)
    case .integer(let value): set(key, value)
    case .number(let value):
      let field = field(key)
      (field.pointee.kind, field.pointee.number) = (LUAHOST_NUMBER, value)
    case .bytes(let bytes):
      let field = field(key)
      let fits = bytes.withUnsafeBufferPointer { luahost_value_bytes(frame.pointee.host, field, $0.baseAddress, $0.count) }
      guard fits else { throw BindingError("result too large") }
    case .handle(let handle):
      let field = field(key)
      (field.pointee.kind, field.pointee.type, field.pointee.integer) = (LUAHOST_HANDLE, handle.type.number, Int64(handle.slot))
      field.pointee.generation = handle.generation
    }
  }

  /// A value that nobody wrote: it equals nothing.
  package func setUnwritten(_ key: String) { field(key).pointee.kind = LUAHOST_OTHER }
}

extension Interpreter {
  /// Makes a kind of record.
  ///
  /// - Parameters:
  ///   - name: what messages call it: `a result`.
  ///   - fields: the key of each field, and the name that scripts see.
  ///   - isReadOnly: scripts get a view that cannot be written.
  package func addRecord(_ name: String, _ fields: [(key: String, name: String)], isReadOnly: Bool) -> RecordType {
    var number: Int32 = 0
    withCStrings(fields.map(\.name)) { names in
      note(luahost_add_record(open, name, names, Int32(clamping: fields.count), isReadOnly, &number))
    }
    return RecordType(number: number, keys: fields.map(\.key))
  }
}

/// Strings as C has them, for the length of `body`.
func withCStrings<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
  var offsets: [Int] = []
  var bytes: [CChar] = [0]
  for text in texts {
    offsets.append(bytes.count)
    bytes += text.utf8.map { CChar(bitPattern: $0) }
    bytes.append(0)
  }
  return bytes.withUnsafeBufferPointer { bytes in
    let pointers = offsets.map { Optional(bytes.baseAddress! + $0) }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
