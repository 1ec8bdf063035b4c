import CLuaHost

/// What the machine that the bench runs on still gives. Swift ends the process where memory is refused, so who wants much asks first.
package enum HostMemory {
  /// Whether there are so many bytes, and some to spare.
  package static func has(_ bytes: Int) -> Bool { luahost_memory_is_there(bytes) }

  /// Bytes that are left to the process, by the files below these folders; `.max` where nothing says.
  package static func left(processes: String = "/proc", system: String = "/sys/fs/cgroup") -> UInt64 { luahost_memory_left(processes, system) }
}
