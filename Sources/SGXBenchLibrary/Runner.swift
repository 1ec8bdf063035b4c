import CSGXBench
import ScenarioLanguage

/// What a `sgxbench_runner` is.
final class Runner {
  var options = RunOptions()
  /// The injections among the options, as they were written.
  var faults: [String] = []
  var modules: [(name: String, source: [UInt8])] = []
  var functions: [HostedFunction] = []
  var observer: (call: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void, context: UnsafeMutableRawPointer?)?
  var stop: RunStop?
  private(set) var error = CText("")

  init() { options.digestsSources = true }

  func succeed() -> sgxbench_status {
    error = CText("")
    return SGXBENCH_OK
  }

  func refuse(_ status: sgxbench_status, _ text: String) -> sgxbench_status {
    error = CText(text)
    return status
  }

  /// A runner with the functions; each was registered on its own when it was set.
  func makeScenarioRunner() throws(HostRegistrationError) -> ScenarioRunner {
    var runner = ScenarioRunner(options: options)
    for function in functions { try runner.register(function.name, in: function.module) { given in try function.call(given) } }
    return runner
  }

  func run(_ source: [UInt8], name: String) throws(HostRegistrationError) -> RunOutcome {
    var runner = try makeScenarioRunner()
    if let observer {
      runner.observer = { [options, faults] event in
        guard case .testEnded(let test) = event else { return }
        let outcome = RunOutcome(FileResult(name: name, tests: [test]), options, faults)
        withExtendedLifetime(outcome) { observer.call(observer.context, lend(outcome)) }
      }
    }
    let result = runner.run(
      source: source, name: name, stop: stop ?? RunStop(), module: { wanted in self.modules.first { $0.name == wanted } })
    return RunOutcome(result, options, faults)
  }
}

@c(sgxbench_runner_create) @implementation
public func sgxbench_runner_create() -> OpaquePointer? { handOver(Runner()) }

@c(sgxbench_runner_free) @implementation
public func sgxbench_runner_free(_ runner: OpaquePointer?) { release(runner, Runner.self) }

@c(sgxbench_runner_error) @implementation
public func sgxbench_runner_error(_ runner: OpaquePointer?) -> UnsafePointer<CChar>? { object(runner, Runner.self)?.error.pointer }

@c(sgxbench_run) @implementation
public func sgxbench_run(
  _ runner: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ source: UnsafePointer<CChar>?, _ length: Int,
  _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> sgxbench_status {
  result?.pointee = nil
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let result else { return runner.refuse(SGXBENCH_INVALID, "no place for the result") }
  guard let name = text(name) else { return runner.refuse(SGXBENCH_INVALID, "the name is NULL or no UTF-8") }
  guard let source = bytes(source, length) else { return runner.refuse(SGXBENCH_INVALID, "the source is NULL") }
  do throws(HostRegistrationError) {
    result.pointee = handOver(try runner.run(source, name: name))
  } catch {
    return runner.refuse(SGXBENCH_NAME, error.text)
  }
  return runner.succeed()
}
