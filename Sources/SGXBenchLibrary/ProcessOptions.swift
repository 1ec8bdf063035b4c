import CSGXBench
import LinuxKernel
import Testbench

@c(sgxbench_process_options_default) @implementation
public func sgxbench_process_options_default() -> sgxbench_process_options {
  var options = sgxbench_process_options()
  options.size = MemoryLayout<sgxbench_process_options>.size
  options.user = Credentials().user
  options.groups = DefaultGroups.shared.list
  options.group_count = Credentials().groups.count
  options.nofile = ResourceLimits().openFiles
  return options
}

/// The names of the groups of a process of which nothing is said, as C reads them; made once and never changed.
private final class DefaultGroups: @unchecked Sendable {
  // Unchecked because nothing writes through the pointers after `init`.
  static let shared = DefaultGroups()
  private let texts: [CText]
  let list: UnsafePointer<UnsafePointer<CChar>?>

  private init() {
    texts = Credentials().groups.map { CText($0) }
    let room = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>.allocate(capacity: texts.count)
    _ = room.initialize(from: texts.map { $0.pointer })
    list = UnsafePointer(room.baseAddress!)
  }
}

@c(sgxbench_process_create) @implementation
public func sgxbench_process_create(_ machine: OpaquePointer?, _ options: UnsafePointer<sgxbench_process_options>?) -> Int32 {
  guard let bench = object(machine, BenchMachine.self) else { return -1 }
  do throws(OptionsRefusal) {
    let process = try bench.machine.makeProcess(options?.pointee ?? sgxbench_process_options_default())
    _ = bench.succeed()
    return Int32(process.rawValue)
  } catch {
    _ = bench.refuse(error.status, error.text)
    return -1
  }
}

extension Machine {
  /// A process as C has described it.
  fileprivate mutating func makeProcess(_ options: sgxbench_process_options) throws(OptionsRefusal) -> ProcessID {
    guard options.size == MemoryLayout<sgxbench_process_options>.size else {
      throw OptionsRefusal("the options are not those of this library: begin with sgxbench_process_options_default")
    }
    guard options.group_count <= 64, options.group_count == 0 || options.groups != nil else {
      throw OptionsRefusal("a process has at most 64 groups, and groups is no NULL where there are some")
    }
    var credentials = Credentials(user: options.user, groups: [])
    for index in 0..<options.group_count {
      guard let name = SGXBenchLibrary.text(options.groups[index]) else { throw OptionsRefusal("a group's name is NULL or no UTF-8") }
      credentials.groups.append(name)
    }
    guard options.nofile <= 1 << 20 else { throw OptionsRefusal("nofile is 0 to 1048576") }
    guard options.node < configuration.nodeCount else { throw OptionsRefusal("the machine has no node \(options.node)") }
    let process = makeProcess(node: Int(options.node))
    withProcess(process) {
      $0.credentials = credentials
      $0.limits.openFiles = options.nofile
    }
    return process
  }
}
