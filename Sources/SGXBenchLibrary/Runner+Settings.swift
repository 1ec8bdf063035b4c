import BenchReport
import CSGXBench
import ScenarioLanguage

private let version = CText(Bench.version)

@c(sgxbench_version) @implementation
public func sgxbench_version() -> UnsafePointer<CChar>? { version.pointer }

@c(sgxbench_interface) @implementation
public func sgxbench_interface() -> Int32 { SGXBENCH_INTERFACE }

@c(sgxbench_runner_set_driver) @implementation
public func sgxbench_runner_set_driver(_ runner: OpaquePointer?, _ name: UnsafePointer<CChar>?) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let name = text(name) else { return runner.refuse(SGXBENCH_INVALID, "the driver's name is NULL or no UTF-8") }
  do throws(DriverVersion.UnknownName) {
    runner.options.driver = try .resolve(name)
  } catch {
    return runner.refuse(SGXBENCH_NAME, error.text)
  }
  return runner.succeed()
}

@c(sgxbench_runner_set_seed) @implementation
public func sgxbench_runner_set_seed(_ runner: OpaquePointer?, _ seed: UInt64) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  runner.options.seed = seed
  return runner.succeed()
}

@c(sgxbench_runner_set_limits) @implementation
public func sgxbench_runner_set_limits(
  _ runner: OpaquePointer?, _ fuel: Int64, _ memory: Int64, _ source: Int64, _ output: Int64
) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard [fuel, memory, source, output].allSatisfy({ (1...1 << 40).contains($0) }) else {
    return runner.refuse(SGXBENCH_INVALID, "a limit is 1 to 2^40")
  }
  runner.options.setLimits(fuel: fuel, memory: Int(memory), source: Int(source), output: Int(output))
  return runner.succeed()
}

@c(sgxbench_runner_set_module) @implementation
public func sgxbench_runner_set_module(
  _ runner: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ source: UnsafePointer<CChar>?, _ length: Int
) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let name = text(name), let source = bytes(source, length) else {
    return runner.refuse(SGXBENCH_INVALID, "the module's name or source is NULL, or the name no UTF-8")
  }
  // The rules of a module's name are those of one with functions.
  do throws(HostRegistrationError) {
    var probe = ScenarioRunner(options: runner.options)
    try probe.register("probe", in: name) { _ in [] }
  } catch {
    return runner.refuse(SGXBENCH_NAME, error.text)
  }
  runner.modules.removeAll { $0.name == name }
  runner.modules.append((name, source))
  return runner.succeed()
}

@c(sgxbench_runner_set_image) @implementation
public func sgxbench_runner_set_image(
  _ runner: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ path: UnsafePointer<CChar>?, _ sigStructPath: UnsafePointer<CChar>?
) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let name = text(name), let path = text(path), sigStructPath == nil || text(sigStructPath) != nil else {
    return runner.refuse(SGXBENCH_INVALID, "the image's name or path is NULL, or one of the texts no UTF-8")
  }
  runner.options.images[name] = ImageSource(path: path, sigStructPath: text(sigStructPath))
  return runner.succeed()
}

@c(sgxbench_runner_inject) @implementation
public func sgxbench_runner_inject(_ runner: OpaquePointer?, _ fault: UnsafePointer<CChar>?) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let words = text(fault) else { return runner.refuse(SGXBENCH_INVALID, "the fault is NULL or no UTF-8") }
  do throws(FaultText.Problem) {
    runner.options.injections.append(try FaultText.parse(words))
    runner.faults.append(words)
  } catch {
    return runner.refuse(SGXBENCH_NAME, error.text)
  }
  return runner.succeed()
}

@c(sgxbench_runner_cancel_faults) @implementation
public func sgxbench_runner_cancel_faults(_ runner: OpaquePointer?) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  runner.options.injections = []
  runner.faults = []
  return runner.succeed()
}

@c(sgxbench_runner_set_option) @implementation
public func sgxbench_runner_set_option(
  _ runner: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?
) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let name = text(name), let value = text(value) else {
    return runner.refuse(SGXBENCH_INVALID, "the option's name or value is NULL or no UTF-8")
  }
  runner.options.arguments.append((name, value))
  return runner.succeed()
}

@c(sgxbench_runner_set_stories) @implementation
public func sgxbench_runner_set_stories(_ runner: OpaquePointer?, _ wanted: Bool) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  runner.options.tellsStories = wanted
  return runner.succeed()
}

@c(sgxbench_runner_set_function) @implementation
public func sgxbench_runner_set_function(
  _ runner: OpaquePointer?, _ module: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?,
  _ function: (@convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Bool)?, _ context: UnsafeMutableRawPointer?
) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  guard let module = text(module), let name = text(name), let function else {
    return runner.refuse(SGXBENCH_INVALID, "the module, the name or the function is NULL, or a name no UTF-8")
  }
  runner.functions.append(HostedFunction(module: module, name: name, body: function, context: context))
  do throws(HostRegistrationError) {
    _ = try runner.makeScenarioRunner()
  } catch {
    runner.functions.removeLast()
    return runner.refuse(SGXBENCH_NAME, error.text)
  }
  return runner.succeed()
}

@c(sgxbench_runner_set_observer) @implementation
public func sgxbench_runner_set_observer(
  _ runner: OpaquePointer?, _ observer: (@convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void)?,
  _ context: UnsafeMutableRawPointer?
) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  runner.observer = observer.map { ($0, context) }
  return runner.succeed()
}

@c(sgxbench_runner_set_stop) @implementation
public func sgxbench_runner_set_stop(_ runner: OpaquePointer?, _ stop: OpaquePointer?) -> sgxbench_status {
  guard let runner = object(runner, Runner.self) else { return SGXBENCH_INVALID }
  runner.stop = object(stop, RunStop.self)
  return runner.succeed()
}

@c(sgxbench_stop_create) @implementation
public func sgxbench_stop_create() -> OpaquePointer? { handOver(RunStop()) }

@c(sgxbench_stop_free) @implementation
public func sgxbench_stop_free(_ stop: OpaquePointer?) { release(stop, RunStop.self) }

@c(sgxbench_stop_request) @implementation
public func sgxbench_stop_request(_ stop: OpaquePointer?, _ reason: UnsafePointer<CChar>?) {
  object(stop, RunStop.self)?.request(text(reason) ?? "stopped")
}
