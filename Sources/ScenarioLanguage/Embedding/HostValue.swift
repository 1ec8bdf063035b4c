/// A value that a script and a function of the embedding program give each other. Tables, functions and coroutines stay in Lua.
public enum HostValue: Hashable, Sendable {
  case `nil`
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  /// A string of Lua, which may hold any bytes.
  case bytes([UInt8])

  public static func string(_ text: String) -> HostValue { .bytes(Array(text.utf8)) }
}

extension HostValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
}

/// Why a function of the embedding program refuses. The script sees a Lua error with its own file and line.
public struct HostError: Error, Hashable, Sendable {
  public let message: String
  public init(_ message: String) { self.message = message }
}
