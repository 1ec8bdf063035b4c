import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// `sgx.machine` and the functions of a machine.
enum MachineBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    registerMaking(on: lua, context)
    registerFaults(on: lua, context)
    registerLooking(on: lua, context)
    registerTrace(on: lua, context)
  }

  private static func registerMaking(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("new_machine") { (call) throws(BindingError) in
      guard context.test != nil else { throw BindingError("sgx.machine: machines are made inside tests and hooks") }
      let bytes = UInt64(bitPattern: try call.integer(1))
      guard bytes > 0, bytes % pageSize == 0, bytes / pageSize <= UInt64(MachineConfiguration.pageCountMax) else {
        throw BindingError("sgx.machine: field 'epc' must be a multiple of 4096 from 4 KiB to 1 TiB, got \(shownNumber(bytes))")
      }
      var configuration = MachineConfiguration(
        pageCount: UInt32(bytes / pageSize), driver: context.options.driver, seed: context.options.seed)
      let driver = try call.optionalString(2)
      if let driver { configuration.driver = try ValueBindings.driver(named: driver) }
      if let name = try call.optionalString(3) { configuration.processor = try processor(named: name) }
      configuration.runsBackgroundReclaimer = try choice(call, 4, "ksgxd", ["auto": true, "manual": false]) ?? true
      configuration.checks =
        try choice(
          call, 5, "check", ["every-operation": .everyOperation, "every-step": .everyStep, "never": .never]) ?? .everyOperation
      if let seed = try call.optionalInteger(6) { configuration.seed = UInt64(bitPattern: seed) }
      if let nodes = try call.optionalString(7) { try layOut(nodes, in: &configuration) }
      if let switches = try call.optionalString(8) { apply(switches, to: &configuration.driver) }
      configuration.keepsMeasurementRecords = call.isAbsent(9) ? false : try call.boolean(9)
      let isJudged = context.options.collectsEvidence || context.test?.claims.isEmpty == false
      configuration.keepsCalls = isJudged || context.options.tellsStories
      configuration.keepsWholeTrace = context.options.keepsTrace || configuration.keepsCalls
      if !isJudged, !context.options.keepsTrace { configuration.recordsMax = MachineStory.recordsMax }
      guard call.charge(fuel: 10_000) else { return .done }
      let box = MachineBox(Machine(configuration))
      box.isPinned = driver != nil
      for fault in context.options.injections { box.machine.inject(fault.injection, at: fault.trigger) }
      context.machinesOfTest.append(box)
      call.push(context.machines.insert(box))
      return .done
    }
    lua.register("new_process") { (call) throws(BindingError) in
      let box = try context.machine(call)
      let node = try call.integer(2)
      let nodes = box.machine.configuration.nodeCount
      guard node >= 0, node < Int64(nodes) else {
        throw BindingError("machine:process: field 'node' is 0 to \(nodes - 1) on this machine, got \(node)")
      }
      guard call.charge(fuel: 1_000) else { return .done }
      call.push(context.processes.insert(ProcessBox(machine: box, id: box.machine.makeProcess(node: Int(node)))))
      return .done
    }
  }

  /// Nodes as the prelude wrote them: bytes of EPC, with commas between.
  private static func layOut(_ text: String, in configuration: inout MachineConfiguration) throws(BindingError) {
    let sizes = text.split(separator: ",").compactMap { Int64($0) }
    guard (1...Self.nodesMax).contains(sizes.count) else {
      throw BindingError("sgx.machine: field 'numa' has 1 to \(Self.nodesMax) nodes, got \(sizes.count)")
    }
    var sections: [EPCSection] = []
    var total: UInt64 = 0
    for (node, size) in sizes.enumerated() {
      let bytes = UInt64(bitPattern: size)
      guard bytes % pageSize == 0, bytes / pageSize <= UInt64(MachineConfiguration.pageCountMax) else {
        throw BindingError("sgx.machine: field 'numa': the EPC of a node is a multiple of 4096 up to 1 TiB, got \(bytes)")
      }
      total += bytes / pageSize
      if bytes > 0 { sections.append(EPCSection(pageCount: UInt32(bytes / pageSize), node: node)) }
    }
    guard total > 0, total <= UInt64(MachineConfiguration.pageCountMax) else {
      throw BindingError("sgx.machine: field 'numa': all nodes together have 4 KiB to 1 TiB of EPC")
    }
    configuration.setSections(sections, nodes: sizes.count)
  }

  /// Nodes of a machine: more than any driver version has sections for.
  private static let nodesMax = 512

  /// Behaviours as the prelude wrote them, names and values checked: `capsAddPages=true`, with commas between.
  private static func apply(_ text: String, to version: inout DriverVersion) {
    for part in text.split(separator: ",") {
      let pieces = part.split(separator: "=")
      guard pieces.count == 2, let behaviour = DriverBehaviour.named(String(pieces[0])) else {
        preconditionFailure("behaviours-named: the prelude passes names it has checked")
      }
      version[keyPath: behaviour.path] = pieces[1] == "true"
    }
  }

  private static func registerFaults(on lua: Interpreter, _ context: ScenarioContext) {
    lua.defineMethod(context.machineType, "power_cycle", arguments: 1) { (call) throws(BindingError) in
      let name = try call.optionalString(2) ?? "S3"
      guard let kind = PowerCycleKind(rawValue: name) else {
        throw BindingError("machine:power_cycle: no power cycle is called '\(name)' (S3, S4, migration)")
      }
      try context.machine(call).machine.powerCycle(kind)
      return .done
    }
    lua.defineMethod(context.machineType, "update_microcode", arguments: 0) { (call) throws(BindingError) in
      try context.machine(call).machine.updateMicrocode()
      return .done
    }
    lua.register("inject") { (call) throws(BindingError) in
      let box = try context.machine(call)
      guard call.charge(fuel: 100 + Int64(box.machine.environment.plan.planned.count)) else { return .done }
      do throws(FaultText.Problem) {
        let fault = try FaultText.plan(
          FaultText.injection(
            text(call, 2), detail: call.isAbsent(3) ? nil : text(call, 3), address: number(call, 8), length: number(call, 9)),
          site: call.isAbsent(4) ? nil : text(call, 4), counted: text(call, 5), n: number(call, 6), times: number(call, 7))
        call.push(box.machine.inject(fault.injection, at: fault.trigger))
      } catch {
        throw BindingError("machine:inject: \(error.text)")
      }
      return .done
    }
    lua.defineMethod(context.machineType, "cancel_injections", arguments: 0) { (call) throws(BindingError) in
      try context.machine(call).machine.cancelInjections()
      return .done
    }
    lua.defineMethod(context.machineType, "struck", arguments: 1) { (call) throws(BindingError) in
      let box = try context.machine(call)
      let index = try call.integer(2)
      let planned = box.machine.environment.plan.planned
      guard planned.indices.contains(Int(index)) else { throw BindingError("machine:struck: no injection has number \(index)") }
      call.push(Int64(planned[Int(index)].struck))
      return .done
    }
  }

  private static func registerLooking(on lua: Interpreter, _ context: ScenarioContext) {
    lua.defineMethod(context.machineType, "visits", arguments: 1) { (call) throws(BindingError) in
      let environment = try context.machine(call).machine.environment
      guard let name = try call.optionalString(2) else {
        call.push(Int64(environment.visits))
        return .done
      }
      guard call.charge(fuel: 1_000) else { return .done }
      guard let sites = SiteSet(name: name) else { throw BindingError("machine:visits: no site is called '\(name)'") }
      call.push(Int64(environment.visits(of: sites)))
      return .done
    }
    lua.register("epc") { (call) throws(BindingError) in
      let machine = try context.machine(call).machine
      call.push(Int64(machine.driver.pool.total))
      call.push(Int64(machine.driver.pool.freeCount))
      call.push(Int64(machine.driver.pool.leakedCount))
      call.push(Int64(machine.driver.pool.queuedCount))
      call.push(Int64(machine.processor.validPageCount))
      return .done
    }
    lua.register("warning_count") { (call) throws(BindingError) in
      call.push(try context.machine(call).machine.driver.log.warnings.count)
      return .done
    }
    lua.register("warning") { (call) throws(BindingError) in
      let warning = try context.machine(call).machine.driver.log.warnings[Int(try call.integer(2)) - 1]
      try call.push(warning.site.name)
      try call.push(warning.text)
      call.push(Int64(warning.value))
      call.push(Int64(warning.tick.rawValue))
      return .done
    }
    lua.register("clock") { (call) throws(BindingError) in
      call.push(Int64(try context.machine(call).machine.environment.now.rawValue))
      return .done
    }
    lua.register("driver_name") { (call) throws(BindingError) in
      try call.push(try context.machine(call).machine.driver.version.label)
      return .done
    }
    lua.register("behaviour") { (call) throws(BindingError) in
      let version = try context.machine(call).machine.driver.version
      guard let behaviour = DriverBehaviour.named(try call.string(2)) else { throw BindingError("no behaviour of that name") }
      call.push(version[keyPath: behaviour.path])
      return .done
    }
    lua.register("finding_count") { (call) throws(BindingError) in
      call.push(try context.machine(call).findingNames.count)
      return .done
    }
    lua.register("finding") { (call) throws(BindingError) in
      try call.push(try context.machine(call).findingNames[Int(try call.integer(2)) - 1])
      return .done
    }
  }

  private static func registerTrace(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("prepare_trace") { (call) throws(BindingError) in
      let box = try context.machine(call)
      context.traceLines = box.machine.environment.trace.suffix(Int(clamping: max(0, try call.integer(2))))
      call.push(context.traceLines.count)
      return .done
    }
    lua.register("trace_line") { (call) throws(BindingError) in
      try call.push(context.traceLines[Int(try call.integer(2)) - 1].text)
      return .done
    }
  }

  private static func processor(named name: String) throws(BindingError) -> ProcessorProfile {
    guard let profile = ProcessorProfile.named.first(where: { $0.name == name }) else {
      throw BindingError("sgx.machine: no processor is called '\(name)' (\(ProcessorProfile.named.map(\.name).joined(separator: ", ")))")
    }
    return profile
  }

  private static func choice<Value>(
    _ call: borrowing Call, _ position: Int, _ field: String, _ values: KeyValuePairs<String, Value>
  ) throws(BindingError) -> Value? {
    guard let name = try call.optionalString(position) else { return nil }
    guard let value = values.first(where: { $0.key == name })?.value else {
      throw BindingError("sgx.machine: field '\(field)' has no value '\(name)' (\(values.map(\.key).joined(separator: ", ")))")
    }
    return value
  }

  /// Arguments the prelude has checked already.
  private static func text(_ call: borrowing Call, _ position: Int) -> String {
    guard case .bytes(let bytes) = call.value(position) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func number(_ call: borrowing Call, _ position: Int) -> UInt64 {
    guard case .integer(let value) = call.value(position) else { return 0 }
    return UInt64(bitPattern: value)
  }
}

extension MachineBox {
  /// What the machine found out about its driver so far.
  var findingNames: [String] {
    machine.breaches.map(\.invariant.rawValue) + (machine.finding.map { [FindingName.name(of: $0)] } ?? [])
  }
}
