import SGXArchitecture

/// EEXIT (04H of ENCLU): a thread leaves its enclave and goes on outside (SDM 3D, EEXIT, Operation). Registers are the enclave's to clear.
public struct EEXIT: ThreadLeaf {
  public static let name = LeafName.EEXIT
  /// RBX.
  public var target: LinearAddress

  public init(target: LinearAddress) { self.target = target }

  public enum Check: UInt8, LeafCheck {
    case targetNotCanonical = 1
    public var condition: String { "RBX is not canonical" }
  }

  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (target.rawValue, nil, nil) }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    guard target.isCanonical else { return Check.targetNotCanonical.protection }
    guard let entry = cpu.entry else { return .fault(.generalProtection, row: CommonRow.outsideEnclave) }
    let usesShadowStack = processor.usesShadowStack(entry)
    processor.epc[entry.tcsPage].withMutableBytes { tcs in
      tcs.store(TCS.inactive, field: TCS.Field.state)
      if usesShadowStack { tcs.store(cpu.registers.ssp, field: TCS.Field.prevSSP) }
    }
    cpu.registers.rip = target.rawValue
    cpu.registers[.rcx] = entry.aep.rawValue
    processor.restoreOutside(entry, &cpu)
    processor.threadLeaves(entry.thread)
    cpu.entry = nil
    cpu.translations.removeAll()
    return .done
  }
}

extension Processor {
  /// CET_ATTRIBUTES.SH_STK_EN of the enclave that a thread is in.
  func usesShadowStack(_ entry: borrowing EnclaveEntry) -> Bool {
    (secsRecords[Int(entry.thread.secsIndex)]?.cetAttributes ?? 0) & CETAttributes.shadowStack != 0
  }
}
