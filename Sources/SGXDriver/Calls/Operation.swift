import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// A call in the middle of its work: a value that can be kept, copied with its machine, and stepped.
///
/// One switch says which call it is (`change`); what is done with a call is a visitor.
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

  /// Does something with the call, in place: it is taken out and put back, so that nothing of it is copied.
  @inline(__always)
  mutating func change<Visitor: CallVisitor>(_ visitor: inout Visitor) -> Visitor.Answer {
    switch consume self {
    case .open(var call):
      defer { self = .open(call) }
      return visitor.visit(&call)
    case .create(var call):
      defer { self = .create(call) }
      return visitor.visit(&call)
    case .addPages(var call):
      defer { self = .addPages(call) }
      return visitor.visit(&call)
    case .initialize(var call):
      defer { self = .initialize(call) }
      return visitor.visit(&call)
    case .provision(var call):
      defer { self = .provision(call) }
      return visitor.visit(&call)
    case .close(var call):
      defer { self = .close(call) }
      return visitor.visit(&call)
    case .unknownIoctl(var call):
      defer { self = .unknownIoctl(call) }
      return visitor.visit(&call)
    case .mmap(var call):
      defer { self = .mmap(call) }
      return visitor.visit(&call)
    case .mprotect(var call):
      defer { self = .mprotect(call) }
      return visitor.visit(&call)
    case .munmap(var call):
      defer { self = .munmap(call) }
      return visitor.visit(&call)
    case .access(var call):
      defer { self = .access(call) }
      return visitor.visit(&call)
    case .reclaim(var call):
      defer { self = .reclaim(call) }
      return visitor.visit(&call)
    }
  }
}

/// Something that is done with a call, whichever it is.
protocol CallVisitor {
  associatedtype Answer
  mutating func visit<Call: DriverCall>(_ call: inout Call) -> Answer
}
