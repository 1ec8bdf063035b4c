import LuaHost

/// What the Tab key asks: names, one a line.
enum CompletionBindings {
  static func register(on lua: Interpreter, _ api: API) {
    // Of a kind; functions, or properties.
    lua.register("member_names") { (call) throws(BindingError) in
      let functions = try call.boolean(2)
      let kind = APIKind.Name(rawValue: try call.string(1)).map { api.kind($0) }
      let names = functions ? kind?.functions.flatMap { [$0.name] + $0.aliases } : kind?.properties.map(\.name)
      try call.push((names ?? []).map { $0 + "\n" }.joined())
      return .done
    }
    // Fields of the option table of a kind's function.
    lua.register("option_names") { (call) throws(BindingError) in
      let name = try call.string(2)
      let function = APIKind.Name(rawValue: try call.string(1)).flatMap { api.kind($0).function(name) }
      try call.push((function?.options ?? []).map { $0.name + "\n" }.joined())
      return .done
    }
  }
}
