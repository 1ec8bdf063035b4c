import LuaHost
import SGXArchitecture
import SGXDriver
import Simulation
import Testbench

/// Runs scenarios: the one runner of the command, of the tests and of an embedding program.
public struct ScenarioRunner {
  public let options: RunOptions
  /// Functions and the observer of an embedding program (Embedding/).
  var hooks = EmbedderHooks()

  public init(options: RunOptions) { self.options = options }

  /// Runs the selected tests of one script.
  ///
  /// - Parameters:
  ///   - source: the script's bytes.
  ///   - name: what messages call it.
  ///   - stop: ends the run early; `FileResult.stopped` then says why.
  ///   - module: finds what the script requires: a name of parts joined by dots gives a file's name and bytes, or nil.
  ///   - image: finds an image that the options do not name: a name without slashes gives its source, or nil.
  public func run(
    source: [UInt8], name: String, stop: RunStop = RunStop(), module: @escaping (String) -> (name: String, source: [UInt8])? = { _ in nil },
    image: @escaping (String) -> ImageSource? = { _ in nil }
  ) -> FileResult {
    onBigStack { FileRun(options: options, hooks: hooks, name: name, stop: stop, module: module, image: image).run(source) }
  }

  /// Reads a script and says which tests and options it declares; no test is run.
  public func declarations(
    source: [UInt8], name: String, stop: RunStop = RunStop(), module: @escaping (String) -> (name: String, source: [UInt8])? = { _ in nil },
    image: @escaping (String) -> ImageSource? = { _ in nil }
  ) -> ScriptDeclarations {
    onBigStack { FileRun(options: options, hooks: hooks, name: name, stop: stop, module: module, image: image).declare(source) }
  }

  /// Why a text is not Lua, or nil; none of it is run. A limit that reading it hits counts too.
  package func problem(of source: [UInt8], name: String) -> ScenarioError? {
    var options = options
    options.allowSource(source.count + FileRun.leaves.count)
    return onBigStack { [options] in
      FileRun(options: options, hooks: hooks, name: name, stop: RunStop(), module: { _ in nil }, image: { _ in nil }).problem(of: source)
    }
  }
}

/// One script in one Lua state.
private final class FileRun {
  private let options: RunOptions
  private let hooks: EmbedderHooks
  private let stop: RunStop
  private let module: (String) -> (name: String, source: [UInt8])?
  private let image: (String) -> ImageSource?
  private var result: FileResult
  private var output: [UInt8] = []
  private var context: ScenarioContext!
  private var outputWasCut = false
  private var claims: CoverageClaims!
  private var sources = SourceLines()

  init(
    options: RunOptions, hooks: EmbedderHooks, name: String, stop: RunStop, module: @escaping (String) -> (name: String, source: [UInt8])?,
    image: @escaping (String) -> ImageSource?
  ) {
    self.options = options
    self.hooks = hooks
    self.stop = stop
    self.module = module
    self.image = image
    result = FileResult(name: name)
  }

  func run(_ source: [UInt8]) -> FileResult {
    sources.add(source, name: result.name)
    if options.digestsSources {
      var hash = RunningSHA256()
      source.withUnsafeBytes { hash.update($0) }
      result.sourceDigest = hash.digest().hex
    }
    do throws(ScenarioError) { claims = try CoverageClaims(source: source, name: result.name) } catch {
      result.error = error
      return result
    }
    do throws(LuaFailure) {
      let lua = try makeInterpreter()
      defer { lua.close() }
      try lua.run(source: source, name: result.name)
      result.output = output
      let tests = try declaredTests(lua)
      guard !tests.isEmpty else {
        result.error = noTest
        return result
      }
      try setOptions(lua)
      let selected = tests.filter { options.selection.includes($0, of: result.name) }
      result.selected = selected.count
      for test in selected {
        guard try runTest(test, lua) else { break }
        if options.stopsAtFailure, result.tests.last?.status.isFailure == true { break }
        if test.index == lastBreakdown {
          result.error = ScenarioError(
            text: "\(result.name): the bench broke down in \(Breakdown.max) tests of this script; those behind are not run", traceback: "",
            isLimit: false)
          break
        }
      }
      let lines = claims.isEmpty ? [] : Set(tests.filter { $0.file == result.name }.map(\.line))
      if let claim = claims.byLine.first(where: { !lines.contains($0.line) }) {
        result.error = ScenarioError(
          text: "\(result.name):\(claim.line): claims \(claim.ids[0]), and no test was declared here", traceback: "", isLimit: false)
      }
      result.struck = context.struck
      if let law = BenchLaw.takeBroken() {
        result.error = ScenarioError(
          text: "\(result.name): finding 'bench': \(Finding.bench(law).text)", traceback: "", isLimit: false, isBench: true)
      }
    } catch {
      result.output = output
      if error.kind == .stopped {
        result.stopped = escapeForDisplay(error.message)
      } else {
        result.error = problem(error, source)
      }
    }
    return result
  }

