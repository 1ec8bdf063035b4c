import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// A call in the middle of its work: a value that can be kept, copied with its machine, and stepped.
public enum Operation: Sendable {
  case open(OpenCall)
  case create(CreateCall)
  case addPages(AddPagesCall)
  case initialize(InitCall)
  case provision(ProvisionCall)
  case close(CloseCall)
  case unknownIoctl(UnknownIoctlCall)
  case mmap(MmapCall)
  case mprotect(MprotectCall)
  case munmap(MunmapCall)
  case access(AccessCall)
  case reclaim(ReclaimCall)

  /// Goes on to the end of the next step.
  mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    switch consume self {
    case .open(var call):
      defer { self = .open(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .create(var call):
      defer { self = .create(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .addPages(var call):
      defer { self = .addPages(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .initialize(var call):
      defer { self = .initialize(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .provision(var call):
      defer { self = .provision(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .close(var call):
      defer { self = .close(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .unknownIoctl(var call):
      defer { self = .unknownIoctl(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .mmap(var call):
      defer { self = .mmap(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .mprotect(var call):
      defer { self = .mprotect(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .munmap(var call):
      defer { self = .munmap(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .access(var call):
      defer { self = .access(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    case .reclaim(var call):
      defer { self = .reclaim(call) }
      return call.step(&driver, &processor, &environment, isAlone: isAlone)
    }
  }

  /// Goes on until the call has finished, stopped, or something strikes between two steps; nobody else can run meanwhile.
  mutating func run(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, steps: inout UInt64
  ) -> RunOutcome {
    switch consume self {
    case .open(var call):
      defer { self = .open(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .create(var call):
      defer { self = .create(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .addPages(var call):
      defer { self = .addPages(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .initialize(var call):
      defer { self = .initialize(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .provision(var call):
      defer { self = .provision(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .close(var call):
      defer { self = .close(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .unknownIoctl(var call):
      defer { self = .unknownIoctl(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .mmap(var call):
      defer { self = .mmap(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .mprotect(var call):
      defer { self = .mprotect(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .munmap(var call):
      defer { self = .munmap(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .access(var call):
      defer { self = .access(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    case .reclaim(var call):
      defer { self = .reclaim(call) }
      return call.run(&driver, &processor, &environment, steps: &steps)
    }
  }

  public var process: ProcessID {
    switch self {
    case .open(let call): call.process
    case .create(let call): call.process
    case .addPages(let call): call.process
    case .initialize(let call): call.process
    case .provision(let call): call.process
    case .close(let call): call.process
    case .unknownIoctl(let call): call.process
    case .mmap(let call): call.process
    case .mprotect(let call): call.process
    case .munmap(let call): call.process
    case .access(let call): call.process
    case .reclaim(let call): call.process
    }
  }

  /// What the kernel side answered; nil while it works.
  public var result: Result<Void, KernelError>? {
    switch self {
    case .open(let call): call.result
    case .create(let call): call.result
    case .addPages(let call): call.result
    case .initialize(let call): call.result
    case .provision(let call): call.result
    case .close(let call): call.result
    case .unknownIoctl(let call): call.result
    case .mmap(let call): call.result
    case .mprotect(let call): call.result
    case .munmap(let call): call.result
    case .access(let call): call.result
    case .reclaim(let call): call.result
    }
  }

  public var name: OperationName {
    switch self {
    case .open: .open
    case .create: .create
    case .addPages: .addPages
    case .initialize: .initialize
    case .provision: .provision
    case .close: .close
    case .unknownIoctl: .unknownIoctl
    case .mmap: .mmap
    case .mprotect: .mprotect
    case .munmap: .munmap
    case .access: .access
    case .reclaim: .reclaim
    }
  }

  /// Bytes done as user space sees them in the argument; only ADD_PAGES has such a field.
  public var count: UInt64? {
    if case .addPages(let call) = self { return call.count?.rawValue }
    return nil
  }

  /// Times it slept, restarts left out; nil for calls that never do. Only INIT does.
  public var sleeps: UInt32? {
    if case .initialize(let call) = self { return call.sleeps }
    return nil
  }

  /// How an access ended; nil for other calls and while it works.
  public var access: AccessOutcome? {
    if case .access(let call) = self { return call.outcome }
    return nil
  }

  /// Where mmap has put a mapping.
  public var mappedAt: UserAddress? {
    if case .mmap(let call) = self { return call.address }
    return nil
  }

  /// The same request, from its beginning: what a restart of the system call is.
  var restarted: Operation {
    switch self {
    case .open(let call): .open(OpenCall(process: call.process, path: call.path))
    case .create(let call): .create(CreateCall(process: call.process, descriptor: call.descriptor, request: call.request))
    case .addPages(let call):
      .addPages(AddPagesCall(process: call.process, descriptor: call.descriptor, request: call.request))
    case .initialize(let call):
      .initialize(InitCall(process: call.process, descriptor: call.descriptor, request: call.request))
    case .provision(let call):
      .provision(ProvisionCall(process: call.process, descriptor: call.descriptor, request: call.request))
    case .close(let call): .close(CloseCall(process: call.process, descriptor: call.descriptor))
    case .unknownIoctl(let call):
      .unknownIoctl(UnknownIoctlCall(process: call.process, descriptor: call.descriptor, command: call.command))
    case .mmap(let call): .mmap(MmapCall(process: call.process, descriptor: call.descriptor, request: call.request))
    case .mprotect(let call):
      .mprotect(
        MprotectCall(
          process: call.process, address: call.address, length: call.length, protection: call.protection,
          readImpliesExecute: call.readImpliesExecute))
    case .munmap(let call): .munmap(MunmapCall(process: call.process, address: call.address, length: call.length))
    case .access(let call):
      .access(AccessCall(process: call.process, address: call.address, kind: call.kind, touches: call.touches))
    case .reclaim(let call): .reclaim(ReclaimCall(call.extent))
    }
  }
}

/// Why a straight run came to rest.
enum RunOutcome {
  case struck(Injection)
  case finished
  case waits(LockWait)
  case stopped(Finding)
}

extension DriverCall {
  @inline(__always)
  fileprivate mutating func run(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, steps: inout UInt64
  ) -> RunOutcome {
    while true {
      steps += 1
      switch step(&driver, &processor, &environment, isAlone: true) {
      case .more: if let injection = environment.visit(.preemption) { return .struck(injection) }
      case .finished: return .finished
      case .waits(let wait):
        steps -= 1
        return .waits(wait)
      case .stopped(let finding): return .stopped(finding)
      }
    }
  }
}
