import LinuxKernel
import SGXDriver
import Simulation

extension Machine {
  /// Sends a signal to a process, as another process would.
  ///
  /// Where none of its threads is inside a call it is in user mode and the signal is delivered at once; otherwise the thread that
  /// returns first delivers it.
  public mutating func send(_ signal: SignalNumber, to process: ProcessID) {
    driver.processes[process.rawValue].send(signal)
    environment.trace.record(.signalPending(signal))
    deliverInUserMode(process)
  }

  /// Blocks or unblocks a signal; one that was waiting for this is delivered at once.
  public mutating func setBlocked(_ isBlocked: Bool, _ signal: SignalNumber, of process: ProcessID) {
    driver.processes[process.rawValue].signals.setBlocked(isBlocked, signal)
    deliverInUserMode(process)
  }

  private mutating func deliverInUserMode(_ process: ProcessID) {
    let isInKernel = tasks.contains { $0.outcome == nil && $0.isInKernel && $0.operation?.process == process }
    guard !isInKernel else { return }
    while let delivery = driver.processes[process.rawValue].signals.deliver() {
      switch delivery {
      case .nothing(let signal), .handler(let signal, _):
        environment.trace.record(.signalDelivered(signal))
      case .terminate(let signal):
        environment.trace.record(.signalDelivered(signal))
        return kill(process, signal, in: .none)
      }
    }
  }
}
