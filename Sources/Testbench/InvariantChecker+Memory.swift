import LinuxKernel
import SGXArchitecture
import SGXDriver

extension InvariantChecker {
  /// The `version-slots` law for one enclave.
  mutating func checkVersionSlots(_ enclave: Enclave) {
    var owned: Set<VersionSlot> = []
    var bad: String?
    func own(_ page: EvictedPage, _ what: String) {
      guard !page.isLost else { return }
      guard let version = page.version, Int(version.array) < enclave.versionArrays.arrays.count,
        enclave.versionArrays.arrays[Int(version.array)].isUsed(version.index), owned.insert(version).inserted
      else {
        bad = bad ?? "\(what) has no slot of its own"
        return
      }
    }
    enclave.slots.forEachEvicted { index, _, page in own(page, "evicted page \(index)") }
    if let secs = enclave.evictedSECS { own(secs, "the evicted SECS") }
    let used = enclave.versionArrays.arrays.reduce(0) { $0 + Int($1.usedCount) }
    // A page that waits for threads to leave has its slot already; under the enclave's lock there is one such at most.
    let isUnderWay = hasCallsInFlight && used == owned.count + 1
    if bad == nil, used != owned.count, !isUnderWay { bad = "\(used) slots in use, \(owned.count) with an owner" }
    if let bad { report(.versionSlots, bad) }
  }

  /// The `mapped-is-resident` and `entry-rights` laws.
  mutating func checkPageTables() {
    var stale: UInt64?
    var lax: UInt64?
    for (number, process) in driver.processes.enumerated() {
      process.memory.forEachEntry { address in
        guard let (enclave, index) = driver.enclavePage(at: address, of: ProcessID(number)) else {
          stale = min(stale ?? .max, address.rawValue)
          return
        }
        let slot = driver[enclave].slots[index]
        if let slot, let mapping = process.mapping(at: address), !mapping.protection.isSubset(of: slot.maxPermissions) {
          lax = min(lax ?? .max, address.rawValue)
        }
        if case .resident? = slot?.backing { return }
        stale = min(stale ?? .max, address.rawValue)
      }
    }
    if let stale { report(.mappedIsResident, "the entry at 0x\(String(stale, radix: 16))") }
    if let lax { report(.entryRights, "the entry at 0x\(String(lax, radix: 16))") }
  }
}
