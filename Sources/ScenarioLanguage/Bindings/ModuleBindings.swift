import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// The module `sgx`. Its rows are in `API/SgxAPI.swift`.
enum ModuleBindings {
  static func body(of key: String) -> APIBody? {
    switch key {
    case "machine": machine
    case "tcs": tcs
    case "sigstruct": LaunchBindings.sigStruct
    case "drivers": drivers
    case "random": random
    default: nil
    }
  }

  private static func machine(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard context.test != nil else { throw BindingError("sgx.machine: machines are made inside tests and hooks") }
    var configuration = try sized(arguments, context)
    let driver = try arguments.text("driver")
    if let driver { configuration.driver = try ValueBindings.driver(named: driver) }
    if let name = try arguments.text("processor") { configuration.processor = try processor(named: name) }
    configuration.runsBackgroundReclaimer = arguments.word("ksgxd") == 0
    configuration.checks =
      switch arguments.word("check") {
      case 0: .everyOperation
      case 1: .everyStep
      default: .never
      }
    if let seed = arguments.optionalUnsigned("seed") { configuration.seed = seed }
    try switchBehaviours(arguments, of: &configuration.driver)
    configuration.keepsMeasurementRecords = try arguments.flag("records")
    let isJudged = context.options.collectsEvidence || context.test?.claims.isEmpty == false
    configuration.keepsCalls = isJudged || context.options.tellsStories
    configuration.keepsWholeTrace = context.options.keepsTrace || configuration.keepsCalls
    if !isJudged, !context.options.keepsTrace { configuration.recordsMax = MachineStory.recordsMax }
    guard arguments.call.charge(fuel: 10_000), context.keep(32 << 10, arguments.call) else { return .done }
    var machine = Machine(configuration)
    try SurroundingBindings.surround(&machine, arguments)
    let box = MachineBox(machine)
    box.isPinned = driver != nil
    for fault in context.options.injections { box.machine.inject(fault.injection, at: fault.trigger) }
    context.machinesOfTest.append(box)
    arguments.call.push(context.machines.insert(box))
    return .done
  }

  /// A configuration with the EPC that was asked for.
  private static func sized(_ arguments: borrowing Arguments, _ context: ScenarioContext) throws(BindingError) -> MachineConfiguration {
    let pageCountMax = UInt64(MachineConfiguration.pageCountMax)
    let bytes = UInt64(bitPattern: arguments.numberOrFallback("epc"))
    let numa = arguments.position("numa")
    if let count = arguments.call.listCount(numa) {
      guard arguments.isAbsent("epc") else { throw BindingError("sgx.machine: say either \(arguments.name("epc")) or \(arguments.name("numa"))") }
      return try layOut(count, arguments, context)
    }
    guard bytes > 0, bytes % pageSize == 0, bytes / pageSize <= pageCountMax else {
      throw arguments.problem("epc", "must be a multiple of 4096 from 4 KiB to 1 TiB, got \(shownNumber(bytes))")
    }
    return MachineConfiguration(pageCount: UInt32(bytes / pageSize), driver: context.options.driver, seed: context.options.seed)
  }

  /// EPC by nodes.
  private static func layOut(
    _ count: Int, _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> MachineConfiguration {
    guard (1...nodesMax).contains(count) else { throw arguments.problem("numa", "has 1 to \(nodesMax) nodes, got \(count)") }
    var sections: [EPCSection] = []
    var total: UInt64 = 0
    for node in 0..<count {
      let owner = "sgx.machine: \(arguments.place("numa"))"
      let size = try ValueBindings.wholeNumber(arguments.call.listValue(arguments.position("numa"), node), owner: owner)
      let bytes = UInt64(bitPattern: size)
      guard bytes % pageSize == 0, bytes / pageSize <= UInt64(MachineConfiguration.pageCountMax) else {
        throw BindingError("\(owner): the EPC of a node is a multiple of 4096 up to 1 TiB, got \(shownNumber(bytes))")
      }
      total += bytes / pageSize
      if bytes > 0 { sections.append(EPCSection(pageCount: UInt32(bytes / pageSize), node: node)) }
    }
    guard total > 0, total <= UInt64(MachineConfiguration.pageCountMax) else {
      throw BindingError("sgx.machine: \(arguments.place("numa")): all nodes together have 4 KiB to 1 TiB of EPC")
    }
    var configuration = MachineConfiguration(pageCount: 1, driver: context.options.driver, seed: context.options.seed)
    configuration.setSections(sections, nodes: count)
    return configuration
  }

  /// Nodes of a machine: more than any driver version has sections for.
  private static let nodesMax = 512

  /// `behaviours = { capsAddPages = true }`
  private static func switchBehaviours(_ arguments: borrowing Arguments, of version: inout DriverVersion) throws(BindingError) {
    let position = arguments.position("behaviours")
    guard let count = arguments.call.listCount(position) else { return }
    let owner = "sgx.machine: \(arguments.place("behaviours"))"
    var switches: [(name: String, value: LuaValue)] = []
    for index in 0..<count {
      guard case .bytes(let name) = arguments.call.listValue(position, index, width: 2) else {
        throw BindingError("\(owner): its keys are names of behaviours")
      }
      switches.append((String(decoding: name, as: UTF8.self), arguments.call.listValue(position, index, width: 2, 1)))
    }
    // A table of Lua has no order of its own.
    for (name, value) in switches.sorted(by: { $0.name < $1.name }) {
      guard let behaviour = DriverBehaviour.named(name) else {
        if DriverFact.unread(named: name) != nil {
          throw BindingError("\(owner): nothing asks for '\(name)' yet, so it cannot be switched (sgxbench explain drivers)")
        }
        let suggestion = NearestWord.suggestion(for: name, among: DriverBehaviour.all.map(\.name))
        throw BindingError("\(owner): unknown field '\(escapeForDisplay(Array(name.utf8)))'\(suggestion) (sgxbench explain drivers lists them)")
      }
      guard case .boolean(let isOn) = value else { throw BindingError("\(owner): field '\(name)' must be true or false, got \(value.shown)") }
      version[keyPath: behaviour.path] = isOn
    }
    if let conflict = version.conflict { throw BindingError("\(owner): \(conflict)") }
  }

  private static func processor(named name: String) throws(BindingError) -> ProcessorProfile {
    guard let profile = ProcessorProfile.named.first(where: { $0.name == name }) else {
      throw BindingError("sgx.machine: no processor is called '\(escapeForDisplay(Array(name.utf8)))' (\(ProcessorProfile.named.map(\.name).joined(separator: ", ")))")
    }
    return profile
  }

  private static func tcs(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let image = TCS.image(
      ossa: arguments.unsigned("ossa"), nssa: UInt32(truncatingIfNeeded: arguments.number("nssa")),
      oentry: arguments.unsigned("oentry"), flags: arguments.unsigned("flags"),
      fsLimit: UInt32(truncatingIfNeeded: arguments.number("fslimit")), gsLimit: UInt32(truncatingIfNeeded: arguments.number("gslimit")))
    try arguments.call.push(image)
    return .done
  }

  private static func drivers(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard arguments.call.charge(fuel: 8 * Int64(DriverRelease.known.count)) else { return .done }
    for release in DriverRelease.known { try arguments.call.push(release.name) }
    return .done
  }

  private static func random(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    arguments.call.push(Int64(context.random.next(below: arguments.unsigned("n"))) + 1)
    return .done
  }
}
