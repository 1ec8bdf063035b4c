import LuaHost

extension ScenarioContext {
  /// A Lua state in which scenarios can run, with the bench's bindings and prelude, and what its bindings share.
  static func makeInterpreter(
    options: RunOptions, stopSwitch: StopSwitch = StopSwitch(), output: @escaping ([UInt8]) -> Void,
    module: @escaping (String) -> (name: String, source: [UInt8])?, image: @escaping (String) -> ImageSource?
  ) throws(LuaFailure) -> (lua: Interpreter, context: ScenarioContext) {
    // What a script may use begins behind the bench's own start.
    var limits = options.limits
    limits.fuel = max(limits.fuel, Limits().fuel)
    let lua = try Interpreter(
      limits: limits, stopSwitch: stopSwitch, output: output,
      resolveModule: { module($0).map { ModuleSource(name: $0.name, source: $0.source) } })
    let context = ScenarioContext(
      options: options, machineType: lua.defineHandleType("machine"), processType: lua.defineHandleType("process"),
      enclaveType: lua.defineHandleType("enclave"), provisionType: lua.defineHandleType("provision"))
    context.lua = lua
    CheckBindings.register(on: lua, context)
    BundledModules.promise(on: lua, context, findImage: image)
    try lua.loadPrelude(name: "prelude.lua", source: PackageResources.preludeChunk)
    lua.renew(fuel: options.limits.fuel)
    return (lua, context)
  }
}

extension PackageResources {
  /// The prelude is one chunk in two files.
  static let preludeChunk = prelude_lua + runner_lua
  /// So are the words that are read when they are needed, in three.
  static let wordsChunk = words_lua + checks_lua + declarations_lua
  /// The module "sgx" is one chunk in several files.
  static let sgxModule = sgx_lua + later_lua + tasks_lua
  /// So is "sgx.images".
  static let imagesModule = images_lua + loaders_lua
}