  /// What went wrong outside of tests. It names the script, also where no line of it is to blame.
  private func problem(_ failure: LuaFailure, _ source: [UInt8]) -> ScenarioError {
    var problem = ScenarioError(failure: failure, script: result.name, source: source)
    if failure.file == nil { problem.text = "\(result.name): \(problem.text)" }
    return problem
  }

  func declare(_ source: [UInt8]) -> ScriptDeclarations {
    var declarations = ScriptDeclarations(name: result.name)
    do throws(ScenarioError) { _ = try CoverageClaims(source: source, name: result.name) } catch {
      declarations.error = error
      return declarations
    }
    do throws(LuaFailure) {
      let lua = try makeInterpreter()
      defer { lua.close() }
      try lua.run(source: source, name: result.name)
      declarations.tests = try declaredTests(lua)
      if case .bytes(let about)? = try lua.callPrelude("about").first { declarations.about = escapeForDisplay(about) }
      declarations.options = try declaredOptions(lua)
      if case .bytes(let pins)? = try lua.callPrelude("pins").first {
        declarations.pinnedImages = pins.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      }
      if declarations.tests.isEmpty { declarations.error = noTest }
    } catch {
      declarations.error = problem(error, source)
    }
    return declarations
  }

  /// In front of a text that is read to its end, and left at its beginning.
  static let leaves = Array("do return end ".utf8)

  func problem(of source: [UInt8]) -> ScenarioError? {
    do throws(LuaFailure) {
      let lua = try makeInterpreter()
      defer { lua.close() }
      try lua.run(source: Self.leaves + source, name: result.name)
      return nil
    } catch {
      return ScenarioError(failure: error)
    }
  }

  /// The last test that is tried where there were too many.
  private var lastBreakdown: Int? {
    options.breakdowns.count < Breakdown.max ? nil : options.breakdowns.map(\.test).max()
  }

  private var noTest: ScenarioError {
    ScenarioError(text: "\(result.name): has no test; write describe and it", traceback: "", isLimit: false)
  }

  private func makeInterpreter() throws(LuaFailure) -> Interpreter {
    let (lua, context) = try ScenarioContext.makeInterpreter(
      options: options, stopSwitch: stop.stopSwitch, output: { [unowned self] in output += $0 }, module: { [unowned self] in require($0) }, image: image)
    self.context = context
    if !hooks.functions.isEmpty { try HostFunction.register(hooks.functions, on: lua, context) }
    return lua
  }

  private func require(_ name: String) -> (name: String, source: [UInt8])? {
    guard let found = module(name) else { return nil }
    sources.add(found.source, name: found.name)
    return found
  }

