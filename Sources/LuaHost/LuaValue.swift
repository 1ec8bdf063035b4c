/// A value on its way between Lua and Swift. Tables, functions and coroutines do not cross.
package enum LuaValue: Equatable, Sendable {
  case `nil`
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case bytes([UInt8])
  case handle(Handle)
  /// Something that stays in Lua; the text is its type ("table", "function", ...).
  case other(String)

  /// A string's bytes.
  package static func string(_ text: String) -> LuaValue { .bytes(Array(text.utf8)) }
}

/// What Lua holds of an object of Swift: which slot of which table, and which use of that slot.
package struct Handle: Hashable, Sendable {
  package let type: HandleType
  package let slot: Int
  package let generation: UInt32

  package init(type: HandleType, slot: Int, generation: UInt32) {
    self.type = type
    self.slot = slot
    self.generation = generation
  }
}

/// A kind of handle, as `Interpreter.defineHandleType` made it.
package struct HandleType: Hashable, Sendable {
  package let number: Int32
  package let name: String

  package static func == (left: HandleType, right: HandleType) -> Bool { left.number == right.number }
  package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
