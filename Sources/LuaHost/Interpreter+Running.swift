import CLuaHost

extension Interpreter {
  /// Runs trusted source: it sees `host` (the bindings), `types`, `globals`, `modules`, `exports`, raw functions, `where`,
  /// `fail`, `try`, `resume`, `traceback`, `suggest`, `frozen`, `properties` and `expect_self`.
  package func loadPrelude(name: String, source: [UInt8]) throws(LuaFailure) {
    try throwDeferred()
    let bytecode = try cached(name, source)
    try check(load(bytecode ?? source) { luahost_load_prelude(open, name, $0, $1, bytecode != nil) })
  }

  /// Trusted source that is compiled and run when a script first requires this name; what it returns is the module.
  ///
  /// - Parameter isCached: keeps its bytecode for the life of the process: for the few sources of the bench's own.
  package func addModule(name: String, source: [UInt8], isCached: Bool = true) throws(LuaFailure) {
    try throwDeferred()
    let bytecode = isCached ? try cached(name, source) : nil
    try check(load(bytecode ?? source) { luahost_add_module(open, name, $0, $1) })
  }

  /// A module that `supply` adds, by `addModule`, when a script first requires it: most scripts do not require every module, and what a
  /// module needs takes longer to make than a small script to run.
  package func promiseModule(name: String, _ supply: @escaping Binding) { note(luahost_promise_module(open, name, add(supply))) }

  /// Runs a script. `name` is what messages call it. A table it returns does not cross (it is `.other`); the prelude finds
  /// it in `script_result`.
  @discardableResult
  package func run(source: [UInt8], name: String) throws(LuaFailure) -> [LuaValue] {
    try throwDeferred()
    context.noteChunk(name)
    try check(load(source) { luahost_run(open, name, $0, $1) })
    return results()
  }

  /// Calls a function of the prelude's `exports`.
  @discardableResult
  package func callPrelude(_ functionName: String, _ arguments: [LuaValue] = []) throws(LuaFailure) -> [LuaValue] {
    try throwDeferred()
    try check(withTape(arguments) { luahost_call(open, functionName, $0, $1) })
    return results()
  }

  func results() -> [LuaValue] {
    (0..<luahost_result_count(open)).map { LuaValue(luahost_result(open, $0).pointee, context) }
  }

  private func load(_ bytes: [UInt8], _ body: (UnsafePointer<UInt8>?, Int) -> luahost_failure) -> luahost_failure {
    bytes.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
  }

  private func cached(_ name: String, _ source: [UInt8]) throws(LuaFailure) -> [UInt8]? {
    switch PreludeCache.look(name, source) {
    case .unseen: return nil
    case .compiled(let bytecode): return bytecode
    case .seen:
      var bytes: UnsafeMutablePointer<UInt8>?
      var count = 0
      try check(load(source) { luahost_compile(open, name, $0, $1, &bytes, &count) })
      defer { luahost_free(bytes) }
      let bytecode = Array(UnsafeBufferPointer(start: bytes, count: count))
      PreludeCache.keep(name, source, bytecode)
      return bytecode
    }
  }

  func throwDeferred() throws(LuaFailure) {
    if let deferred { throw deferred }
  }

  func check(_ result: luahost_failure) throws(LuaFailure) {
    if result != LUAHOST_OK { throw failure(result) }
  }

  /// The C side's record of the last failure, as a value.
  func failure(_ result: luahost_failure) -> LuaFailure {
    var length = 0
    let start = luahost_message(open, &length)
    let message = Array(UnsafeBufferPointer(start: start, count: length))
    let traceback = String(cString: luahost_traceback(open))
    let kind = LuaFailure.Kind(result)
    let names = context.chunkNames
    if let split = splitPosition(message[...], known: names) {
      return LuaFailure(
        kind: kind, message: Array(split.rest), file: split.file, line: split.line, traceback: traceback)
    }
    let place = Array("\(String(cString: luahost_place(open))): ".utf8)
    let split = splitPosition(place[...], known: names)
    return LuaFailure(kind: kind, message: message, file: split?.file, line: split?.line, traceback: traceback)
  }
}

extension LuaFailure.Kind {
  init(_ failure: luahost_failure) {
    switch failure {
    case LUAHOST_SYNTAX: self = .syntax
    case LUAHOST_FUEL: self = .fuel
    case LUAHOST_MEMORY: self = .memory
    case LUAHOST_SOURCE: self = .source
    case LUAHOST_STOPPED: self = .stopped
    default: self = .runtime
    }
  }
}
