import SGXArchitecture

/// A thread inside an enclave, as far as tracking knows it. It holds no reference: the enclave may be gone when it leaves.
public struct EnteredThread: Hashable, Sendable {
  public let enclaveID: UInt64
  /// The epoch it entered in.
  public let epoch: UInt32
  /// Place of the enclave's record while it stays where it is.
  let secsIndex: UInt32
  /// EIDs start again with the power, so both together name the enclave.
  let powerCycles: UInt64
}

extension Processor {
  /// A thread enters the enclave whose SECS is in `secs`, as tracking sees EENTER and ERESUME; nil where no SECS is there.
  package mutating func threadEnters(_ secs: PhysPageNumber) -> EnteredThread? {
    let entry = epcm[secs.rawValue]
    guard entry.isValid, entry.type == .secs else { return nil }
    return threadEnters(entry.secsIndex)
  }

  mutating func threadEnters(_ index: UInt32) -> EnteredThread {
    let cycles = powerCycles
    return withSECSRecord(index) { record in
      EnteredThread(enclaveID: record.enclaveID, epoch: record.tracking.enter(), secsIndex: index, powerCycles: cycles)
    }
  }

  /// A thread leaves (EEXIT or AEX). The power cycle has thrown out the threads of older cycles already.
  package mutating func threadLeaves(_ thread: EnteredThread) {
    guard thread.powerCycles == powerCycles else { return }
    let index = Int(thread.secsIndex)
    let isThere = index < secsRecords.count && secsRecords[index]?.enclaveID == thread.enclaveID
    guard let index = isThere ? index : secsRecords.firstIndex(where: { $0?.enclaveID == thread.enclaveID }) else { return }
    withSECSRecord(UInt32(index)) { $0.tracking.leave(entered: thread.epoch) }
  }
}
