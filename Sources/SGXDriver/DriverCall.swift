import LinuxKernel
import SGXProcessor
import Simulation

/// How a step of a call ended.
@frozen public enum StepOutcome: Sendable {
  case more
  case finished
  /// Nothing was done: a lock is held. The same step is made again once it is to be had (`Driver.canGoOn`).
  case waits(LockWait)
  /// The run cannot go on truthfully.
  case stopped(Finding)
}

/// Why a call does not go on: it has an answer for its caller, or the run ends.
enum CallStop: Error {
  case error(KernelError)
  case finding(Finding)

  static func errno(_ errno: Errno) -> CallStop { .error(.errno(errno)) }
}

/// A system call in the middle of its work. A step ends where Linux can be pre-empted or waits.
public protocol DriverCall: Sendable {
  var process: ProcessID { get }
  /// nil until the call has finished. Below the signal layer: a restart is an answer here.
  var result: Result<Void, KernelError>? { get }
  /// Goes on to the end of the next step. With `isAlone` nobody else can run, and the EEXTENDs of a page are one step.
  mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome
}
