import SGXArchitecture

/// Rows of EINCVIRTCHILD and EDECVIRTCHILD, which test alike (SDM 3D, EDECVIRTCHILD, Operation).
enum VirtualChild {
  /// The SECS that the two operands agree on, or the answer of the row that refuses: rows 1 to 7 of both leaves.
  static func secsIndex(page: EPCAddress, secs: EPCAddress, on processor: borrowing Processor) -> (index: UInt32?, row: UInt8, fault: CPUFault) {
    func refused(_ row: UInt8, _ fault: CPUFault) -> (index: UInt32?, row: UInt8, fault: CPUFault) { (nil, row, fault) }
    let pageFault = CPUFault.pageFault(address: page, write: false)
    guard page.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { return refused(1, .generalProtection) }
    guard let child = processor.epc.page(at: page) else { return refused(2, pageFault) }
    guard let secsPage = processor.epc.page(at: secs) else { return refused(3, .pageFault(address: secs, write: false)) }
    let entry = processor.epcm[child.rawValue]
    guard entry.isValid else { return refused(5, pageFault) }
    guard entry.type != .va else { return refused(6, pageFault) }
    guard processor.secsRecord(of: entry).page == secsPage else { return refused(7, .generalProtection) }
    return (entry.secsIndex, 0, pageFault)
  }

  static func condition(_ row: UInt8) -> String {
    switch row {
    case 1: "RBX is not page-aligned"
    case 2: "RBX does not resolve to EPC"
    case 3: "RCX does not resolve to EPC"
    case 4: "another leaf uses the page"
    case 5: "the page is not valid"
    case 6: "the page is a version array"
    default: "RCX is not the SECS of the page"
    }
  }
}
