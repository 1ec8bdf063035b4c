import SGXArchitecture
import Simulation

extension Processor {
  /// Loses the EPC: every EPCM entry becomes invalid, every enclave is gone, no thread is inside, EIDs start again,
  /// and a new paging key makes every evicted page worthless.
  ///
  /// S3, S4 and migration to another machine look alike from here (SDM 3D, "Interactions with Power States"); nothing tells
  /// the kernel, which finds out by a leaf that faults.
  public mutating func powerCycle(_ kind: PowerCycleKind, in environment: inout Environment) {
    epcm.removeAll()
    epc.loseEverything()
    blockEpochs.removeAll()
    versions.removeAll()
    pagingKey.renew()
    reportKeyID = Self.reportKeyID(from: &reportChance)
    secsRecords = []
    nextEnclaveID = 1
    validPageCount = 0
    powerCycles += 1
    environment.trace.record(.powerCycled(kind))
  }
}
