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
@frozen public struct Handle: Hashable, Sendable {
  public let type: HandleType
  public let slot: Int
  public let generation: UInt32

  @inlinable public init(type: HandleType, slot: Int, generation: UInt32) {
    self.type = type
    self.slot = slot
    self.generation = generation
  }
}

/// A kind of handle, as `Interpreter.defineHandleType` made it.
@frozen public struct HandleType: Hashable, Sendable {
  public let number: Int32
  public let name: String

  @inlinable public static func == (left: HandleType, right: HandleType) -> Bool { left.number == right.number }
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
