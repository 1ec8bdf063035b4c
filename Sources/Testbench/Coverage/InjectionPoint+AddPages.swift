import SGXArchitecture
import SGXDriver
import Simulation

extension InjectionPoint {
  static let addPages: [InjectionPoint] = entry + loop + leaves + others

  private static let entry: [InjectionPoint] = [
    InjectionPoint(
      "A1", "the argument cannot be read", "EFAULT, no count", evidence: "an ADD_PAGES that says EFAULT after user_copy:argument failed"
    ) { $0.addPages != nil && $0.answered(.EFAULT) && $0.couldNotCopy(.argument) && $0.count == nil },
    InjectionPoint(
      "A2", "SECINFO cannot be read", "EFAULT, no count", evidence: "an ADD_PAGES that says EFAULT after user_copy:secinfo failed"
    ) { $0.addPages != nil && $0.answered(.EFAULT) && $0.couldNotCopy(.secInfo) && $0.count == nil },
  ]

  /// What happens at the head of the loop and before EADD.
  private static let loop: [InjectionPoint] = [
    InjectionPoint(
      "A3", "a signal at the head of the loop, before the first page", "a restart or EINTR, count 0",
      evidence: "an ADD_PAGES that asks for a restart with count 0 before it took a page"
    ) { $0.addPages != nil && $0.asksForRestart && $0.count == 0 && !$0.foundPoolEmpty },
    InjectionPoint(
      "A4", "a signal at the head of the loop, after some pages", "0 and the count",
      evidence: "an ADD_PAGES that says 0 with a count of at least a page, less than its length and no cap"
    ) { evidence in
      guard let call = evidence.addPages, let count = evidence.count, evidence.succeeded, !evidence.foundPoolEmpty else { return false }
      return count > 0 && count < call.request.length.rawValue && count != capBytes
    },
    InjectionPoint(
      "A5", "no memory for the page's descriptor", "ENOMEM and the count",
      evidence: "an ADD_PAGES that says ENOMEM after allocation:page_descriptor was struck"
    ) { $0.count != nil && $0.answered(.ENOMEM) && $0.lacked(.pageDescriptor) },
    InjectionPoint(
      "A6", "no page of EPC, and none that could be evicted", "ENOMEM and the count",
      evidence: "an ADD_PAGES that finds the pool empty for its contents and says ENOMEM"
    ) { $0.count != nil && $0.answered(.ENOMEM) && $0.foundPoolEmpty && !$0.hadPageInHand },
    InjectionPoint(
      "A7", "no page of EPC, and a signal while one is to be evicted", "a restart or EINTR, and the count",
      evidence: "an ADD_PAGES that finds the pool empty and asks for a restart, or as `reviewed` says 0 with a count"
    ) { evidence in
      guard evidence.count != nil, evidence.foundPoolEmpty else { return false }
      return evidence.asksForRestart || evidence.succeeded && (evidence.count ?? 0) < evidence.addPages!.request.length.rawValue
    },
    InjectionPoint(
      "A8", "no page of EPC, and eviction makes one free", "success; other pages are swapped",
      evidence: "an ADD_PAGES that finds the pool empty, has EWB executed and says 0"
    ) { $0.count != nil && $0.succeeded && $0.foundPoolEmpty && $0.times(.EWB) { $0 == .done } > 0 },
    InjectionPoint(
      "A9", "the version array cannot be had", "ENOMEM, a restart, or EFAULT with a warning where EPA faults; and the count",
      evidence: "an ADD_PAGES that has a page for its contents and fails with ENOMEM or a restart for want of another, or with EPA"
    ) { evidence in
      guard evidence.count != nil, evidence.hadPageInHand else { return false }
      let wants = evidence.lacked(.vaDescriptor) || evidence.lastPage.contains(.poolEmpty)
      return wants && (evidence.answered(.ENOMEM) || evidence.asksForRestart)
        || evidence.answered(.EFAULT) && evidence.faulted(.EPA) && evidence.hasWarned(.EPA)
    },
    InjectionPoint(
      "A10", "the page is there already", "EBUSY and the count", evidence: "an ADD_PAGES that says EBUSY and writes a count back"
    ) { $0.count != nil && $0.answered(.EBUSY) },
    InjectionPoint(
      "A11", "no memory for the page's place in the range", "ENOMEM and the count",
      evidence: "an ADD_PAGES that says ENOMEM after allocation:slot_map_node was struck"
    ) { $0.count != nil && $0.answered(.ENOMEM) && $0.lacked(.slotMapNode) },
    InjectionPoint(
      "A12", "nothing is mapped at the source or above it", "EFAULT and the count",
      evidence: "an ADD_PAGES that says EFAULT with a page in hand, and neither pin, copy nor EPA failed"
    ) { evidence in
      evidence.count != nil && evidence.answered(.EFAULT) && evidence.hadPageInHand && !evidence.couldNotCopy(.pin)
        && !evidence.faulted(.EPA)
    },
    InjectionPoint(
      "A13", "the source, or the mapping above it, may never become executable", "EACCES and the count",
      evidence: "an ADD_PAGES that says EACCES"
    ) { $0.count != nil && $0.answered(.EACCES) },
    InjectionPoint(
      "A14", "the source page cannot be pinned", "EFAULT and the count", evidence: "an ADD_PAGES that says EFAULT after user_copy:pin failed"
    ) { $0.count != nil && $0.answered(.EFAULT) && $0.couldNotCopy(.pin) },
  ]

