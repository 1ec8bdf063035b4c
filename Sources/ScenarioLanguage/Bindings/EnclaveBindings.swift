import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// Calls on `/dev/sgx_enclave`, and what can be seen of an enclave.
enum EnclaveBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    registerOpenAndClose(on: lua, context)
    registerCreate(on: lua, context)
    registerAddPages(on: lua, context)
    registerLooking(on: lua, context)
  }

  private static func registerOpenAndClose(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("open") { (call) throws(BindingError) in
      let box = try context.process(call)
      guard box.machine.machine.driver.processes[box.id.rawValue].isAlive else { throw BindingError("process:open: the process has ended") }
      let open = OpenCall(process: box.id, path: DevicePath(word: try call.optionalString(2)))
      return try CallBindings.make(.open(open), on: box.machine, call, context, .enclave(box.id))
    }
    lua.register("close") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      let place = "\(try call.optionalString(2) ?? "the script"):\(try call.optionalInteger(3) ?? 0)"
      box.closedAt = place
      return try CallBindings.make(.close(CloseCall(process: box.process, descriptor: box.descriptor)), on: box.machine, call, context)
    }
    lua.defineMethod(context.enclaveType, "dup", arguments: 0) { (call) throws(BindingError) in
      let box = try context.enclave(call)
      return try duplicate(box, for: box.process, "enclave:dup", call, context)
    }
    lua.defineMethod(context.enclaveType, "share", arguments: 1) { (call) throws(BindingError) in
      let box = try context.enclave(call)
      return try duplicate(box, for: try context.receiver(call, of: box.machine, "enclave:share"), "enclave:share", call, context)
    }
    lua.register("ioctl") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      let command = UInt32(truncatingIfNeeded: try call.integer(2))
      return try CallBindings.make(
        .unknownIoctl(UnknownIoctlCall(process: box.process, descriptor: box.descriptor, command: command)), on: box.machine, call,
        context)
    }
  }

  private static func duplicate(
    _ box: EnclaveBox, for receiver: ProcessID, _ owner: String, _ call: borrowing Call, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard let descriptor = try context.duplicate(box.descriptor, of: box.process, on: box.machine, for: receiver, owner, call) else {
      return .done
    }
    call.push(context.enclaves.insert(EnclaveBox(machine: box.machine, process: receiver, descriptor: descriptor, id: box.id)))
    return .done
  }

  private static func registerCreate(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("create") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      let size = UInt64(bitPattern: try call.integer(2))
      let base = try call.optionalInteger(3).map { UInt64(bitPattern: $0) } ?? box.machine.takeBase(size: size)
      var secs = SECS(
        size: size, baseAddress: LinearAddress(base), ssaFrameSize: UInt32(truncatingIfNeeded: try call.integer(4)),
        miscSelect: MiscSelect(rawValue: UInt32(truncatingIfNeeded: try call.integer(7))),
        attributes: AttributeFlags(rawValue: UInt64(bitPattern: try call.integer(5))),
        xfrm: XFRM(rawValue: UInt64(bitPattern: try call.integer(6))))
      if let offset = try call.optionalInteger(10) {
        guard SECS.reservedRanges.contains(where: { $0.contains(Int(offset)) }) else {
          throw BindingError("enclave:create: byte \(offset) of a SECS is not reserved")
        }
        secs.reservedBytesSet = [Int(offset)]
      }
      var request = CreateRequest(secs: secs)
      request.argumentIsReadable = try call.string(8) == "readable"
      request.secsIsReadable = try call.string(9) == "readable"
      return try CallBindings.make(
        .create(CreateCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, call, context)
    }
  }

  private static func registerAddPages(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("add_pages") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      var secInfo = SecInfo(flags: UInt64(bitPattern: try call.integer(5)))
      if let byte = try call.optionalInteger(9) {
        guard (0..<56).contains(byte) else { throw BindingError("secinfo: field 'reserved_byte' is 0 to 55, got \(byte)") }
        secInfo.reserved.setByte(Int(byte), to: 1)
      }
      var request = AddPagesRequest(
        source: UserAddress(UInt64(bitPattern: try call.integer(2))), enclaveOffset: EnclaveOffset(UInt64(bitPattern: try call.integer(3))),
        length: ByteCount(UInt64(bitPattern: try call.integer(4))), secInfo: secInfo, flags: UInt64(bitPattern: try call.integer(6)))
      let access = try call.string(7)
      request.argument = access == "unreadable" ? .unreadable : access == "read_only" ? .readOnly : .readWrite
      request.secInfoIsReadable = try call.string(8) == "readable"
      return try CallBindings.make(
        .addPages(AddPagesCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, call, context)
    }
    // One page from plain numbers: source, offset, SECINFO flags, measured. Returns errno (or nil) and the bytes added.
    lua.defineMethod(context.enclaveType, "add_page", arguments: 4) { (call) throws(BindingError) in
      let box = try context.enclave(call)
      let request = AddPagesRequest(
        source: UserAddress(UInt64(bitPattern: try call.integer(2))), enclaveOffset: EnclaveOffset(UInt64(bitPattern: try call.integer(3))),
        length: ByteCount(pageSize), secInfo: SecInfo(flags: UInt64(bitPattern: try call.integer(4))), flags: try call.boolean(5) ? 1 : 0)
      if context.currentTask != nil {
        return try CallBindings.make(
          .addPages(AddPagesCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, call, context, .page)
      }
      guard call.charge(fuel: box.machine.look { $0.fuelForPage }) else { return .done }
      if context.options.sweepFault != nil {
        context.sweep(.addPages(AddPagesCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine)
      }
      let result = box.machine.machine.addPages(request, descriptor: box.descriptor, process: box.process)
      if let errno = result.outcome.errno { try call.push(errno.name) } else { call.pushNil() }
      call.push(Int64(result.count ?? 0))
      return .done
    }
  }

  private static func registerLooking(on lua: Interpreter, _ context: ScenarioContext) {
    func integer(_ name: String, _ read: @escaping (Enclave) -> UInt64?) {
      lua.register(name) { (call) throws(BindingError) in
        let box = try context.enclave(call)
        if let value = read(box.machine.machine.driver[box.id]) { call.push(Int64(bitPattern: value)) } else { call.pushNil() }
        return .done
      }
    }
    integer("enclave_page_count") { $0.pageCount }
    integer("enclave_pages") { $0.slots.count }
    integer("enclave_child_count") { $0.secsChildCount }
    integer("enclave_version_arrays") { UInt64($0.versionArrays.count) }
    integer("enclave_base") { $0.created?.baseAddress.rawValue }
    integer("enclave_size") { $0.created?.size }
    lua.register("enclave_descriptor") { (call) throws(BindingError) in
      call.push(Int64(try context.enclave(call).descriptor.rawValue))
      return .done
    }
    lua.register("enclave_state") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      try call.push(box.machine.machine.driver[box.id].state.rawValue)
      return .done
    }
    lua.register("enclave_measurement") { (call) throws(BindingError) in
      guard call.charge(fuel: 300 + Int64(try context.enclave(call).machine.machine.processor.secsRecords.count)) else { return .done }
      if let measurement = try context.enclave(call).measurement { try call.push(measurement.digest.hex) } else { call.pushNil() }
      return .done
    }
    lua.register("enclave_blocks") { (call) throws(BindingError) in
      guard call.charge(fuel: 300 + Int64(try context.enclave(call).machine.machine.processor.secsRecords.count)) else { return .done }
      if let measurement = try context.enclave(call).measurement { call.push(Int64(measurement.blocks)) } else { call.pushNil() }
      return .done
    }
  }
}

extension DevicePath {
  /// The prelude's word for it; nil for none.
  init?(word: String?) {
    switch word {
    case "flat"?: self = .flat
    case "directory"?: self = .directory
    default: return nil
    }
  }
}

extension EnclaveBox {
  /// What EINIT would find now; nil before CREATE and after the EPC was lost.
  var measurement: Measurement? { secsRecord?.measurement }

  /// What the processor keeps of the enclave; nil before CREATE, after the EPC was lost, and while the SECS is evicted.
  var secsRecord: SECSRecord? {
    guard let page = machine.machine.driver[id].secsPage else { return nil }
    return machine.machine.processor.secsRecord(at: page)
  }
}

extension MachineBox {
  /// An address range of its own for an enclave that names none; 0 for sizes that cannot be placed.
  func takeBase(size: UInt64) -> UInt64 {
    guard size >= 4096, size <= 1 << 40, size & (size - 1) == 0 else { return 0 }
    let base = (nextBase + size - 1) & ~(size - 1)
    guard base + size <= 0x7fff_0000_0000 else { return 0 }
    nextBase = base + size
    return base
  }
}
