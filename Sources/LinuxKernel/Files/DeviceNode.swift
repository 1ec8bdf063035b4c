/// A device's file in /dev: who may open it.
public struct DeviceNode: Hashable, Sendable {
  /// Permission bits, 0 to 0o777.
  public var mode: UInt16
  public var user: UInt32
  public var group: String

  public init(mode: UInt16 = 0o660, user: UInt32 = 0, group: String) {
    self.mode = mode
    self.user = user
    self.group = group
  }

  /// Whether it may be opened for reading and writing (fs/namei.c, acl_permission_check): the first class that applies decides, be it
  /// the worse one, and root may in any case.
  package func allows(_ credentials: Credentials) -> Bool {
    if credentials.isRoot { return true }
    let shift: UInt16 = user == credentials.user ? 6 : credentials.groups.contains(group) ? 3 : 0
    return mode >> shift & 6 == 6
  }
}

/// The file system that devices lie on.
public struct DeviceFileSystem: Hashable, Sendable {
  /// By the device's number; a device without a node has nobody who may open it but root.
  public var nodes: [Device: DeviceNode]
  /// Mounted noexec: nothing of it is mapped executable, now or later (fs/exec.c, path_noexec).
  public var isNoexec = false

  public init(nodes: [Device: DeviceNode] = [:]) { self.nodes = nodes }
}

extension Kernel {
  /// Whether the process may open the device for reading and writing; EACCES where not.
  package func mayOpen(_ device: Device, _ process: ProcessID) -> Bool {
    let credentials = processes[process.rawValue].credentials
    return devices.nodes[device]?.allows(credentials) ?? credentials.isRoot
  }
}
