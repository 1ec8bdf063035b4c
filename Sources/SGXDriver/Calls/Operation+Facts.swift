import LinuxKernel
import SGXArchitecture

/// What any call says about itself.
extension Operation {
  public var name: OperationName { look(NameVisitor()) }
  public var process: ProcessID { look(ProcessVisitor()) }
  /// The descriptor of the enclave that the call is about; nil for open and for what goes by address.
  public var subject: FileDescriptor? { look(SubjectVisitor()) }
  /// What the kernel side answered; nil while it works.
  public var result: Result<Void, KernelError>? { look(ResultVisitor()) }
  /// What it has to say beyond its result.
  public var report: CallReport { look(ReportVisitor()) }

  /// The same request, from its beginning: what a restart of the system call is.
  public var restarted: Operation {
    var copy = self
    var visitor = RestartVisitor()
    copy.change(&visitor)
    return copy
  }

  /// What it may have to do on this machine.
  public func work(on driver: Driver) -> CallWork { look(WorkVisitor(driver: driver)) }

  /// Bytes done as user space sees them in the argument.
  public var count: UInt64? { report.count }
  /// Times it slept, restarts left out; nil for calls that never do.
  public var sleeps: UInt32? { report.sleeps }
  /// How an access ended; nil for other calls and while it works.
  public var access: AccessOutcome? { report.access }
  /// Where mmap has put a mapping.
  public var mappedAt: UserAddress? { report.mappedAt }

  @inline(__always)
  func look<Visitor: CallVisitor>(_ visitor: Visitor) -> Visitor.Answer {
    var (copy, visitor) = (self, visitor)
    return copy.change(&visitor)
  }
}

private struct NameVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) -> OperationName { Call.name }
}

private struct ProcessVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) -> ProcessID { call.process }
}

private struct SubjectVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) -> FileDescriptor? { call.subject }
}

private struct ResultVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) -> Result<Void, KernelError>? { call.result }
}

private struct ReportVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) -> CallReport { call.report }
}

private struct RestartVisitor: CallVisitor {
  func visit<Call: DriverCall>(_ call: inout Call) { call = call.restarted }
}

private struct WorkVisitor: CallVisitor {
  let driver: Driver
  func visit<Call: DriverCall>(_ call: inout Call) -> CallWork { call.work(on: driver) }
}
