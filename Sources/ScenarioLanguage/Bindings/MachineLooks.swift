import LinuxKernel
import LuaHost
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// What can be seen of a machine.
enum MachineLooks {
  static func look(at key: String) -> APIBody? {
    switch key {
    case "epc": epc
    case "log": log
    case "findings": findings
    case "clock": clock
    case "driver": driver
    case "behaviours": behaviours
    default: nil
    }
  }

  private static func epc(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    let machine = box.machine
    guard arguments.call.charge(fuel: 30 + Int64(machine.driver.enclaves.count)) else { return .done }
    try arguments.call.push(context.recordType(.epc)) { (record) throws(BindingError) in
      record.set("total", Int64(machine.driver.pool.total))
      record.set("free", Int64(machine.driver.pool.freeCount))
      record.set("leaked", Int64(machine.driver.pool.leakedCount))
      record.set("reclaimable", Int64(machine.driver.pool.queuedCount))
      record.set("valid", Int64(machine.processor.validPageCount))
      record.set("evicted", Int64(machine.driver.enclaves.reduce(0) { $0 + ($1?.slots.evictedCount ?? 0) }))
      record.set("evictions", machine.driver.evictions)
    }
    return .done
  }

  private static func log(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let warnings = try context.machine(arguments.call).machine.driver.log.warnings
    guard arguments.call.charge(fuel: 10 * Int64(warnings.count)) else { return .done }
    let type = context.recordType(.warning)
    arguments.call.begin(context.recordType(.log))
    arguments.call.pushList(count: warnings.count)
    for warning in warnings {
      try arguments.call.push(type) { (record) throws(BindingError) in
        try record.set("site", warning.site.name)
        try record.set("text", warning.text)
        record.set("value", Int64(warning.value))
        record.set("tick", Int64(warning.tick.rawValue))
      }
    }
    return .done
  }

  private static func findings(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let names = try context.machine(arguments.call).findingNames
    arguments.call.pushList(count: names.count)
    for name in names { try arguments.call.push(name) }
    return .done
  }

  private static func clock(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    arguments.call.push(Int64(try context.machine(arguments.call).machine.environment.now.rawValue))
    return .done
  }

  private static func driver(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    // Which of its behaviours are switched is found out by looking at each.
    guard arguments.call.charge(fuel: 4 * Int64(DriverBehaviour.all.count)) else { return .done }
    try arguments.call.push(box.machine.driver.version.label)
    return .done
  }

  private static func behaviours(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let version = try context.machine(arguments.call).machine.driver.version
    guard arguments.call.charge(fuel: 4 * Int64(DriverBehaviour.all.count)) else { return .done }
    let type = context.recordType("machine.behaviours", DriverBehaviour.all.map { ($0.name, $0.name) }, isReadOnly: true)
    try arguments.call.push(type) { (record) throws(BindingError) in
      for behaviour in DriverBehaviour.all { record.set(behaviour.name, version[keyPath: behaviour.path]) }
    }
    return .done
  }

  /// The last events (all that are kept, where no number is said), oldest first, as text.
  static func trace(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    let events = box.machine.environment.trace.suffix(Int(clamping: max(0, arguments.number("n"))))
    guard arguments.call.charge(fuel: 20 * Int64(events.count)) else { return .done }
    arguments.call.pushList(count: events.count)
    for event in events { try arguments.call.push(event.text) }
    return .done
  }
}
