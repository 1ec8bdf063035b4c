import SGXArchitecture

/// Rows of the four, in the order in which they are tested.
public enum LoadingCheck: UInt8, LeafCheck {
  case operandAlignment = 1, targetNotEPC, slotAlignment, slotNotEPC, pageInfoAlignment, targetInUse, versionArrayInUse
  case targetValid, notVersionArray, secsAlignment, secsNotEPC, secsInUse, secsNotValid, secsGiven, macMismatch

  public var condition: String {
    switch self {
    case .operandAlignment: "RBX is not 32-byte aligned or RCX not page-aligned"
    case .targetNotEPC: "RCX does not resolve to EPC"
    case .slotAlignment: "RDX is not 8-byte aligned"
    case .slotNotEPC: "RDX does not resolve to EPC"
    case .pageInfoAlignment: "PCMD is not 128-byte aligned or SRCPGE not page-aligned"
    case .targetInUse: "another leaf uses the target page"
    case .versionArrayInUse: "another leaf uses the version array"
    case .targetValid: "the target page is valid already"
    case .notVersionArray: "the page of the slot is not valid or not of type PT_VA"
    case .secsAlignment: "a page of an enclave, and PAGEINFO.SECS is not page-aligned"
    case .secsNotEPC: "a page of an enclave, and PAGEINFO.SECS does not resolve to EPC"
    case .secsInUse: "another leaf uses the SECS"
    case .secsNotValid: "a page of an enclave, and the SECS page is not valid or not of type PT_SECS"
    case .secsGiven: "no page of an enclave, and PAGEINFO.SECS is not zero"
    case .macMismatch: "the page is not the one whose version the slot holds, or not what it was"
    }
  }
}
