import CLuaHost

// The type's parts: Interpreter+Running.swift runs scripts and the prelude, Interpreter+Evaluating.swift what is typed at a
// prompt, Interpreter+Limits.swift asks about limits.

/// A Lua state in its sandbox. It belongs to the thread that uses it (`onBigStack`); only its stop switch may be touched
/// from elsewhere. Nothing of Lua crosses but values: no error of Lua ever jumps over a Swift frame.
package final class Interpreter {
  /// The release of Lua the host was built with, such as `Lua 5.4.4`.
  package static var release: String { String(cString: luahost_lua_release()) }

  let context: BindingContext
  private(set) var host: OpaquePointer?
  /// Ends the running script from outside.
  package let stopSwitch: StopSwitch
  /// A failure of `register` or `defineHandleType`; the next entry that can throw throws it.
  var deferred: LuaFailure?

  /// Makes a state. `output` gets what scripts print; `resolveModule` finds the source of a module that is not bundled.
  package init(
    limits: Limits = Limits(), stopSwitch: StopSwitch = StopSwitch(), output: @escaping ([UInt8]) -> Void,
    resolveModule: @escaping (String) -> ModuleSource? = { _ in nil }
  ) throws(LuaFailure) {
    self.stopSwitch = stopSwitch
    context = BindingContext(output: output, resolveModule: resolveModule)
    var settings = luahost_limits(limits)
    var failure = LUAHOST_OK
    host = luahost_create(
      &settings, stopSwitch.pointer, BindingContext.callbacks, Unmanaged.passUnretained(context).toOpaque(), &failure)
    if host == nil {
      throw LuaFailure(kind: .memory, message: Array("no memory for a Lua state within the limit".utf8))
    }
  }

  /// Frees the state. Nothing may be called afterwards.
  package func close() {
    guard let host else { return }
    self.host = nil
    luahost_destroy(host)
  }

  deinit { close() }

  var open: OpaquePointer {
    guard let host else { preconditionFailure("interpreter-open: an interpreter is not used after close()") }
    return host
  }

  /// Makes `host.<name>` of the prelude.
  package func register(_ name: String, _ body: @escaping Binding) {
    note(luahost_register(open, name, add(body)))
  }

  /// Makes a kind of handle with these methods. The prelude may add others to `types.<name>`.
  package func defineHandleType(_ name: String, methods: [(String, Binding)] = []) -> HandleType {
    let type = HandleType(number: Int32(context.types.count), name: name)
    let result = luahost_define_type(open, name)
    note(result)
    guard result == LUAHOST_OK else { return type }
    context.types.append(type)
    for (method, body) in methods { defineMethod(type, method, body) }
    return type
  }

  /// Adds a method to a kind of handle. C has checked the receiver's type before `body` runs; see `Call.receiver`.
  ///
  /// - Parameter arguments: how many it takes at most, the receiver not counted; nil: any number.
  package func defineMethod(_ type: HandleType, _ name: String, arguments: Int? = nil, _ body: @escaping Binding) {
    let member = luahost_member(
      kind: LUAHOST_FUNCTION, function: add(body), positionals: arguments.map { Int32(clamping: $0) } ?? -1, shape: -1)
    note(luahost_define_method(open, type.number, name, member))
  }

  func add(_ body: @escaping Binding) -> Int32 {
    context.bodies.append(body)
    return Int32(context.bodies.count - 1)
  }

  func note(_ result: luahost_failure) {
    if result != LUAHOST_OK, deferred == nil { deferred = failure(result) }
  }
}

extension luahost_limits {
  init(_ limits: Limits) {
    self.init(
      fuel: limits.fuel, memory: limits.memory, block: limits.block, source: limits.source,
      output_bytes: limits.outputBytes, output_lines: limits.outputLines, coroutines: Int32(clamping: limits.coroutines),
      fail_allocation: limits.failure?.number ?? 0, fail_for_ever: limits.failure?.forEver ?? false)
  }
}
