import LinuxKernel
import LuaHost
import SGXDriver
import Testbench

/// `/dev/sgx_provision`: a file whose descriptor is all there is to it, and how descriptors get about.
enum ProvisionBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("open_provision") { (call) throws(BindingError) in
      let box = try context.process(call)
      guard box.machine.machine.driver.processes[box.id.rawValue].isAlive else { throw BindingError("process:open: the process has ended") }
      guard call.charge(fuel: 1_000) else { return .done }
      let exists = DevicePath(word: try call.optionalString(2)).map { $0 == box.machine.machine.driver.version.devicePath } ?? true
      if exists, let descriptor = box.machine.machine.openProvision(for: box.id) {
        call.push(context.provisions.insert(ProvisionBox(machine: box.machine, process: box.id, descriptor: descriptor)))
        return .done
      }
      call.pushNil()
      try call.push("failure")
      try call.push(exists ? Errno.EMFILE.name : Errno.ENOENT.name)
      return .done
    }
    lua.defineMethod(context.provisionType, "dup", arguments: 0) { (call) throws(BindingError) in
      let box = try context.provision(call)
      return try duplicate(box, for: box.process, "provision:dup", call, context)
    }
    lua.defineMethod(context.provisionType, "share", arguments: 1) { (call) throws(BindingError) in
      let box = try context.provision(call)
      return try duplicate(box, for: try context.receiver(call, of: box.machine, "provision:share"), "provision:share", call, context)
    }
    lua.register("provision_close") { (call) throws(BindingError) in
      let box = try context.provision(call)
      box.closedAt = "\(try call.optionalString(2) ?? "the script"):\(try call.optionalInteger(3) ?? 0)"
      return try CallBindings.make(.close(CloseCall(process: box.process, descriptor: box.descriptor)), on: box.machine, call, context)
    }
    lua.register("provision_ioctl") { (call) throws(BindingError) in
      let box = try context.provision(call)
      let command = UInt32(truncatingIfNeeded: try call.integer(2))
      return try CallBindings.make(
        .unknownIoctl(UnknownIoctlCall(process: box.process, descriptor: box.descriptor, command: command)), on: box.machine, call,
        context)
    }
    lua.register("provision_descriptor") { (call) throws(BindingError) in
      call.push(Int64(try context.provision(call).descriptor.rawValue))
      return .done
    }
  }

  private static func duplicate(
    _ box: ProvisionBox, for receiver: ProcessID, _ owner: String, _ call: borrowing Call, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard let descriptor = try context.duplicate(box.descriptor, of: box.process, on: box.machine, for: receiver, owner, call) else {
      return .done
    }
    call.push(context.provisions.insert(ProvisionBox(machine: box.machine, process: receiver, descriptor: descriptor)))
    return .done
  }
}

/// An open descriptor of `/dev/sgx_provision` behind a handle.
final class ProvisionBox {
  let machine: MachineBox
  let process: ProcessID
  let descriptor: FileDescriptor
  /// Where it was closed, once it was.
  var closedAt: String?

  init(machine: MachineBox, process: ProcessID, descriptor: FileDescriptor) {
    self.machine = machine
    self.process = process
    self.descriptor = descriptor
  }
}

extension ScenarioContext {
  /// A descriptor of the provisioning device that is still open.
  func provision(_ call: borrowing Call, _ position: Int = 1) throws(BindingError) -> ProvisionBox {
    guard let box = provisions[try call.handle(position, provisionType)] else {
      throw BindingError("this provisioning device belongs to a test that has ended")
    }
    if let place = box.closedAt { throw BindingError("this provisioning device was closed at \(place)") }
    guard box.machine.look({ $0.driver.openFile(box.descriptor, of: box.process)?.device == .provision }) else {
      throw BindingError("this provisioning device is gone: its process has ended")
    }
    return box
  }

  /// The process in the second argument: one of the same machine that is alive.
  func receiver(_ call: borrowing Call, of machine: MachineBox, _ owner: String) throws(BindingError) -> ProcessID {
    let process = try process(call, 2)
    guard process.machine === machine else { throw BindingError("\(owner): the process belongs to another machine") }
    guard machine.machine.driver.processes[process.id.rawValue].isAlive else { throw BindingError("\(owner): the process has ended") }
    return process.id
  }

  /// A second descriptor for a file that is open; nil once the script's fuel is spent.
  func duplicate(
    _ descriptor: FileDescriptor, of process: ProcessID, on box: MachineBox, for receiver: ProcessID, _ owner: String,
    _ call: borrowing Call
  ) throws(BindingError) -> FileDescriptor? {
    let open = box.machine.driver.processes[receiver.rawValue].descriptors.count
    guard call.charge(fuel: 100 + Int64(open)) else { return nil }
    guard let new = box.machine.duplicate(descriptor, in: process, for: receiver) else {
      throw BindingError("\(owner): the process has as many descriptors as it may")
    }
    return new
  }
}
