import CLuaHost

/// Results, in the order pushed. At most 16.
extension Call {
  @inline(__always)
  private func append(_ kind: luahost_kind) -> UnsafeMutablePointer<luahost_value> {
    let count = Int(frame.pointee.result_count)
    precondition(count < Int(LUAHOST_VALUES_MAX), "a binding pushes more than 16 results")
    frame.pointee.result_count += 1
    let value = frame.pointee.results + count
    value.pointee.kind = kind
    return value
  }

  package func pushNil() { _ = append(LUAHOST_NIL) }
  package func push(_ value: Bool) { append(LUAHOST_BOOLEAN).pointee.integer = value ? 1 : 0 }
  package func push(_ value: Int64) { append(LUAHOST_INTEGER).pointee.integer = value }
  package func push(_ value: Int) { push(Int64(value)) }
  package func push(_ value: Double) { append(LUAHOST_NUMBER).pointee.number = value }

  package func push(_ handle: Handle) {
    let value = append(LUAHOST_HANDLE)
    value.pointee.type = handle.type.number
    value.pointee.integer = Int64(handle.slot)
    value.pointee.generation = handle.generation
  }

  package func push(bytes: UnsafeBufferPointer<UInt8>) throws(BindingError) {
    precondition(frame.pointee.result_count < LUAHOST_VALUES_MAX, "a binding pushes more than 16 results")
    guard luahost_frame_bytes(frame, bytes.baseAddress, bytes.count) else { throw BindingError("result too large") }
  }

  package func push(_ bytes: [UInt8]) throws(BindingError) {
    var failure: BindingError?
    bytes.withUnsafeBufferPointer { buffer in
      do throws(BindingError) { try push(bytes: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  package func push(_ text: String) throws(BindingError) { try push(Array(text.utf8)) }

  package func push(_ value: LuaValue) throws(BindingError) {
    switch value {
    case .nil, .other: pushNil()
    case .boolean(let value): push(value)
    case .integer(let value): push(value)
    case .number(let value): push(value)
    case .bytes(let bytes): try push(bytes)
    case .handle(let handle): push(handle)
    }
  }

  /// Takes fuel for work done in Swift. False when it is spent; the call then ends in the work limit whatever it returns.
  @discardableResult
  package func charge(fuel: Int64) -> Bool { luahost_charge(frame.pointee.host, fuel) }

  /// True where the binding may answer with `yield`: in a task, and not inside a sort or a pattern.
  package var canWait: Bool { luahost_can_wait(frame.pointee.host) }
}
