import ArgumentParser
import BenchReport
import LuaHost
import ScenarioLanguage

/// `sgxbench repl [FILE]`
struct Repl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs lines of Lua on a machine at hand.",
    discussion: """
      sgx, machine, process and enclave are there; what a line assigns without 'local' stays. On a terminal: Tab completes, Ctrl-C stops \
      a line, exit or Ctrl-D ends, and the status is 0. Without one, lines come from standard input, and the status is that of run: 1 where a \
      check failed, a law was broken or a limit was hit, 2 where a line was wrong.
      """)

  @Argument(
    help: ArgumentHelp("A script to run first; its globals stay, and tests it declares are not run.", valueName: "file"),
    completion: CompletionWords.scripts)
  var file: String?

  @OptionGroup var choices: MachineChoices
  @OptionGroup var time: TimeoutChoice

  mutating func run() throws {
    try time.apply()
    let options = try choices.options()
    guard try choices.drivers().count == 1 else { throw ValidationError("--driver: a session has one driver") }
    throw ExitCode(ReplRequest(file: file, options: options).perform().rawValue)
  }
}

/// What `sgxbench repl` was asked.
struct ReplRequest {
  var file: String?
  var options: RunOptions

  func perform() -> ExitStatus {
    var source: [UInt8]?
    do throws(Refusal) {
      if let file { source = try ScriptFile.read(file, limit: options.sourceLimit) }
    } catch {
      Message.write(error.text, hint: error.hint)
      return error.status
    }
    return ReplInterrupts.onBigStack { run(source) }
  }

  private func run(_ source: [UInt8]?) -> ExitStatus {
    let stopSwitch = StopSwitch()
    let place = file ?? "./"
    let limit = options.sourceLimit
    let printer = ReplPrinter()
    let session: InteractiveSession
    do throws(ScenarioError) {
      session = try InteractiveSession(
        options: options, stopSwitch: stopSwitch, output: { printer.write(output: $0) },
        module: { ScriptFile.module($0, besides: place, limit: limit) }, image: { ScriptFile.image($0, besides: place) })
    } catch {
      Message.write(error.text)
      return .badInput
    }
    let completion = ReplCompletion(session)
    let terminal = isTerminal(0) && isTerminal(1) ? ReplTerminal(stopSwitch, completion) : nil
    if terminal != nil { printer.write("\(Self.greeting(options))\n") }
    var loop = ReplLoop(session: session, printer: printer, completion: completion)
    if let source, let file { loop.run(file: source, name: file) }
    if let terminal { loop.run(terminal) } else { loop.run(PlainLines()) }
    return printer.finish(loop.status, onTerminal: terminal != nil)
  }

  private static func greeting(_ options: RunOptions) -> String {
    """
    sgxbench \(Bench.version), seed \(options.seed), driver \(options.driver.label)
    sgx, machine, process and enclave are there. Tab completes, help explains, exit ends.
    """
  }
}
