import LuaHost
import SGXDriver
import Simulation
import Testbench

/// A machine at hand and inputs of Lua, one after another: what `sgxbench repl` is made of. An error in one input is no end.
///
/// To be made and used inside `onBigStack`, by one thread.
package final class InteractiveSession {
  private let options: RunOptions
  private let stopSwitch: StopSwitch
  private let lua: Interpreter
  private let context: ScenarioContext
  /// What of each machine's log was told already.
  private var told: [Told] = []

  private struct Told {
    var breaches = 0
    var warnings = 0
    var hasFinding = false
  }

  /// What the session's own text is called in messages.
  package static let name = "input"
  private static let test = DeclaredTest(index: 1, path: ["session"], file: name, line: 0, tags: [], isPending: false)

  /// Makes the state, and in it `sgx`, `machine`, `process` and `enclave`.
  ///
  /// - Parameters:
  ///   - stopSwitch: ends an input that runs; it is cleared ahead of the next one.
  ///   - output: what inputs print.
  ///   - module, image: as `ScenarioRunner.run` has them.
  package init(
    options: RunOptions, stopSwitch: StopSwitch, output: @escaping ([UInt8]) -> Void,
    module: @escaping (String) -> (name: String, source: [UInt8])?, image: @escaping (String) -> ImageSource?
  ) throws(ScenarioError) {
    self.options = options
    self.stopSwitch = stopSwitch
    do throws(LuaFailure) {
      (lua, context) = try ScenarioContext.makeInterpreter(
        options: options, stopSwitch: stopSwitch, output: output, module: module, image: image)
      CompletionBindings.register(on: lua, options.api)
      try lua.loadPrelude(name: "interactive.lua", source: PackageResources.interactive_lua)
      // Machines are made inside tests; the session is one that never ends.
      context.beginTest(TestResult(Self.test))
      try lua.callPrelude("begin_session")
    } catch { throw ScenarioError(failure: error) }
  }

  deinit { lua.close() }

  /// Runs a file ahead of the first input. Its globals stay.
  package func run(file source: [UInt8], name: String) -> InputAnswer {
    answer { () throws(LuaFailure) in
      try lua.run(source: source, name: name)
      // Looks at the table that the script returned: its options have values from here on.
      try lua.callPrelude("test_count")
      return .values([])
    }
  }

  /// Runs an input, or finds that it is not complete.
  ///
  /// - Parameter line: number of its first line in the session, from 1.
  package func evaluate(_ input: [UInt8], line: Int) -> InputAnswer {
    let text = Statement(input)
    guard let global = text.withoutLocal else { return evaluate(text.source, line) }
    let answer = evaluate(global, line)
    // What does not stand as an assignment is run as it was written, and its names are gone behind it.
    guard answer.failedToCompile else { return answer }
    var asWritten = evaluate(text.source, line)
    if !asWritten.isIncomplete, !asWritten.failedToCompile { asWritten.notes.append(.localIsGone) }
    return asWritten
  }

  private func evaluate(_ source: [UInt8], _ line: Int) -> InputAnswer {
    answer { () throws(LuaFailure) in
      let result = try lua.evaluate(source, name: Self.name, firstLine: line, through: "run_input")
      guard case .incomplete(var failure) = result else { return result }
      // The line feed behind the input begins no line of it.
      let last = line + source.count(where: { $0 == UInt8(ascii: "\n") }) - 1
      failure.line = failure.line.map { min($0, last) }
      return .incomplete(failure)
    }
  }

  private func answer(_ run: () throws(LuaFailure) -> Evaluated) -> InputAnswer {
    stopSwitch.clear()
    lua.renew(fuel: options.limits.fuel)
    lua.renewOutput()
    context.endRun()
    context.test = TestResult(Self.test)
    var answer = InputAnswer()
    do throws(LuaFailure) {
      switch try run() {
      case .incomplete(let failure):
        answer.incomplete = TestFailure(failure: failure, lastEvents: [])
        return answer
      case .values(let values):
        if case .bytes(let text)? = values.first { answer.values = escapeForDisplay(text, keepingLines: true) }
      }
    } catch {
      answer.failedToCompile = error.kind == .syntax
      answer.notes.append(.error(TestFailure(failure: error, lastEvents: []), isLimit: error.kind == .fuel || error.kind == .memory))
    }
    collect(into: &answer)
    return answer
  }

  private func collect(into answer: inout InputAnswer) {
    guard let test = context.test else { return }
    let isError = test.status == .error
    for (index, failure) in test.failures.enumerated() {
      // The error that ended the input is the last of them.
      let isLast = isError && index == test.failures.count - 1
      answer.notes.append(isLast ? .error(failure, isLimit: false) : .failedCheck(failure))
    }
    if test.checks > 0, test.failures.isEmpty { answer.notes.append(.checksHold(test.checks)) }
    stopSwitch.clear()
    lua.renew(fuel: options.limits.fuel)
    if case .integer(let count)? = try? lua.callPrelude("take_declared").first, count > 0 { answer.notes.append(.testsDeclared(Int(count))) }
    lookAtMachines(into: &answer)
  }

  /// Laws, warnings and findings that are new.
  private func lookAtMachines(into answer: inout InputAnswer) {
    let several = context.machinesOfTest.count > 1
    for (index, box) in context.machinesOfTest.enumerated() {
      if told.count == index { told.append(Told()) }
      let machine = several ? index + 1 : nil
      for warning in box.machine.driver.log.warnings.dropFirst(told[index].warnings) {
        answer.notes.append(.kernelWarned(warning.text, machine: machine))
      }
      for breach in box.machine.breaches.dropFirst(told[index].breaches) { answer.notes.append(.lawBroken(breach, machine: machine)) }
      if case .bench? = box.machine.finding, !told[index].hasFinding {
        answer.notes.append(.benchBroken(box.machine.finding!.text, machine: machine))
      } else if let finding = box.machine.finding, !told[index].hasFinding {
        answer.notes.append(.found(FindingName.name(of: finding), box.machine.text(of: finding), machine: machine))
      }
      told[index] = Told(
        breaches: box.machine.breaches.count, warnings: box.machine.driver.log.warnings.count, hasFinding: box.machine.finding != nil)
    }
    if let law = BenchLaw.takeBroken() { answer.notes.append(.benchBroken(Finding.bench(law).text, machine: nil)) }
  }

  /// Names that may stand behind `path` and a separator: `.`, `:`, `{` for the fields of an option table, or nothing for a name by
  /// itself. Sorted by their bytes, each once.
  package func completions(of path: String, _ separator: String) -> [String] {
    stopSwitch.clear()
    lua.renew(fuel: options.limits.fuel)
    guard case .bytes(let text)? = try? lua.callPrelude("complete", [.string(path), .string(separator)]).first else { return [] }
    var names: [String] = []
    for name in text.split(separator: UInt8(ascii: "\n")).map({ String(decoding: $0, as: UTF8.self) }).sorted()
    where names.last != name { names.append(name) }
    return names
  }
}

/// The text of an input, and what it is without the word `local` at its beginning.
private struct Statement {
  /// A space stands first: a `#` there is Lua's length operator, not the first line of a file.
  let source: [UInt8]
  /// A variable that is local to its input would be gone with it, so that the word is taken for a slip.
  let withoutLocal: [UInt8]?

  init(_ input: [UInt8]) {
    source = [UInt8(ascii: " ")] + input + [UInt8(ascii: "\n")]
    let word = Array("local".utf8)
    let blank = source.firstIndex { !Self.isBlank($0) } ?? source.count
    let end = blank + word.count
    guard source.count > end, source[blank..<end].elementsEqual(word), Self.isBlank(source[end]) else {
      withoutLocal = nil
      return
    }
    var changed = source
    for index in blank..<end { changed[index] = UInt8(ascii: " ") }
    withoutLocal = changed
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
