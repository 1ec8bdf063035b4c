import LinuxKernel
import SGXDriver
import SGXProcessor
import Simulation

/// What ADD_PAGES left behind: errno and progress come together, so neither is thrown away.
public struct AddPagesResult: Hashable, Sendable {
  public var outcome: CallOutcome
  /// Bytes, as written back; nil where nothing was.
  public var count: UInt64?
}

extension Machine {
  /// Makes an ADD_PAGES of user space: what `call` does, and at half its cost where nothing can come between, which is how a script
  /// that adds page by page spends its time.
  public mutating func addPages(
    _ request: AddPagesRequest, descriptor: FileDescriptor, process: ProcessID
  ) -> AddPagesResult {
    guard isUndisturbed(process) else {
      let task = call(.addPages(AddPagesCall(process: process, descriptor: descriptor, request: request)))
      return AddPagesResult(outcome: task.outcome!, count: task.call.count)
    }
    var call = AddPagesCall(process: process, descriptor: descriptor, request: request)
    driver.current = TaskID(place: 0, generation: generations)
    environment.trace.record(.operationBegan(OperationName.addPages.number, subject: UInt32(process.rawValue)))
    var left = stepsAllowed(for: .addPages(call))
    while true {
      left -= 1
      if left == 0 { BenchLaw.broken(.stepsBounded) }
      switch call.step(&driver, &processor, &environment, isAlone: true) {
      case .more:
        if environment.visit(.preemption) != nil { BenchLaw.broken(.visitsCounted) }
        if !BenchLaw.hasBroken { continue }
      case .stopped(let found):
        finding = found
        return AddPagesResult(outcome: .stopped(found), count: nil)
      case .waits:
        // Alone on the machine, and a lock is held all the same.
        finding = .deadlock
        return AddPagesResult(outcome: .stopped(.deadlock), count: nil)
      case .finished: break
      }
      break
    }
    if !BenchLaw.hasBroken, let result = call.result {
      environment.trace.record(.operationEnded(OperationName.addPages.number, subject: UInt32(process.rawValue), result: result.returnValue))
      runReclaimerIfWoken()
    }
    if call.result == nil { BenchLaw.broken(.callAnswers) }
    if let law = BenchLaw.takeBroken() {
      finding = .bench(law)
      return AddPagesResult(outcome: .stopped(.bench(law)), count: nil)
    }
    guard let result = call.result else { return AddPagesResult(outcome: .stopped(.bench(.callAnswers)), count: nil) }
    return AddPagesResult(outcome: CallOutcome(result), count: call.count?.rawValue)
  }

  /// True where no law is checked, nobody else runs, nothing is planned or kept and no signal waits.
  private func isUndisturbed(_ process: ProcessID) -> Bool {
    tasks.isEmpty && calls == nil && configuration.checks == .never && finding == nil && environment.plan.armedSites.isEmpty
      && driver.processes[process.rawValue].signals.pending == 0
  }
}
