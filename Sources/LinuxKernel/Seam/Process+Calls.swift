import SGXArchitecture
import Simulation

/// What a driver asks of a process beside its memory.
extension Process {
  /// The file that a descriptor leads to; nil where it is not open.
  package func file(of descriptor: FileDescriptor) -> Int? {
    switch seat {
    case .model: descriptors[descriptor]
    case .outside(let process): process.file(of: descriptor)
    }
  }

  /// True where a call that looks would find a signal (signal_pending).
  package var hasPendingSignal: Bool {
    switch seat {
    case .model: signals.interrupts
    case .outside(let process): process.hasPendingSignal
    }
  }

  /// Makes a signal pending.
  package mutating func send(_ signal: SignalNumber) {
    switch seat {
    case .model: signals.send(signal)
    case .outside(let process): process.send(signal)
    }
  }

  /// Whether the signal layer of the bench decides what user space sees. Outside, the process's own kernel does.
  package var deliversSignals: Bool {
    switch seat {
    case .model: true
    case .outside: false
    }
  }
}
