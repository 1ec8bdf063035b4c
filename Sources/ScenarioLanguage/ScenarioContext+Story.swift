import Testbench

/// The machines of a test as its first failure found them.
struct FailureMoment {
  let machines: [Machine]
  /// `a.lua:4`
  let place: String
}

extension ScenarioContext {
  /// Copies of machines are cheap: what they have in common is shared.
  func keepMoment(_ failure: TestFailure) {
    moment = FailureMoment(machines: machinesOfTest.map(\.machine), place: failure.line > 0 ? "\(failure.file):\(failure.line)" : failure.file)
  }

  /// What each machine did: of a test that failed in full, of others where it is short and there are few of them.
  func tellStories() {
    guard let test else { return }
    let failed = test.status.isFailure || test.status == .failedAsExpected
    let told = machinesOfTest.prefix(Self.storiesMax).enumerated().map { number, box in
      let isKept = moment.map { number < $0.machines.count } ?? false
      return MachineStory(of: box.machine, at: isKept ? moment?.machines[number] : nil, place: isKept ? moment?.place : nil)
    }
    self.test?.stories = failed ? told : told.allSatisfy(\.isShort) && told.count <= 4 ? told : []
  }

  /// Machines of one test that are told of.
  static let storiesMax = 32
}
