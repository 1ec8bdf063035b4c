import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import Simulation
import Testbench

/// Memory and signals of a process.
enum ProcessBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    registerMemory(on: lua, context)
    registerSignals(on: lua, context)
    lua.register("process_alive") { (call) throws(BindingError) in
      let box = try context.process(call)
      call.push(box.machine.machine.driver.processes[box.id.rawValue].isAlive)
      return .done
    }
  }

  private static func registerMemory(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("map") { (call) throws(BindingError) in
      let box = try context.process(call)
      let address = try call.optionalInteger(2).map { UserAddress(UInt64(bitPattern: $0)) }
      let length = ByteCount(UInt64(bitPattern: try call.integer(3)))
      try checkRange(address ?? UserAddress(0), length, owner: "process:map")
      guard address != nil || box.machine.look({ $0.driver.processes[box.id.rawValue].memory.hasRoom(for: length) }) else {
        throw BindingError("process:map: \(length.rawValue) bytes do not fit into what is left of the address space")
      }
      let protection = try ValueBindings.permissions(try call.string(4), owner: "process:map")
      let fill = try call.integer(5)
      guard let byte = UInt8(exactly: fill) else { throw BindingError("process:map: field 'fill' must be a byte, 0 to 255, got \(fill)") }
      let bytes = try call.optionalBytes(6)
      if let bytes, UInt64(bytes.count) > length.rawValue {
        throw BindingError("process:map: 'bytes' has \(bytes.count) bytes, the mapping \(length.rawValue)")
      }
      let noexec = try call.boolean(7)
      guard call.charge(fuel: Int64(100 + box.machine.machine.driver.processes[box.id.rawValue].memory.mappingCount)) else { return .done }
      let kind: Mapping.Kind = try call.boolean(8) ? .pageFrames : .anonymous
      let mapped = box.machine.machine.withProcess(box.id) {
        $0.memory.map(
          at: address, length: length, protection: protection, mayExecute: !noexec, kind: kind,
          contents: bytes.map { .block(ContentBlock($0)) } ?? .fill(byte))
      }
      call.push(Int64(bitPattern: mapped.rawValue))
      return .done
    }
    lua.defineMethod(context.processType, "unmap", arguments: 2) { (call) throws(BindingError) in
      let box = try context.process(call)
      let (start, length) = try arguments(call, "process:unmap")
      // In a task it is a call, which waits where another holds the address space's lock.
      if context.currentTask != nil {
        return try CallBindings.make(
          .munmap(MunmapCall(process: box.id, address: start, length: length)), on: box.machine, call, context, .nothing)
      }
      box.machine.machine.withProcess(box.id) { $0.memory.unmap(start, length) }
      return .done
    }
    lua.defineMethod(context.processType, "protect", arguments: 3) { (call) throws(BindingError) in
      let box = try context.process(call)
      let (start, length) = try arguments(call, "process:protect")
      let protection = try ValueBindings.permissions(try call.string(4), owner: "process:protect")
      guard !box.machine.machine.driver.processes[box.id.rawValue].memory.mapsDevice(in: start, length) else {
        throw BindingError("process:protect: an enclave is mapped there; the driver is asked by process:mprotect")
      }
      box.machine.machine.withProcess(box.id) { $0.memory.protect(start, length, as: protection) }
      return .done
    }
    lua.defineMethod(context.processType, "write", arguments: 2) { (call) throws(BindingError) in
      let box = try context.process(call)
      let address = UserAddress(UInt64(bitPattern: try call.integer(2)))
      let bytes = try call.bytes(3)
      let end = address.rawValue.addingReportingOverflow(UInt64(bytes.count))
      guard !end.overflow, end.partialValue <= AddressSpace.end.rawValue,
        box.machine.machine.write(bytes, at: address, in: box.id)
      else { throw BindingError("process:write: the bytes are not all mapped") }
      return .done
    }
  }

  private static func registerSignals(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("sigaction") { (call) throws(BindingError) in
      let box = try context.process(call)
      let signal = try signal(call, 2, "process:sigaction")
      let action = try call.string(3)
      let disposition: SignalDisposition =
        action == "ignore" ? .ignored : action == "handler" ? .handler(restarts: try call.boolean(4)) : .defaultAction
      box.machine.machine.withProcess(box.id) { $0.signals.setDisposition(disposition, of: signal) }
      return .done
    }
    for (name, blocks) in [("block", true), ("unblock", false)] {
      lua.defineMethod(context.processType, name, arguments: 1) { (call) throws(BindingError) in
        let box = try context.process(call)
        let signal = try signal(call, 2, "process:\(name)")
        box.machine.machine.setBlocked(blocks, signal, of: box.id)
        return .done
      }
    }
    lua.defineMethod(context.processType, "send", arguments: 1) { (call) throws(BindingError) in
      let box = try context.process(call)
      let signal = try signal(call, 2, "process:send")
      box.machine.machine.send(signal, to: box.id)
      return .done
    }
  }

  private static func signal(_ call: borrowing Call, _ position: Int, _ owner: String) throws(BindingError) -> SignalNumber {
    let name = try call.string(position)
    guard let signal = SignalNumber(name: name) else { throw BindingError("\(owner): no signal is called '\(name)'") }
    return signal
  }

  private static func arguments(_ call: borrowing Call, _ owner: String) throws(BindingError) -> (UserAddress, ByteCount) {
    let start = UserAddress(UInt64(bitPattern: try call.integer(2)))
    let length = ByteCount(UInt64(bitPattern: try call.integer(3)))
    try checkRange(start, length, owner: owner)
    return (start, length)
  }

  /// Page-aligned, not empty, inside user space, and no larger than half of it.
  private static func checkRange(_ start: UserAddress, _ length: ByteCount, owner: String) throws(BindingError) {
    guard start.isPageAligned, length.rawValue > 0, length.rawValue % pageSize == 0 else {
      throw BindingError("\(owner): address and length must be multiples of 4096, and the length not zero")
    }
    guard length.rawValue <= 1 << 43, start.rawValue <= AddressSpace.end.rawValue,
      start.rawValue + length.rawValue <= AddressSpace.end.rawValue
    else { throw BindingError("\(owner): the range ends above user space, or is longer than 8 TiB") }
  }
}
