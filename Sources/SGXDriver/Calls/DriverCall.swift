import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// A call in the middle of its work. A step ends where Linux can be pre-empted or waits.
///
/// Everything a call has to say about itself is here, so that a new one is a file of its own, a row of `CallRegistry`, and a case of
/// `Operation` (Docs/Architecture.md, "A newcomer's path through one new ioctl").
public protocol DriverCall: Sendable {
  /// Its row in the registry.
  static var name: OperationName { get }
  var process: ProcessID { get }
  /// The descriptor of the enclave that the call is about; nil for open and for what goes by address.
  var subject: FileDescriptor? { get }
  /// nil until the call has finished. Below the signal layer: a restart is an answer here.
  var result: Result<Void, KernelError>? { get }
  /// What it has to say beyond its result.
  var report: CallReport { get }
  /// Every place it can stand at between two steps, and where it stands (Steps/).
  static var points: [CallPoint] { get }
  var point: CallPoint { get }
  /// The same request, from its beginning: what a restart of the system call is.
  var restarted: Self { get }
  /// What it may have to do on this machine, beyond what its row says of every such call.
  func work(on driver: borrowing Driver) -> CallWork
  /// Goes on to the end of the next step. With `isAlone` nobody else can run, and the EEXTENDs of a page are one step.
  mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome
}

extension DriverCall {
  public var subject: FileDescriptor? { nil }
  public var report: CallReport { CallReport() }
  public func work(on driver: borrowing Driver) -> CallWork { CallWork() }
}

/// An ioctl of an enclave's descriptor: a request that a restart makes again.
public protocol IoctlCall: DriverCall {
  associatedtype Request: Sendable
  var descriptor: FileDescriptor { get }
  var request: Request { get }
  init(process: ProcessID, descriptor: FileDescriptor, request: Request)
}

extension IoctlCall {
  public var subject: FileDescriptor? { descriptor }
  public var restarted: Self { Self(process: process, descriptor: descriptor, request: request) }
}

/// How a step of a call ended.
@frozen public enum StepOutcome: Sendable {
  case more
  case finished
  /// Nothing was done that others can see: a lock is held. The step goes on once it is to be had (`Driver.canGoOn`).
  case waits(LockWait)
  /// The run cannot go on truthfully.
  case stopped(Finding)
}

/// What a call has to say beyond 0 or an errno; nil where a call says nothing of the kind.
public struct CallReport: Hashable, Sendable {
  /// Bytes done, as user space sees them in the argument.
  public var count: UInt64?
  /// The argument as it went back to user space, where the call was made of bytes and the kernel has written them.
  public var argument: [UInt8]?
  /// Times it slept, restarts left out.
  public var sleeps: UInt32?
  /// How an access ended; nil while it works.
  public var access: AccessOutcome?
  /// Where mmap has put a mapping.
  public var mappedAt: UserAddress?
  /// Batches of a reclaimer, and the pages that they freed.
  public var batches: UInt64?
  public var freed: UInt64?
  /// What open returned.
  public var descriptor: FileDescriptor?
}

/// What a call may have to do: bounds the work of the bench before it is done.
public struct CallWork: Hashable, Sendable {
  /// In the units of a script's fuel.
  public var fuel: UInt64 = 0
  /// Pages that it works on one after another, with checks of the laws between where they are asked for at every step.
  public var pages: UInt64 = 0
  /// Pages that it may have to evict for them.
  public var evictions: UInt64 = 0

  public init(fuel: UInt64 = 0, pages: UInt64 = 0) {
    self.fuel = fuel
    self.pages = pages
  }
}

/// Why a call does not go on: it has an answer for its caller, or the run ends.
enum CallStop: Error {
  case error(KernelError)
  case finding(Finding)
  /// A lock is held: the step is made again.
  case waits(LockWait)

  static func errno(_ errno: Errno) -> CallStop { .error(.errno(errno)) }

  /// Nothing is undone then: the call goes on where it stands.
  var isWait: Bool {
    switch self {
    case .waits: true
    case .error, .finding: false
    }
  }

  /// Gives the call its answer, or ends the run.
  func end(_ result: inout Result<Void, KernelError>?) -> StepOutcome {
    switch self {
    case .error(let error):
      result = .failure(error)
      return .finished
    case .finding(let finding): return .stopped(finding)
    case .waits(let wait): return .waits(wait)
    }
  }
}
