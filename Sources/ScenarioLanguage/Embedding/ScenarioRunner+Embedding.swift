import LuaHost

/// What a run says while it is under way, to the embedding program's own reporter.
public enum ScenarioEvent: Sendable {
  /// A test begins: names of the describes around it and its own, and where it is written.
  case testBegan(path: [String], file: String, line: Int)
  /// It is over. A test in which the run was stopped began and does not end.
  case testEnded(TestResult)
}

/// What the embedding program adds to a run.
struct EmbedderHooks {
  var functions: [HostFunction] = []
  var observer: ((ScenarioEvent) -> Void)?
  var begins: ((DeclaredTest) -> Void)?
}

extension ScenarioRunner {
  /// Offers a function to scripts: `require("host").name(…)`.
  ///
  /// What `body` throws becomes a Lua error at the script's line; nothing jumps over its frames. It runs on the thread of the scenario
  /// while the caller of `run` waits. A report is the same in every run only if the function answers the same in every run.
  ///
  /// - Parameters:
  ///   - name: as a variable of Lua is named.
  ///   - module: what the script requires; parts of `a-z 0-9 _` with dots between, and not `sgx`.
  ///   - cost: fuel that a call takes from the script, beside a unit for every 64 bytes of its arguments.
  ///   - body: gets the arguments and returns at most 16 results.
  public mutating func register(
    _ name: String, in module: String = "host", cost: Int64 = 100, _ body: @escaping (HostCall) throws -> [HostValue]
  ) throws(HostRegistrationError) {
    try HostFunction.check(name, in: module, besides: hooks.functions)
    hooks.functions.append(HostFunction(module: module, name: name, cost: max(0, cost), body: body))
  }

  /// Told of each test as it begins and ends, on the thread of the scenario, in the order of the file.
  public var observer: ((ScenarioEvent) -> Void)? {
    get { hooks.observer }
    set { hooks.observer = newValue }
  }

  /// Told of each test before anything of it runs, for a process that has to know where it is.
  package var begins: ((DeclaredTest) -> Void)? {
    get { hooks.begins }
    set { hooks.begins = newValue }
  }
}
