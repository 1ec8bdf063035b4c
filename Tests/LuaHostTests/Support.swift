import Testing
@testable import LuaHost

/// What a script did: what it printed, and how it failed if it did.
struct Outcome {
  var output: String
  var failure: LuaFailure?
  var interpreter: Interpreter
}

/// Runs a script in a fresh state on a big stack.
func runScript(
  _ source: String, name: String = "a.lua", limits: Limits = Limits(), prelude: String? = nil,
  modules: [String: String] = [:], setUp: (Interpreter) -> Void = { _ in }
) throws -> Outcome {
  try runScript(Array(source.utf8), name: name, limits: limits, prelude: prelude, modules: modules, setUp: setUp)
}

func runScript(
  _ source: [UInt8], name: String = "a.lua", limits: Limits = Limits(), prelude: String? = nil,
  modules: [String: String] = [:], setUp: (Interpreter) -> Void = { _ in }
) throws -> Outcome {
  try onBigStack { () -> Result<Outcome, LuaFailure> in
    let sink = Sink()
    do throws(LuaFailure) {
      let lua = try Interpreter(limits: limits, output: { sink.bytes += $0 }) { name in
        modules[name].map { ModuleSource(name: "\(name).lua", source: Array($0.utf8)) }
      }
      setUp(lua)
      var failure: LuaFailure?
      do throws(LuaFailure) {
        if let prelude { try lua.loadPrelude(name: "prelude", source: Array(prelude.utf8)) }
        try lua.run(source: source, name: name)
      } catch { failure = error }
      return .success(Outcome(output: String(decoding: sink.bytes, as: UTF8.self), failure: failure, interpreter: lua))
    } catch { return .failure(error) }
  }.get()
}

final class Sink {
  var bytes: [UInt8] = []
}
