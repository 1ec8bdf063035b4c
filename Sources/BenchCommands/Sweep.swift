import ArgumentParser
import BenchReport
import ScenarioLanguage

/// `sgxbench sweep FILE --fault power`
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Strikes a fault at every point of every call of a scenario, each on a fork of the machine.",
    discussion: """
      After each strike the call runs to its end, a new enclave must load, everything is closed, and nothing may be leaked, warned of or \
      broken. Ends with 1 where a point did not survive.
      """)

  @Argument(help: ArgumentHelp("The script.", valueName: "file"), completion: CompletionWords.scripts)
  var file: String

  @Option(help: "The fault: power, nomem, efault, GP, PF, UD, or a signal's name.", completion: CompletionWords.faults)
  var fault = "power"

  @OptionGroup var choices: MachineChoices
  @OptionGroup var time: TimeoutChoice

  mutating func run() throws {
    try time.apply()
    var options = try choices.options()
    if try choices.drivers().count > 1 { throw ValidationError("--driver: a sweep is of one driver") }
    do throws(FaultText.Problem) { options.sweepFault = try FaultText.parseFault(fault) } catch {
      throw ValidationError("--fault: \(error.text)")
    }
    // A fork runs alone: there is no other task to go on with.
    if options.sweepFault == .runAnotherTask { throw ValidationError("--fault: other_task strikes nothing where a call runs alone") }
    throw ExitCode(perform(options, replayFlags: try choices.replayFlags()).rawValue)
  }

  private func perform(_ options: RunOptions, replayFlags: [String]) -> ExitStatus {
    var output = Output(descriptor: 1)
    var pretty = PrettyReport()
    pretty.begin(seeds: [options.seed], driver: options.driver.label)
    let result: FileResult
    do throws(Refusal) { result = try Deadline.watch(shown(file)) { () throws(Refusal) in try RunRequest.run(file, options) } } catch {
      Message.write(error.text, hint: error.hint)
      return error.status
    }
    let report = FileReport(result, driver: options.driver.label, seed: options.seed, replay: "")
    pretty.add(report)
    output.write(pretty.take())
    output.write("sweep of \(fault)\n")
    output.write(SweepReport(fault: fault, driver: options.driver.spelling, seed: options.seed, flags: replayFlags).text(of: result))
    let points = result.tests.reduce(0) { $0 + $1.sweep.count }
    let survived = result.tests.reduce(0) { $0 + $1.sweep.count { $0.survived } }
    output.write("\(survived) of \(points) points survived\n")
    output.complain()
    var status = report.exitStatus.or(survived == points ? .passed : .failed)
    if result.tests.contains(where: { $0.sweep.contains(where: \.breaksBench) }) { status = status.or(.benchBroken) }
    if points == 0, status == .passed {
      Message.write("\(file): nothing in it can be struck by \(fault)")
      status = .badInput
    }
    return output.error == 0 ? status : status.or(.output)
  }
}
