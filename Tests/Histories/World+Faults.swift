import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation
import Testbench

extension World {
  /// Plans a fault somewhere in the calls to come.
  mutating func planFault(_ random: inout RandomStream) {
    func below(_ bound: UInt64) -> UInt64 { random.next(below: bound) }
    let faults: [Injection] = [
      ([.powerCycle(.s3), .powerCycle(.s4), .powerCycle(.migration), .noMemory] as [Injection])[Int(below(4))], .leafFault(.generalProtection), .leafFault(.pageFault), .leafFault(.invalidOpcode),
      .leafError(LeafError.allCases[Int(below(UInt64(LeafError.allCases.count)))]), .leafError(.SGX_UNMASKED_EVENT),
      .noMemory, .noMemory, .badAddress, .signal(SignalNumber(14)!), .signal(SignalNumber(14)!),
      .unmap(UserAddress(Self.source.rawValue + below(100) * pageSize), ByteCount(pageSize)), .runAnotherTask,
    ]
    // A process that is killed leaves the history, so that comes seldom.
    let fault = below(60) == 0 ? Injection.signal(.kill) : faults[Int(below(UInt64(faults.count)))]
    let sites = Site.all.filter { fault.sites.contains($0) }
    let site = sites[Int(below(UInt64(sites.count)))]
    let times = below(8)
    machine.inject(
      fault, at: InjectionTrigger(sites: SiteSet(site), count: .nth(1 + below(30)), times: times == 7 ? 5 + below(20) : 1 + times / 4))
  }

  /// Something that is no call happens to the machine, as a task's own code or somebody outside would do it.
  mutating func disturb(_ random: inout RandomStream) {
    let alive = aliveProcesses
    switch random.next(below: 24) {
    case 0: machine.powerCycle([.s3, .s4, .migration][Int(random.next(below: 3))])
    case 1: machine.updateMicrocode()
    case 2: if alive.count < 4 { addProcess(&random) }
    case 3, 4:
      guard let process = alive.first else { return }
      machine.send(SignalNumber(14)!, to: process)
    case 5:
      guard let process = alive.last else { return }
      machine.setBlocked(random.next(below: 2) == 0, SignalNumber(14)!, of: process)
    case 6:
      guard let handle = enclaves.last, alive.contains(handle.process), let other = alive.first else { return }
      guard let descriptor = machine.duplicate(handle.descriptor, in: handle.process, for: other) else { return }
      enclaves.append(Handle(process: other, descriptor: descriptor, base: handle.base))
    case 7: machine.cancelInjections()
    case 8:
      guard let process = alive.first else { return }
      _ = machine.write([1, 2, 3], at: UserAddress(Self.source.rawValue + random.next(below: 500_000)), in: process)
    default:
      // What an injection has unmapped is mapped again, or every later call would end there.
      for process in alive { machine.withProcess(process) { Self.mapSource(&$0) } }
    }
  }
}
