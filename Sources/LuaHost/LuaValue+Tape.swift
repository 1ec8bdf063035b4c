import CLuaHost

extension LuaValue {
  /// Copies a value off the tape.
  init(_ value: luahost_value, _ context: BindingContext) {
    switch value.kind {
    case LUAHOST_BOOLEAN: self = .boolean(value.integer != 0)
    case LUAHOST_INTEGER: self = .integer(value.integer)
    case LUAHOST_NUMBER: self = .number(value.number)
    case LUAHOST_BYTES: self = .bytes(Array(UnsafeBufferPointer(start: value.bytes, count: value.length)))
    case LUAHOST_HANDLE:
      let type = context.types[Int(value.type)]
      self = .handle(Handle(type: type, slot: Int(value.integer), generation: value.generation))
    case LUAHOST_LIST: self = .other("list")
    case LUAHOST_OTHER:
      self = .other(String(decoding: UnsafeBufferPointer(start: value.bytes, count: value.length), as: UTF8.self))
    default: self = .nil
    }
  }
}

/// Puts values on a tape whose bytes stay where they are for the length of `body`.
func withTape<Result>(_ values: [LuaValue], _ body: (UnsafePointer<luahost_value>?, Int32) -> Result) -> Result {
  let total = values.reduce(0) { count, value in if case .bytes(let bytes) = value { count + bytes.count } else { count } }
  return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(total, 1)) { room in
    withUnsafeTemporaryAllocation(of: luahost_value.self, capacity: max(values.count, 1)) { tape in
      var used = 0
      for (index, value) in values.enumerated() {
        var entry = luahost_value()
        switch value {
        case .nil, .other: entry.kind = LUAHOST_NIL
        case .boolean(let value): (entry.kind, entry.integer) = (LUAHOST_BOOLEAN, value ? 1 : 0)
        case .integer(let value): (entry.kind, entry.integer) = (LUAHOST_INTEGER, value)
        case .number(let value): (entry.kind, entry.number) = (LUAHOST_NUMBER, value)
        case .bytes(let bytes):
          let copy = UnsafeMutableBufferPointer(rebasing: room[used..<used + bytes.count])
          _ = copy.initialize(from: bytes)
          (entry.kind, entry.length) = (LUAHOST_BYTES, bytes.count)
          entry.bytes = UnsafePointer(room.baseAddress! + used)
          used += bytes.count
        case .handle(let handle):
          (entry.kind, entry.type, entry.integer) = (LUAHOST_HANDLE, handle.type.number, Int64(handle.slot))
          entry.generation = handle.generation
        }
        tape.initializeElement(at: index, to: entry)
      }
      return body(UnsafePointer(tape.baseAddress), Int32(values.count))
    }
  }
}
