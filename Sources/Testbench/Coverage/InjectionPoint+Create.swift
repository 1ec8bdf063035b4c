import SGXArchitecture
import SGXDriver
import Simulation

extension InjectionPoint {
  static let create: [InjectionPoint] = [
    InjectionPoint(
      "C1", "the argument cannot be read", "EFAULT", evidence: "a CREATE that says EFAULT after user_copy:argument failed"
    ) { $0.create != nil && $0.answered(.EFAULT) && $0.couldNotCopy(.argument) },
    InjectionPoint(
      "C2", "no memory for the copy of the SECS", "ENOMEM", evidence: "a CREATE that says ENOMEM after allocation:secs_buffer was struck"
    ) { $0.create != nil && $0.answered(.ENOMEM) && $0.lacked(.secsBuffer) },
    InjectionPoint(
      "C3", "the SECS cannot be read", "EFAULT", evidence: "a CREATE that says EFAULT after user_copy:secs failed"
    ) { $0.create != nil && $0.answered(.EFAULT) && $0.couldNotCopy(.secs) },
    InjectionPoint(
      "C4", "the size is no power of two", "EINVAL where the driver looks, else EIO from ECREATE",
      evidence: "a first CREATE with such a size that says EINVAL without a leaf, or EIO after ECREATE"
    ) { evidence in
      guard let size = evidence.create?.request.secs.size, evidence.call.stateBefore == .empty else { return false }
      guard size == 0 || size & (size - 1) != 0 else { return false }
      return evidence.answered(.EINVAL) && !evidence.ran(.EPA) || evidence.answered(.EIO) && evidence.faulted(.ECREATE)
    },
    InjectionPoint(
      "C5", "no memory for the descriptor of the version array", "ENOMEM",
      evidence: "a CREATE that says ENOMEM after allocation:va_descriptor was struck"
    ) { $0.create != nil && $0.answered(.ENOMEM) && $0.lacked(.vaDescriptor) },
    InjectionPoint(
      "C6", "no page of EPC for the version array", "ENOMEM; a restart where a signal comes while pages could be evicted",
      evidence: "a CREATE that finds the pool empty before EPA and says ENOMEM or asks for a restart"
    ) { $0.create != nil && ($0.answered(.ENOMEM) || $0.asksForRestart) && $0.foundPoolEmpty && $0.lookedForVersionArray },
    InjectionPoint(
      "C7", "EPA faults", "EFAULT and a warning", evidence: "a CREATE that says EFAULT after a fault of EPA, warned of"
    ) { $0.create != nil && $0.answered(.EFAULT) && $0.faulted(.EPA) && $0.hasWarned(.EPA) },
    InjectionPoint(
      "C8", "the backing file cannot be made", "ENOMEM or EINVAL", 
      evidence: "a CREATE that ends before ECREATE with ENOMEM, allocation:backing_file struck, or with EINVAL after EPA"
    ) { evidence in
      guard evidence.create != nil, !evidence.ran(.ECREATE) else { return false }
      return evidence.answered(.ENOMEM) && evidence.lacked(.backingFile) || evidence.answered(.EINVAL) && evidence.ran(.EPA)
    },
    InjectionPoint(
      "C9", "no page of EPC for the SECS", "ENOMEM; a restart where a signal comes while pages could be evicted",
      evidence: "a CREATE that finds the pool empty after EPA and says ENOMEM or asks for a restart"
    ) { $0.create != nil && ($0.answered(.ENOMEM) || $0.asksForRestart) && $0.foundPoolEmpty && $0.lookedForSECS },
    InjectionPoint(
      "C10", "ECREATE faults", "EIO, silent; v39 the raw result", evidence: "a CREATE that fails after a fault of ECREATE"
    ) { $0.create != nil && !$0.succeeded && $0.faulted(.ECREATE) },
    InjectionPoint(
      "C11", "EREMOVE fails while CREATE is undone", "what CREATE failed with; the page is leaked, with a warning",
      evidence: "a CREATE that fails and leaks a page that EREMOVE refused, warned of"
    ) { $0.create != nil && !$0.succeeded && $0.refused(.EREMOVE) && $0.leaked && $0.hasWarned(.EREMOVE_LEAK) },
  ]
}

extension CallEvidence {
  /// CREATE came no further than the version array's page.
  fileprivate var lookedForVersionArray: Bool { version.hasVersionArrays && !ran(.EPA) && !ran(.ECREATE) }
  /// CREATE came no further than the page of the SECS, the first one where there are no version arrays.
  fileprivate var lookedForSECS: Bool { ran(.EPA) == version.hasVersionArrays && !ran(.ECREATE) }
}