  private func declaredTests(_ lua: Interpreter) throws(LuaFailure) -> [DeclaredTest] {
    guard case .integer(let count)? = try lua.callPrelude("test_count").first, count > 0 else { return [] }
    var tests: [DeclaredTest] = []
    for index in 1...count {
      let info = try lua.callPrelude("test_info", [.integer(index)])
      guard info.count == 5, case .bytes(let path) = info[0], case .boolean(let isPending) = info[1], case .bytes(let file) = info[2],
        case .integer(let line) = info[3], case .bytes(let tags) = info[4]
      else {
        BenchLaw.broken(.callAnswers)
        continue
      }
      tests.append(
        DeclaredTest(
          index: Int(index), path: path.split(separator: 0, omittingEmptySubsequences: false).map { escapeForDisplay(Array($0)) },
          file: String(decoding: file, as: UTF8.self), line: Int(line),
          tags: tags.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }, isPending: isPending))
    }
    return tests
  }

  private func declaredOptions(_ lua: Interpreter) throws(LuaFailure) -> [ScriptOption] {
    var declared: [ScriptOption] = []
    while true {
      let info = try lua.callPrelude("option_info", [.integer(Int64(declared.count + 1))])
      guard info.count == 4, case .bytes(let name) = info[0], case .bytes(let kind) = info[1], case .bytes(let standard) = info[2],
        case .bytes(let help) = info[3], let kind = ScriptOption.Kind(rawValue: String(decoding: kind, as: UTF8.self))
      else { return declared }
      declared.append(
        ScriptOption(name: String(decoding: name, as: UTF8.self), kind: kind, standard: escapeForDisplay(standard), help: escapeForDisplay(help)))
    }
  }

  /// Gives the script's options the values of the run; those of other scripts are not looked at.
  private func setOptions(_ lua: Interpreter) throws(LuaFailure) {
    guard !options.arguments.isEmpty else { return }
    for (index, option) in try declaredOptions(lua).enumerated() {
      for argument in options.arguments where argument.name == option.name {
        guard let value = option.value(of: argument.value) else { continue }
        try lua.callPrelude("set_option", [.integer(Int64(index + 1)), value])
      }
    }
  }

  /// False where the run was stopped; the test then counts as not run.
  private func runTest(_ declared: DeclaredTest, _ lua: Interpreter) throws(LuaFailure) -> Bool {
    var test = TestResult(declared)
    if !claims.isEmpty, test.file == result.name { test.claims = claims.claims(at: test.line) }
    hooks.observer?(.testBegan(path: test.path, file: test.file, line: test.line))
    context.beginTest(test)
    output = []
    if let breakdown = options.breakdowns.first(where: { $0.test == declared.index }) {
      context.tellBreakdown(breakdown)
    } else if declared.isPending {
      context.test?.status = .pending
    } else {
      hooks.begins?(declared)
      lua.renew(fuel: options.limits.fuel)
      let index = LuaValue.integer(Int64(declared.index))
      do throws(LuaFailure) {
        try lua.callPrelude("run_test", [index])
      } catch {
        if error.kind == .stopped {
          result.stopped = escapeForDisplay(error.message)
          return false
        }
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
    showLines()
    result.tests.append(context.test!)
    context.test = nil
    hooks.observer?(.testEnded(result.tests.last!))
    return true
  }
}

extension FileRun {
  /// Tells each failure what stands on its line; a test's own line, at which broken laws are told, says nothing new.
  private func showLines() {
    guard let test = context.test else { return }
    for (index, failure) in test.failures.enumerated() where (failure.file, failure.line) != (test.file, test.line) {
      context.test?.failures[index].sourceLine = sources[failure.file, failure.line]
    }
  }
}

extension ScenarioError {
  init(failure: LuaFailure, script: String? = nil, source: [UInt8] = []) {
    let isLimit = failure.kind == .fuel || failure.kind == .memory
    self.init(text: failure.text, traceback: failure.traceback, isLimit: isLimit)
    guard let script, !isLimit else { return }
    let syntax = failure.file == script ? SyntaxHint.hint(for: failure, source: source).map { escapeForDisplay(Array($0.utf8)) } : nil
    hint = RequiredVersion.hint(source: source) ?? syntax
  }
}

extension TestFailure {
  init(failure: LuaFailure, lastEvents: [Event]) {
    self.init(
      file: failure.file ?? "", line: failure.line ?? 0, message: escapeForDisplay(failure.message), traceback: failure.traceback,
      lastEvents: lastEvents)
  }
}
