import CSGXBench
import LinuxKernel
import SGXArchitecture
import SGXDriver
import Testbench

// System calls of a process, as its program makes them.

@c(sgxbench_open) @implementation
public func sgxbench_open(_ machine: OpaquePointer?, _ process: Int32, _ path: UnsafePointer<CChar>?) -> sgxbench_answer {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process), let path = text(path) else { return BenchMachine.noCall }
  switch path {
  case "/dev/sgx_enclave", "/dev/sgx/enclave":
    let place: DevicePath = path == "/dev/sgx_enclave" ? .flat : .directory
    return bench.call(.open(OpenCall(process: id, path: place))) { Int64($0.descriptor?.rawValue ?? -1) }.answer
  case "/dev/sgx_provision", "/dev/sgx/provision":
    return answer(bench.machine.openProvision(for: id, path: path == "/dev/sgx_provision" ? .flat : .directory).map { Int64($0.rawValue) })
  default:
    return answer(.failure(.ENOENT))
  }
}

/// What a call that is not the driver's came to.
private func answer(_ result: Result<Int64, Errno>) -> sgxbench_answer {
  var answer = sgxbench_answer()
  switch result {
  case .success(let value): answer.value = value
  case .failure(let errno): (answer.error, answer.value) = (errno.rawValue, -1)
  }
  return answer
}

@c(sgxbench_ioctl) @implementation
public func sgxbench_ioctl(
  _ machine: OpaquePointer?, _ process: Int32, _ fd: Int32, _ command: UInt32, _ argument: UnsafeMutableRawPointer?
) -> sgxbench_answer {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process) else { return BenchMachine.noCall }
  // _IOC_SIZE of a command that there is: another command's argument is not looked at, and may be shorter than its word says.
  let size = EnclaveIoctl(rawValue: command)?.argumentSize ?? 0
  let bytes = argument.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) }
  let (answer, report) = bench.call(.ioctl(command: command, argument: bytes, descriptor: FileDescriptor(fd), process: id))
  if let argument, let back = report.argument { argument.copyMemory(from: back, byteCount: min(size, back.count)) }
  return answer
}

@c(sgxbench_close) @implementation
public func sgxbench_close(_ machine: OpaquePointer?, _ process: Int32, _ fd: Int32) -> sgxbench_answer {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process) else { return BenchMachine.noCall }
  return bench.call(.close(CloseCall(process: id, descriptor: FileDescriptor(fd)))).answer
}

/// PROT_READ, PROT_WRITE and PROT_EXEC are the bits of PagePermissions, and MAP_SHARED, MAP_PRIVATE and MAP_ANONYMOUS those of Linux on x86.
private enum MapFlags {
  static let shared: Int32 = 0x01
  static let anonymous: Int32 = 0x20
}

private func permissions(_ rights: Int32) -> PagePermissions { PagePermissions(rawValue: UInt8(truncatingIfNeeded: rights & 7)) }

@c(sgxbench_mmap) @implementation
public func sgxbench_mmap(
  _ machine: OpaquePointer?, _ process: Int32, _ address: UInt64, _ length: UInt64, _ rights: Int32, _ flags: Int32, _ fd: Int32
) -> sgxbench_answer {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process) else { return BenchMachine.noCall }
  let place = address == 0 ? nil : UserAddress(address)
  if flags & MapFlags.anonymous != 0 { return answer(bench.mapMemory(place, ByteCount(length), permissions(rights), id)) }
  var request = MmapRequest(address: place, length: ByteCount(length), protection: permissions(rights))
  request.isShared = flags & MapFlags.shared != 0
  return bench.call(.mmap(MmapCall(process: id, descriptor: FileDescriptor(fd), request: request))) {
    Int64(bitPattern: $0.mappedAt?.rawValue ?? .max)
  }.answer
}

extension BenchMachine {
  /// Ordinary memory, refused as Linux refuses it (mm/mmap.c, do_mmap and get_unmapped_area).
  fileprivate func mapMemory(_ place: UserAddress?, _ length: ByteCount, _ rights: PagePermissions, _ process: ProcessID) -> Result<Int64, Errno> {
    let settings = machine.memorySettings
    guard length.rawValue > 0 else { return .failure(.EINVAL) }
    guard let rounded = length.roundedUpToPage, rounded <= ByteCount(AddressSpace.end.rawValue) else { return .failure(.ENOMEM) }
    let memory = machine.driver.processes[process.rawValue].memory
    guard UInt64(memory.mappingCount) <= settings.mappingsMax, place != nil || memory.hasRoom(for: rounded) else { return .failure(.ENOMEM) }
    if let place {
      guard place.rawValue <= AddressSpace.end.rawValue - rounded.rawValue else { return .failure(.ENOMEM) }
      guard place.isPageAligned else { return .failure(.EINVAL) }
      guard place >= settings.lowestAddress || machine.driver.processes[process.rawValue].credentials.isRoot else { return .failure(.EPERM) }
    }
    let start = machine.withProcess(process) { $0.memory.map(at: place, length: rounded, protection: rights) }
    return .success(Int64(bitPattern: start.rawValue))
  }
}

@c(sgxbench_mprotect) @implementation
public func sgxbench_mprotect(
  _ machine: OpaquePointer?, _ process: Int32, _ address: UInt64, _ length: UInt64, _ rights: Int32
) -> sgxbench_answer {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process) else { return BenchMachine.noCall }
  let call = MprotectCall(process: id, address: UserAddress(address), length: ByteCount(length), protection: permissions(rights))
  return bench.call(.mprotect(call)).answer
}

@c(sgxbench_munmap) @implementation
public func sgxbench_munmap(_ machine: OpaquePointer?, _ process: Int32, _ address: UInt64, _ length: UInt64) -> sgxbench_answer {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process) else { return BenchMachine.noCall }
  return bench.call(.munmap(MunmapCall(process: id, address: UserAddress(address), length: ByteCount(length)))).answer
}

@c(sgxbench_access) @implementation
public func sgxbench_access(
  _ machine: OpaquePointer?, _ process: Int32, _ address: UInt64, _ kind: sgxbench_access_kind
) -> sgxbench_access_outcome {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process) else { return SGXBENCH_ACCESS_NONE }
  let access: AccessKind
  switch kind {
  case SGXBENCH_READ: access = .read
  case SGXBENCH_WRITE: access = .write
  case SGXBENCH_EXECUTE: access = .execute
  default: return SGXBENCH_ACCESS_NONE
  }
  let (answer, report) = bench.call(.access(AccessCall(process: id, address: UserAddress(address), kind: access)))
  guard answer.ending == SGXBENCH_RETURNED else { return SGXBENCH_ACCESS_NONE }
  switch report.access {
  case .hit, .mapped, .userMemory: return SGXBENCH_ACCESS_OK
  case .busError: return SGXBENCH_ACCESS_SIGBUS
  case .segmentationFault: return SGXBENCH_ACCESS_SIGSEGV
  case .outOfMemory: return SGXBENCH_ACCESS_OUT_OF_MEMORY
  case .retry: return SGXBENCH_ACCESS_RETRY
  case nil: return SGXBENCH_ACCESS_NONE
  }
}
