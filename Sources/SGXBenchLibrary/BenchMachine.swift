import CSGXBench
import LinuxKernel
import SGXDriver
import Simulation
import Testbench

/// What a `sgxbench_machine` is.
final class BenchMachine {
  var machine: Machine
  private(set) var error = CText("")
  /// The text that a function has returned last.
  private var lent = CText("")
  /// Events of the trace when it was last asked for, so that reading it line by line does not copy it for each.
  private var listed: (visits: UInt64, count: UInt64, events: [Event]) = (0, 0, [])

  init(_ machine: Machine) { self.machine = machine }

  func succeed() -> sgxbench_status {
    error = CText("")
    return SGXBENCH_OK
  }

  func refuse(_ status: sgxbench_status, _ text: String) -> sgxbench_status {
    error = CText(text)
    return status
  }

  func lend(_ text: String) -> UnsafePointer<CChar> {
    lent = CText(text)
    return lent.pointer
  }

  /// The events that are kept, oldest first.
  var events: [Event] {
    let (visits, count) = (machine.environment.visits, machine.environment.trace.count)
    if listed.visits != visits || listed.count != count { listed = (visits, count, machine.environment.trace.events) }
    return listed.events
  }

  /// A process by its number; nil where there is none, or it has ended.
  func process(_ number: Int32) -> ProcessID? {
    guard machine.driver.processes.indices.contains(Int(number)), machine.driver.processes[Int(number)].isAlive else {
      error = CText("no process has the number \(number), or it has ended")
      return nil
    }
    return ProcessID(Int(number))
  }

  /// Makes a call and says what it came to; `value` reads what a success returned.
  func call(_ operation: Operation, value: (CallReport) -> Int64 = { _ in 0 }) -> (answer: sgxbench_answer, report: CallReport) {
    let task = machine.call(operation)
    error = CText("")
    var answer = sgxbench_answer()
    answer.value = -1
    switch task.outcome {
    case .success: answer.value = value(task.call.report)
    case .failure(let errno): answer.error = errno.rawValue
    case .leafResult(let result): answer.value = Int64(result.encoded)
    case .killed(let signal):
      answer.ending = SGXBENCH_KILLED
      answer.signal = Int32(signal.rawValue)
    case .stopped: answer.ending = SGXBENCH_RUN_STOPPED
    // What nobody wrote may be anything; and a restart is made inside.
    case .uninitialised, .restart, nil: break
    }
    return (answer, task.call.report)
  }

  /// The answer to a call that could not be made.
  static var noCall: sgxbench_answer {
    var answer = sgxbench_answer()
    answer.ending = SGXBENCH_NO_CALL
    answer.value = -1
    return answer
  }
}

@c(sgxbench_machine_create) @implementation
public func sgxbench_machine_create(
  _ options: UnsafePointer<sgxbench_machine_options>?, _ machine: UnsafeMutablePointer<OpaquePointer?>?,
  _ message: UnsafeMutablePointer<CChar>?, _ room: Int
) -> sgxbench_status {
  machine?.pointee = nil
  do throws(OptionsRefusal) {
    guard let machine else { throw OptionsRefusal("no place for the machine") }
    machine.pointee = handOver(BenchMachine(try Machine(options?.pointee ?? sgxbench_machine_options_default())))
    write("", to: message, room)
    return SGXBENCH_OK
  } catch {
    write(error.text, to: message, room)
    return error.status
  }
}

/// Copies as much of a text as there is room for, with a zero byte behind it.
private func write(_ text: String, to place: UnsafeMutablePointer<CChar>?, _ room: Int) {
  guard let place, room > 0 else { return }
  let bytes = text.utf8.prefix(room - 1)
  for (index, byte) in bytes.enumerated() { place[index] = CChar(bitPattern: byte) }
  place[bytes.count] = 0
}

@c(sgxbench_machine_free) @implementation
public func sgxbench_machine_free(_ machine: OpaquePointer?) { release(machine, BenchMachine.self) }

@c(sgxbench_machine_error) @implementation
public func sgxbench_machine_error(_ machine: OpaquePointer?) -> UnsafePointer<CChar>? { object(machine, BenchMachine.self)?.error.pointer }
