import CLuaHost

/// One call from Lua: its arguments, counted from 1, and the results to push. It lives as long as the call.
package struct Call: ~Copyable {
  let frame: UnsafeMutablePointer<luahost_frame>
  /// The interpreter holds the context for longer than any call.
  unowned(unsafe) let context: BindingContext

  /// The same call again, for a reader that keeps one.
  package func again() -> Call { Call(frame: frame, context: context) }

  package var argumentCount: Int { Int(frame.pointee.argument_count) }

  /// The argument there, or nil when there are fewer.
  @inline(__always)
  func argument(_ position: Int) -> UnsafeMutablePointer<luahost_value>? {
    position <= argumentCount && position > 0 ? frame.pointee.arguments + (position - 1) : nil
  }

  @inline(never)
  func mismatch(_ position: Int, _ expected: String) -> BindingError {
    BindingError("argument \(position) must be \(expected), got \(describe(position))")
  }

  /// Nothing, or nil.
  package func isAbsent(_ position: Int) -> Bool { argument(position).map { $0.pointee.kind == LUAHOST_NIL } ?? true }

  /// The argument as it is. Bytes are copied.
  package func value(_ position: Int) -> LuaValue { argument(position).map { LuaValue($0.pointee, context) } ?? .nil }

  package func integer(_ position: Int) throws(BindingError) -> Int64 {
    guard let value = argument(position) else { throw mismatch(position, "a whole number") }
    if value.pointee.kind == LUAHOST_INTEGER { return value.pointee.integer }
    // 4096.0 is a whole number too; 4096.5 is not.
    if value.pointee.kind == LUAHOST_NUMBER, let exact = Int64(exactly: value.pointee.number) { return exact }
    throw mismatch(position, "a whole number")
  }

  package func number(_ position: Int) throws(BindingError) -> Double {
    guard let value = argument(position) else { throw mismatch(position, "a number") }
    if value.pointee.kind == LUAHOST_NUMBER { return value.pointee.number }
    if value.pointee.kind == LUAHOST_INTEGER { return Double(value.pointee.integer) }
    throw mismatch(position, "a number")
  }

  package func boolean(_ position: Int) throws(BindingError) -> Bool {
    guard let value = argument(position), value.pointee.kind == LUAHOST_BOOLEAN else {
      throw mismatch(position, "true or false")
    }
    return value.pointee.integer != 0
  }

  /// A copy of a string's bytes.
  package func bytes(_ position: Int) throws(BindingError) -> [UInt8] {
    try withBytes(position) { Array($0) }
  }

  /// A string's bytes without a copy, for the length of `body`.
  package func withBytes<Result>(
    _ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(BindingError) -> Result {
    guard let value = argument(position), value.pointee.kind == LUAHOST_BYTES else { throw mismatch(position, "a string") }
    return body(UnsafeBufferPointer(start: value.pointee.bytes, count: value.pointee.length))
  }

  /// A string that must be UTF-8.
  package func string(_ position: Int) throws(BindingError) -> String {
    guard let text = try withBytes(position, { String(validating: $0, as: UTF8.self) }) else {
      throw mismatch(position, "a string of valid UTF-8")
    }
    return text
  }

  package func handle(_ position: Int, _ type: HandleType) throws(BindingError) -> Handle {
    guard let value = argument(position), value.pointee.kind == LUAHOST_HANDLE, value.pointee.type == type.number else {
      throw mismatch(position, "a handle of type \(type.name)")
    }
    return Handle(type: type, slot: Int(value.pointee.integer), generation: value.pointee.generation)
  }

  /// The handle a method was called on. Only for bindings that are methods.
  package var receiver: Handle {
    guard let value = argument(1), value.pointee.kind == LUAHOST_HANDLE else {
      preconditionFailure("binding-receiver: only a method asks for its receiver")
    }
    return Handle(
      type: context.types[Int(value.pointee.type)], slot: Int(value.pointee.integer),
      generation: value.pointee.generation)
  }
}
