import LuaHost
import SGXDriver
import Simulation
import Testbench

/// Runs scenarios: the one runner of the command, of the tests and of an embedding program.
public struct ScenarioRunner {
  public let options: RunOptions

  public init(options: RunOptions) { self.options = options }

  /// Runs every test of one script.
  ///
  /// - Parameters:
  ///   - source: the script's bytes.
  ///   - name: what messages call it.
  ///   - module: finds what the script requires: a name of parts joined by dots gives a file's name and bytes, or nil.
  ///   - image: finds an image that the options do not name: a name without slashes gives its source, or nil.
  public func run(
    source: [UInt8], name: String, module: @escaping (String) -> (name: String, source: [UInt8])? = { _ in nil },
    image: @escaping (String) -> ImageSource? = { _ in nil }
  ) -> FileResult {
    onBigStack { FileRun(options: options, name: name, module: module, image: image).run(source) }
  }
}

/// One script in one Lua state.
private final class FileRun {
  private let options: RunOptions
  private let module: (String) -> (name: String, source: [UInt8])?
  private let image: (String) -> ImageSource?
  private var result: FileResult
  private var output: [UInt8] = []
  private var context: ScenarioContext!
  private var outputWasCut = false
  private var claims: CoverageClaims!

  init(
    options: RunOptions, name: String, module: @escaping (String) -> (name: String, source: [UInt8])?,
    image: @escaping (String) -> ImageSource?
  ) {
    self.options = options
    self.module = module
    self.image = image
    result = FileResult(name: name)
  }

  func run(_ source: [UInt8]) -> FileResult {
    do throws(ScenarioError) { claims = try CoverageClaims(source: source, name: result.name) } catch {
      result.error = error
      return result
    }
    do throws(LuaFailure) {
      let lua = try makeInterpreter()
      defer { lua.close() }
      try lua.run(source: source, name: result.name)
      result.output = output
      guard case .integer(let count)? = try lua.callPrelude("test_count").first, count > 0 else {
        result.error = ScenarioError(text: "\(result.name): has no test; write describe and it", traceback: "", isLimit: false)
        return result
      }
      for index in 1...count { try runTest(index, lua) }
      if let claim = claims.byLine.first(where: { claim in !result.tests.contains { $0.file == result.name && $0.line == claim.line } }) {
        result.error = ScenarioError(
          text: "\(result.name):\(claim.line): claims \(claim.ids[0]), and no test was declared here", traceback: "", isLimit: false)
      }
      result.struck = context.struck
    } catch {
      result.output = output
      result.error = ScenarioError(failure: error)
    }
    return result
  }

  private func makeInterpreter() throws(LuaFailure) -> Interpreter {
    let lua = try Interpreter(
      limits: options.limits, output: { [unowned self] in output += $0 },
      resolveModule: { [unowned self] in module($0).map { ModuleSource(name: $0.name, source: $0.source) } })
    context = ScenarioContext(
      options: options, machineType: lua.defineHandleType("machine"), processType: lua.defineHandleType("process"),
      enclaveType: lua.defineHandleType("enclave"), provisionType: lua.defineHandleType("provision"))
    CheckBindings.register(on: lua, context)
    BundledModules.promise(on: lua, context, findImage: image)
    try lua.loadPrelude(name: "prelude.lua", source: PackageResources.prelude_lua)
    return lua
  }

  private func runTest(_ index: Int64, _ lua: Interpreter) throws(LuaFailure) {
    let info = try lua.callPrelude("test_info", [.integer(index)])
    guard info.count == 4, case .bytes(let path) = info[0], case .boolean(let isPending) = info[1], case .bytes(let file) = info[2],
      case .integer(let line) = info[3]
    else { preconditionFailure("prelude: test_info answers path, pending, file and line") }
    let names = path.split(separator: 0, omittingEmptySubsequences: false).map { escapeForDisplay(Array($0)) }
    var test = TestResult(path: names, file: String(decoding: file, as: UTF8.self), line: Int(line))
    if !claims.isEmpty, test.file == result.name { test.claims = claims.claims(at: test.line) }
    context.beginTest(test)
    output = []
    if isPending {
      context.test?.status = .pending
    } else {
      lua.renew(fuel: options.limits.fuel)
      do throws(LuaFailure) {
        try lua.callPrelude("run_test", [.integer(index)])
      } catch {
        context.fail(TestFailure(failure: error, lastEvents: context.lastEvents))
        lua.renew(fuel: options.limits.fuel)
        try lua.callPrelude("abandon_test")
      }
      if lua.outputWasCut, !outputWasCut {
        outputWasCut = true
        context.fail(
          TestFailure(
            file: test.file, line: test.line, message: "printed more than the limit; the rest was cut (--output-limit)", traceback: "",
            lastEvents: []))
      }
      context.endTest()
    }
    context.test?.output = output
    result.tests.append(context.test!)
    context.test = nil
  }
}

extension ScenarioError {
  init(failure: LuaFailure) {
    let isLimit = failure.kind == .fuel || failure.kind == .memory
    self.init(text: failure.text, traceback: failure.traceback, isLimit: isLimit)
  }
}

extension TestFailure {
  init(failure: LuaFailure, lastEvents: [Event]) {
    self.init(
      file: failure.file ?? "", line: failure.line ?? 0, message: escapeForDisplay(failure.message), traceback: failure.traceback,
      lastEvents: lastEvents)
  }
}
