import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import Testbench

/// What Linux asks around the driver: modes of the devices, the mount they lie on, limits, and who a process is.
enum SurroundingBindings {
  /// `sgx.machine { devices = …, mmap_min_addr = …, max_map_count = … }`
  static func surround(_ machine: inout Machine, _ arguments: borrowing Arguments) throws(BindingError) {
    for (name, device) in [("enclave", Device.enclave), ("provision", .provision)] {
      var node = machine.devices.nodes[device] ?? DeviceNode(group: "root")
      if let mode = try arguments.text("devices.\(name).mode") {
        guard (3...4).contains(mode.utf8.count), let bits = UInt16(mode, radix: 8), bits <= 0o777 else {
          throw arguments.problem("devices.\(name).mode", "is written as \"0660\", got '\(escapeForDisplay(Array(mode.utf8)))'")
        }
        node.mode = bits
      }
      if let user = arguments.optionalUnsigned("devices.\(name).user") { node.user = UInt32(truncatingIfNeeded: user) }
      if let group = try arguments.text("devices.\(name).group") { node.group = group }
      machine.devices.nodes[device] = node
    }
    machine.devices.isNoexec = try arguments.flag("devices.noexec")
    if let lowest = arguments.optionalUnsigned("mmap_min_addr") { machine.memorySettings.lowestAddress = UserAddress(lowest) }
    if let most = arguments.optionalUnsigned("max_map_count") { machine.memorySettings.mappingsMax = most }
  }

  /// `machine:process { user = …, groups = …, nofile = … }`
  static func introduce(_ process: ProcessID, to machine: inout Machine, _ arguments: borrowing Arguments) throws(BindingError) {
    var credentials = Credentials()
    if let user = arguments.optionalUnsigned("user") { credentials.user = UInt32(truncatingIfNeeded: user) }
    let groups = arguments.position("groups")
    if let count = arguments.call.listCount(groups) {
      guard count <= 64 else { throw arguments.problem("groups", "has at most 64 names, got \(count)") }
      credentials.groups = []
      for index in 0..<count {
        guard case .bytes(let name) = arguments.call.listValue(groups, index) else { throw arguments.problem("groups", "is a list of names") }
        credentials.groups.append(String(decoding: name, as: UTF8.self))
      }
    }
    let files = arguments.optionalUnsigned("nofile")
    machine.withProcess(process) {
      $0.credentials = credentials
      if let files { $0.limits.openFiles = files }
    }
  }
}
