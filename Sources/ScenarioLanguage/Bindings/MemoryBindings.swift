import LuaHost
import SGXArchitecture
import SGXDriver
import Testbench

/// Enclave mappings, accesses from outside, eviction.
enum MemoryBindings {
  /// Batches that one call of a script may ask for.
  private static let batchesMax: Int64 = 4096

  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    registerMappings(on: lua, context)
    registerEviction(on: lua, context)
    lua.register("access") { (call) throws(BindingError) in
      let box = try context.process(call)
      let isWrite = try call.string(3) == "write"
      try checkAlive(box, isWrite ? "process:write" : "process:read")
      let access = AccessCall(process: box.id, address: try address(call, 2), kind: isWrite ? .write : .read)
      return try CallBindings.make(.access(access), on: box.machine, call, context)
    }
  }

  private static func registerMappings(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("mmap") { (call) throws(BindingError) in
      let box = try context.process(call)
      try checkAlive(box, "process:mmap")
      let enclave = try context.enclave(call, 2)
      guard enclave.machine === box.machine, enclave.process == box.id else {
        throw BindingError("process:mmap: the descriptor is another process's; share it first")
      }
      var request = MmapRequest(
        address: try call.optionalInteger(3).map { UserAddress(UInt64(bitPattern: $0)) }, length: try length(call, 4),
        protection: try ValueBindings.permissions(try call.string(5), owner: "process:mmap"))
      request.isShared = try !call.boolean(6)
      request.readImpliesExecute = try call.boolean(7)
      return try CallBindings.make(
        .mmap(MmapCall(process: box.id, descriptor: enclave.descriptor, request: request)), on: box.machine, call, context)
    }
    lua.register("mprotect") { (call) throws(BindingError) in
      let box = try context.process(call)
      try checkAlive(box, "process:mprotect")
      let protect = MprotectCall(
        process: box.id, address: try address(call, 2), length: try length(call, 3),
        protection: try ValueBindings.permissions(try call.string(4), owner: "process:mprotect"),
        readImpliesExecute: try call.boolean(5))
      return try CallBindings.make(.mprotect(protect), on: box.machine, call, context)
    }
    lua.register("munmap") { (call) throws(BindingError) in
      let box = try context.process(call)
      try checkAlive(box, "process:munmap")
      let unmap = MunmapCall(process: box.id, address: try address(call, 2), length: try length(call, 3))
      return try CallBindings.make(.munmap(unmap), on: box.machine, call, context)
    }
  }

  private static func registerEviction(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("reclaim") { (call) throws(BindingError) in
      let box = try context.machine(call)
      let batches = try call.integer(2)
      let isBackground = try call.boolean(3)
      guard (1...batchesMax).contains(batches) else {
        throw BindingError("machine:\(isBackground ? "ksgxd" : "reclaim"): field 'batches' is 1 to \(batchesMax), got \(batches)")
      }
      let extent: ReclaimCall.Extent =
        isBackground ? .untilHighWatermark(batchesMax: UInt64(batches)) : .batches(UInt64(batches))
      return try CallBindings.make(.reclaim(ReclaimCall(extent)), on: box, call, context)
    }
    lua.register("evicted_pages") { (call) throws(BindingError) in
      let driver = try context.machine(call).machine.driver
      guard call.charge(fuel: 10 + Int64(driver.enclaves.count)) else { return .done }
      call.push(Int64(driver.enclaves.reduce(0) { $0 + ($1?.slots.evictedCount ?? 0) }))
      call.push(Int64(bitPattern: driver.evictions))
      return .done
    }
    func integer(_ name: String, _ read: @escaping (Enclave) -> UInt64) {
      lua.register(name) { (call) throws(BindingError) in
        let box = try context.enclave(call)
        call.push(Int64(bitPattern: box.machine.look { read($0.driver[box.id]) }))
        return .done
      }
    }
    integer("enclave_resident") { $0.slots.residentCount }
    integer("enclave_evicted") { $0.slots.evictedCount }
    lua.register("enclave_secs_resident") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      call.push(box.machine.look { $0.driver[box.id].secsPage != nil })
      return .done
    }
  }

  private static func checkAlive(_ box: ProcessBox, _ owner: String) throws(BindingError) {
    guard box.machine.look({ $0.driver.processes[box.id.rawValue].isAlive }) else {
      throw BindingError("\(owner): the process has ended")
    }
  }

  private static func address(_ call: borrowing Call, _ position: Int) throws(BindingError) -> UserAddress {
    UserAddress(UInt64(bitPattern: try call.integer(position)))
  }

  private static func length(_ call: borrowing Call, _ position: Int) throws(BindingError) -> ByteCount {
    ByteCount(UInt64(bitPattern: try call.integer(position)))
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
