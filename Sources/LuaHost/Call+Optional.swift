import CLuaHost

/// The same readers for arguments that may be left out or nil.
extension Call {
  package func optionalInteger(_ position: Int) throws(BindingError) -> Int64? {
    isAbsent(position) ? nil : try integer(position)
  }

  package func optionalBytes(_ position: Int) throws(BindingError) -> [UInt8]? {
    isAbsent(position) ? nil : try bytes(position)
  }

  package func optionalString(_ position: Int) throws(BindingError) -> String? {
    isAbsent(position) ? nil : try string(position)
  }

  /// What stands at a position, for a message: `string "64K"`, `number 4096.5`, `nothing`.
  package func describe(_ position: Int) -> String {
    guard argument(position) != nil else { return "nothing" }
    return value(position).shown
  }
}

extension LuaValue {
  /// The value for a message.
  package var shown: String {
    switch self {
    case .nil: return "nil"
    case .boolean(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    // The sign of a NaN differs between processors.
    case .number(let value): return value.isNaN ? "number nan" : "number \(value)"
    case .bytes(let bytes):
      return "string \"\(escapeForDisplay(bytes.prefix(40)))\(bytes.count > 40 ? "..." : "")\""
    case .handle(let handle): return "a handle of type \(handle.type.name)"
    case .other(let type): return "a \(type)"
    }
  }
}
