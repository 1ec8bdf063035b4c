import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// The functions of a machine. Its rows are in `API/MachineAPI.swift`; tasks are in `CallBindings.swift` and the prelude.
enum MachineBindings {
  static func body(of key: String) -> APIBody? {
    switch key {
    case "process": process
    case "power_cycle": powerCycle
    case "update_microcode": updateMicrocode
    case "inject": inject
    case "struck": struck
    case "cancel_injections": cancelInjections
    case "visits": visits
    case "trace": MachineLooks.trace
    case "reclaim": MemoryBindings.reclaim
    case "ksgxd": MemoryBindings.ksgxd
    default: nil
    }
  }

  static func look(at key: String) -> APIBody? { MachineLooks.look(at: key) }

  private static func process(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    let node = arguments.number("node")
    let nodes = box.machine.configuration.nodeCount
    guard node >= 0, node < Int64(nodes) else { throw arguments.problem("node", "is 0 to \(nodes - 1) on this machine, got \(node)") }
    guard arguments.call.charge(fuel: 1_000), context.keep(2048, arguments.call) else { return .done }
    let process = box.machine.makeProcess(node: Int(node))
    try SurroundingBindings.introduce(process, to: &box.machine, arguments)
    arguments.call.push(context.processes.insert(ProcessBox(machine: box, id: process)))
    return .done
  }

  private static func powerCycle(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let name = try arguments.text("kind") ?? ""
    guard let kind = PowerCycleKind(rawValue: name) else {
      throw BindingError("machine:power_cycle: no power cycle is called '\(name)' (\(PowerCycleKind.allCases.map(\.rawValue).joined(separator: ", ")))")
    }
    let box = try context.machine(arguments.call)
    guard arguments.call.charge(fuel: 100 + Int64(box.look { $0.driver.pool.touchedCount })) else { return .done }
    box.machine.powerCycle(kind)
    return .done
  }

  private static func updateMicrocode(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    try context.machine(arguments.call).machine.updateMicrocode()
    return .done
  }

  private static func inject(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    guard arguments.call.charge(fuel: 100 + Int64(box.machine.environment.plan.planned.count)), context.keep(256, arguments.call) else { return .done }
    var counted = "nth", n: UInt64 = 1
    for name in ["nth", "every", "visit"] {
      if let value = arguments.optionalUnsigned("at.\(name)") { (counted, n) = (name, value) }
    }
    let signal = try arguments.text("signal"), kind = try arguments.text("kind"), code = try arguments.text("code")
    let named = try arguments.text("fault")
    guard let fault = signal == nil ? named : "signal" else {
      throw BindingError("machine:inject: \(arguments.place("fault")) is missing (or \(arguments.name("signal")))")
    }
    let detail = signal ?? kind ?? code
    let site = try arguments.text("at.site")
    let times = try arguments.flag("persistent") ? 0 : arguments.unsigned("times")
    do throws(FaultText.Problem) {
      let injection = try FaultText.injection(
        fault, detail: detail, address: arguments.unsigned("address"), length: arguments.unsigned("length"))
      let fault = try FaultText.plan(injection, site: site, counted: counted, n: n, times: times)
      arguments.call.push(box.machine.inject(fault.injection, at: fault.trigger))
    } catch {
      throw BindingError("machine:inject: \(escapeForDisplay(Array(error.text.utf8)))")
    }
    return .done
  }

  private static func struck(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    let index = arguments.number("number")
    let planned = box.machine.environment.plan.planned
    guard planned.indices.contains(Int(index)) else { throw BindingError("machine:struck: no injection has number \(index)") }
    arguments.call.push(Int64(planned[Int(index)].struck))
    return .done
  }

  private static func cancelInjections(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    try context.machine(arguments.call).machine.cancelInjections()
    return .done
  }

  private static func visits(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let environment = try context.machine(arguments.call).machine.environment
    guard let name = try arguments.text("site") else {
      arguments.call.push(Int64(environment.visits))
      return .done
    }
    guard arguments.call.charge(fuel: 1_000) else { return .done }
    guard let sites = SiteSet(name: name) else {
      let suggestion = NearestWord.suggestion(for: name, among: Site.all.map(\.name))
      throw BindingError("machine:visits: no site is called '\(escapeForDisplay(Array(name.utf8)))'\(suggestion)")
    }
    arguments.call.push(Int64(environment.visits(of: sites)))
    return .done
  }
}

extension MachineBox {
  /// What the machine found out about its driver so far.
  var findingNames: [String] {
    machine.breaches.map(\.invariant.rawValue) + (machine.finding.map { [FindingName.name(of: $0)] } ?? [])
  }
}
