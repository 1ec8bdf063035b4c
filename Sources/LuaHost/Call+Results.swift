import CLuaHost

/// Results, in the order pushed.
extension Call {
  @inline(__always)
  @discardableResult
  private func append(_ kind: luahost_kind) -> UnsafeMutablePointer<luahost_value> {
    let count = Int(frame.pointee.result_count)
    if count >= frame.pointee.result_room { reserve(1) }
    frame.pointee.result_count += 1
    let value = frame.pointee.results + count
    value.pointee.kind = kind
    return value
  }

  @inline(never)
  private func reserve(_ count: Int) {
    precondition(luahost_frame_reserve(frame, Int32(clamping: count)), "memory: the system gives none for the results of a call")
  }

  /// Begins a list: the values pushed next are its elements.
  package func pushList(count: Int) {
    reserve(count + 1)
    append(LUAHOST_LIST).pointee.length = count
  }

  /// Begins a table: the values pushed next are its fields, in order, and all of them.
  package func begin(_ record: RecordType) {
    reserve(1)
    append(LUAHOST_RECORD).pointee.integer = Int64(record.number)
  }

  /// Where the script is: `a.lua:4`.
  package var scriptPlace: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { room in
      luahost_script_place(frame.pointee.host, room.baseAddress, room.count)
      return room.baseAddress.map { String(cString: $0) } ?? ""
    }
  }

  /// Pushes a table with these fields; `write` sets them, in any order, and leaves out those that are nil.
  package func push(
    _ record: RecordType, _ write: (borrowing RecordWriter) throws(BindingError) -> Void
  ) throws(BindingError) {
    let count = record.keys.count
    reserve(count + 1)
    append(LUAHOST_RECORD).pointee.integer = Int64(record.number)
    let first = Int(frame.pointee.result_count)
    for _ in 0..<count { append(LUAHOST_NIL) }
    try write(RecordWriter(frame: frame, first: first, record: record))
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

  /// Ends what runs with this message as soon as the call has returned. No script can catch it.
  package func end(_ text: String) { luahost_end(frame.pointee.host, text) }
}
