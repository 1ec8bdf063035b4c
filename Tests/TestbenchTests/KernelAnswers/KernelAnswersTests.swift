import SGXDriver
import Testbench
import Testing

/// The real driver's answers, replayed. A difference is a fault of ours, or a row of the table below.
@Suite("Recorded answers of Linux 6.1.192") struct KernelAnswersTests {
  /// Rows that differ and why. Where there are any, `Docs/Fidelity.md` has the same table; a row that agrees is taken out of both.
  static let excused: [String: String] = [:]

  static let replayable = RecordedSequence.all.filter(\.isReplayable)

  @Test func theWholeRecordingIsRead() {
    #expect(RecordedSequence.all.count == 854)
    #expect(Set(RecordedSequence.all.map(\.id)).count == 854)
  }

  @Test(arguments: replayable)
  func theDriverAnswersAsRecorded(_ sequence: RecordedSequence) {
    let differences = Replay(sequence).differences
    if Self.excused[sequence.id] != nil {
      #expect(!differences.isEmpty, "\(sequence.id) is excused but agrees")
    } else {
      #expect(differences.isEmpty, "\(sequence.id): \(differences.joined(separator: "\n"))")
    }
  }

  @Test func whenKsgxdRunsIsAsRecorded() {
    #expect(RecordedSequence.ofKsgxd.count == 2)
    for sequence in RecordedSequence.ofKsgxd {
      #expect(sequence.isReplayable)
      let differences = Replay(sequence).differences
      #expect(differences.isEmpty, "\(sequence.id): \(differences.joined(separator: "\n"))")
    }
  }

  /// 6.12.107 answered the whole recording as 6.1.192 did.
  @Test(arguments: replayable) func theNextStableReleaseAnswersAlike(_ sequence: RecordedSequence) {
    let differences = Replay(sequence, driver: DriverVersion.named("6.12.107")!).differences
    #expect(differences.isEmpty, "\(sequence.id): \(differences.joined(separator: "\n"))")
  }

  /// 7.2.13 differed in two things: hashing the signer's key cannot fail, and the first user of the device runs EUPDATESVN, which
  /// this processor does not have.
  @Test(arguments: replayable) func aLaterReleaseDiffersWhereItWasSeenTo(_ sequence: RecordedSequence) {
    let replay = Replay(sequence, driver: DriverVersion.named("7.2.13")!)
    let hashFails = sequence.ops.contains { operation in (operation.fail ?? []).contains { $0.site == "crypto" } }
    #expect(replay.differences.isEmpty || hashFails, "\(sequence.id): \(replay.differences.joined(separator: "\n"))")
  }

  @Test func whereHashingTheKeyFailedInTheRecordingEINITRunsIn7_2_13() throws {
    let sequence = try #require(Self.replayable.first { $0.id == "I6-crypto" })
    var adapter = Adapter(sequence, driver: DriverVersion.named("7.2.13")!)
    for operation in sequence.ops.prefix(while: { $0.op != "init" }) { _ = adapter.play(operation) }
    let first = try #require(sequence.ops.first { $0.op == "init" })
    let answer = adapter.play(first)
    #expect(answer != nil)
    #expect(answer?.ret == nil)
    #expect(answer?.L == "2x1")
  }

  @Test func coverageIsSaid() {
    let agreed = Self.replayable.filter { Replay($0).differences.isEmpty }
    let deaths = agreed.count { $0.death != nil }
    print("replayed \(agreed.count) of 854 recorded sequences (\(deaths) end where the real driver dies or hangs)")
    #expect(Self.excused.count * 50 <= Self.replayable.count)
    #expect(Self.replayable.count == 347)
    #expect(agreed.count + Self.excused.count == 347)
    #expect(deaths == 27)
  }
}

/// A sequence played to its end, and where the answers differ.
struct Replay {
  private(set) var differences: [String] = []
  private(set) var finding: Finding?

  init(_ sequence: RecordedSequence, driver: DriverVersion = .v6_1_192) {
    var adapter = Adapter(sequence, driver: driver)
    for (index, operation) in sequence.ops.enumerated() where index < sequence.out.count {
      guard let answer = adapter.play(operation) else {
        let death = adapter.machine.finding?.death
        if death == nil || death != sequence.out[index].death {
          differences.append("operation \(index) (\(operation.op)): ours ends with \(adapter.machine.finding!), recorded \(sequence.out[index])")
        }
        break
      }
      if answer != sequence.out[index] {
        differences.append("operation \(index) (\(operation.op)):\n  ours     \(answer)\n  recorded \(sequence.out[index])")
      }
    }
    finding = adapter.machine.finding
    if finding == nil {
      if adapter.end() != sequence.end { differences.append("end:\n  ours     \(adapter.end())\n  recorded \(sequence.end)") }
    }
    for breach in adapter.machine.breaches where breach.invariant.kind == .bench {
      differences.append("bench law \(breach.invariant.rawValue): \(breach.detail)")
    }
  }
}

extension RecordedAnswer {
  /// Where the real driver died, or that it hung.
  var death: String? { dead == "OOPS" ? at : dead }
}

extension Finding {
  /// The recording's word for it; nil where the real driver goes on.
  var death: String? {
    switch self {
    case .nullPointer(let place): place.rawValue
    case .endlessLoop: "HANG"
    default: nil
    }
  }
}
