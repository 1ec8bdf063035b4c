import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import Testbench

/// Enclave mappings, accesses from outside, eviction.
enum MemoryBindings {
  static func read(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    try access(.read, arguments, context)
  }

  /// One access from outside an enclave, with its page fault. What is read from an enclave is all ones; only the outcome matters.
  static func access(
    _ kind: AccessKind, _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    try checkAlive(box, arguments.row.owner)
    let access = AccessCall(process: box.id, address: UserAddress(arguments.unsigned("address")), kind: kind)
    return try CallBindings.make(.access(access), on: box.machine, arguments.call, context)
  }

  static func mmap(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    try checkAlive(box, arguments.row.owner)
    let enclave = try context.enclave(arguments.call, arguments.position("enclave"))
    guard enclave.machine === box.machine, enclave.process == box.id else {
      throw BindingError("process:mmap: the descriptor is another process's; share it first")
    }
    let created = box.machine.look { $0.driver[enclave.id].created }
    let address = arguments.optionalUnsigned("address") ?? created?.baseAddress.rawValue
    var request = MmapRequest(
      address: address.map { UserAddress($0) }, length: ByteCount(try arguments.length(default: created?.size)),
      protection: try arguments.permissions("prot"))
    request.isShared = try !arguments.flag("private")
    request.readImpliesExecute = try arguments.flag("read_implies_exec")
    return try CallBindings.make(
      .mmap(MmapCall(process: box.id, descriptor: enclave.descriptor, request: request)), on: box.machine, arguments.call, context)
  }

  static func mprotect(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    try checkAlive(box, arguments.row.owner)
    let protect = MprotectCall(
      process: box.id, address: UserAddress(arguments.unsigned("address")), length: ByteCount(try arguments.length()),
      protection: try arguments.permissions("prot"), readImpliesExecute: try arguments.flag("read_implies_exec"))
    return try CallBindings.make(.mprotect(protect), on: box.machine, arguments.call, context)
  }

  static func munmap(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    try checkAlive(box, arguments.row.owner)
    let unmap = MunmapCall(
      process: box.id, address: UserAddress(arguments.unsigned("address")), length: ByteCount(try arguments.length()))
    return try CallBindings.make(.munmap(unmap), on: box.machine, arguments.call, context)
  }

  /// Batches of sixteen pages, written out now as `ksgxd` would.
  static func reclaim(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    return try CallBindings.make(.reclaim(ReclaimCall(.batches(arguments.unsigned("batches")))), on: box, arguments.call, context)
  }

  /// `ksgxd`, awake.
  static func ksgxd(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.machine(arguments.call)
    let extent = ReclaimCall.Extent.untilHighWatermark(batchesMax: arguments.unsigned("batches"))
    return try CallBindings.make(.reclaim(ReclaimCall(extent)), on: box, arguments.call, context)
  }

  private static func checkAlive(_ box: ProcessBox, _ owner: String) throws(BindingError) {
    guard box.machine.look({ $0.driver.processes[box.id.rawValue].isAlive }) else {
      throw BindingError("\(owner): the process has ended")
    }
  }
}

extension AccessOutcome {
  /// What a script reads as the outcome.
  var scenarioName: String {
    switch self {
    case .hit, .mapped, .userMemory: "ok"
    case .retry: "retry"
    case .busError: "SIGBUS"
    case .segmentationFault: "SIGSEGV"
    case .outOfMemory: "OOM"
    }
  }

  /// Whether there was a page fault.
  var hasFault: Bool {
    switch self {
    case .hit, .userMemory: false
    case .mapped, .retry, .busError, .segmentationFault, .outOfMemory: true
    }
  }
}
