import LinuxKernel
import SGXDriver

/// Why a machine cannot be forked.
public struct ForkRefusal: Error, Hashable, Sendable {
  /// Pages whose bytes are in a process outside.
  public let livePages: UInt64

  public var text: String {
    "the machine cannot be forked: \(livePages) pages of its enclaves live in a process outside, which goes on by itself"
  }
}

extension Machine {
  /// Adds a process that lives outside: the driver reaches it through `outside`, and its own kernel delivers its signals.
  package mutating func attach(_ outside: any OutsideProcess, node: Int = 0) -> ProcessID {
    driver.processes.append(Process(node: node, seat: .outside(outside)))
    return ProcessID(driver.processes.count - 1)
  }

  /// Why a copy of this machine would not be a fork that goes on alone; nil where it would.
  public var forkRefusal: ForkRefusal? {
    let pages = driver.livePageCount
    return pages == 0 ? nil : ForkRefusal(livePages: pages)
  }

  /// A copy that goes on alone. Plain assignment does the same, and does not ask.
  public func fork() throws(ForkRefusal) -> Machine {
    if let refusal = forkRefusal { throw refusal }
    return self
  }
}
