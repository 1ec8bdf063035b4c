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

  /// True where the process may have no more descriptors (EMFILE). Outside, its own kernel says so when one is opened.
  package var hasTooManyDescriptors: Bool {
    switch seat {
    case .model: descriptors.isFull(limits)
    case .outside: false
    }
  }

  /// Gives the process a descriptor of a file; nil where it may have no more after all.
  package mutating func open(_ file: Int) -> FileDescriptor? {
    switch seat {
    case .model: descriptors.add(file)
    case .outside(let process): process.open(file)
    }
  }

  /// Frees an open descriptor; the file it led to is the caller's business.
  package mutating func close(_ descriptor: FileDescriptor) {
    switch seat {
    case .model: descriptors.remove(descriptor)
    case .outside(let process): process.close(descriptor)
    }
  }

  /// True where a call that looks would find a signal (signal_pending). It looks in place: whoever only looks at an element of an array is
  /// handed a copy of the process, and this is asked for each page.
  package var hasPendingSignal: Bool {
    mutating get {
      switch seat {
      case .model: signals.interrupts
      case .outside(let process): process.hasPendingSignal
      }
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