  private static let leaves: [InjectionPoint] = [
    InjectionPoint(
      "A15", "EADD faults with #GP: contents or range", "EIO, silent, and the count; v39 destroys the enclave",
      evidence: "an ADD_PAGES that says EIO after a #GP of EADD"
    ) { $0.addPages != nil && $0.answered(.EIO) && $0.faulted(.EADD, .generalProtection) },
    InjectionPoint(
      "A16", "EADD faults with #PF: the EPC was lost", "EIO, silent, and the count; v39 destroys the enclave",
      evidence: "an ADD_PAGES that says EIO after a #PF of EADD"
    ) { $0.addPages != nil && $0.answered(.EIO) && $0.faulted(.EADD, .pageFault) },
    InjectionPoint(
      "A17", "EEXTEND faults with #PF: the EPC was lost", "EIO, silent, and the count; v39 destroys the enclave",
      evidence: "an ADD_PAGES that says EIO after a #PF of EEXTEND"
    ) { $0.addPages != nil && $0.answered(.EIO) && $0.faulted(.EEXTEND, .pageFault) },
    InjectionPoint(
      "A18", "EEXTEND faults with #GP", "EIO and a warning, and the count; v39 destroys the enclave",
      evidence: "an ADD_PAGES that says EIO after a #GP of EEXTEND, warned of"
    ) { $0.addPages != nil && $0.answered(.EIO) && $0.faulted(.EEXTEND, .generalProtection) && $0.hasWarned(.EEXTEND) },
    InjectionPoint(
      "A19", "EREMOVE fails while a page is undone", "what the page failed with; the page is leaked, with a warning",
      evidence: "an ADD_PAGES that fails and leaks a page that EREMOVE refused, warned of"
    ) { $0.addPages != nil && !$0.succeeded && $0.refused(.EREMOVE) && $0.leaked && $0.hasWarned(.EREMOVE_LEAK) },
  ]

  private static let others: [InjectionPoint] = [
    InjectionPoint(
      "A20", "the count cannot be written back", "EFAULT, no count; the pages are added all the same",
      evidence: "an ADD_PAGES that added a page and says EFAULT because user_copy:write_back failed"
    ) { $0.answered(.EFAULT) && $0.couldNotCopy(.writeBack) && ($0.addPages?.done ?? 0) > 0 },
    InjectionPoint(
      "A21", "more than 1 MiB in one call of v39", "0 and a count of 1 MiB",
      evidence: "an ADD_PAGES that says 0 with a count of 1 MiB, less than its length"
    ) { $0.succeeded && $0.count == capBytes && $0.addPages!.request.length.rawValue > capBytes },
    InjectionPoint(
      "A22", "the source is unmapped while the call runs", "EFAULT at that page, and the count",
      evidence: "an ADD_PAGES that says EFAULT after another thread unmapped memory in the middle of it"
    ) { $0.count != nil && $0.answered(.EFAULT) && $0.wasUnmappedFrom },
    InjectionPoint(
      "A23", "the source changes while the call runs", "success; the page holds what EADD read",
      evidence: "an ADD_PAGES that says 0 although memory of its process was written in the middle of it"
    ) { $0.addPages != nil && $0.succeeded && $0.events.contains(.memoryWritten(process: UInt32($0.call.operation.process.rawValue))) },
    InjectionPoint(
      "A24", "pages that the call has added are evicted while it runs", "success",
      evidence: "an ADD_PAGES that says 0 and during which a page was evicted that it had added"
    ) { $0.succeeded && $0.evictedOwnPage },
  ]

  /// What v39 adds in one call at most (SGX_MAX_ADD_PAGES_LENGTH).
  static let capBytes: UInt64 = 0x100000
}

extension CallEvidence {
  /// A page was written out that the same call had added before.
  var evictedOwnPage: Bool {
    var filled: [(enclave: UInt32, slot: EnclaveOffset)] = []
    for event in events {
      if case .slotFilled(let enclave, let slot, _) = event { filled.append((enclave, slot)) }
      if case .slotEvicted(let enclave, let slot, _) = event, filled.contains(where: { $0 == (enclave, slot) }) { return true }
    }
    return false
  }
}
