import SGXArchitecture

/// Rows 1 to 14 of EENTER and of ERESUME, which are the same (SDM 3D, EENTER and ERESUME, Operation).
enum EntryRow: UInt8, CaseIterable {
  case segments = 1, tcsAlignment, tcsNotEPC, aepNotCanonical, tcsInUse, tcsNotUsable, ossaMisaligned, basesMisaligned, reservedFlags
  case notInitialized, otherMode, noFXSR, xfrmNotEnabled, notifyMismatch

  var condition: String {
    switch self {
    case .segments: "a 32-bit thread whose segments have bases"
    case .tcsAlignment: "RBX is not page-aligned"
    case .tcsNotEPC: "RBX does not resolve to EPC"
    case .aepNotCanonical: "RCX is not canonical"
    case .tcsInUse: "another leaf uses the TCS"
    case .tcsNotUsable: "the page is no TCS at its own address, or blocked, pending or modified"
    case .ossaMisaligned: "OSSA is not page-aligned"
    case .basesMisaligned: "OFSBASE or OGSBASE is not page-aligned"
    case .reservedFlags: "a reserved bit of FLAGS is set"
    case .notInitialized: "the enclave is not initialised"
    case .otherMode: "the thread is 64-bit and the enclave is not, or the other way round"
    case .noFXSR: "CR4.OSFXSR is clear"
    case .xfrmNotEnabled: "XCR0 does not enable what XFRM asks for"
    case .notifyMismatch: "FLAGS.AEXNOTIFY is not ATTRIBUTES.AEXNOTIFY"
    }
  }
}

/// A row that refuses an entry, and what it answers.
struct EntryRefusal: Error {
  let row: UInt8
  let fault: CPUFault

  init(_ row: UInt8, _ fault: CPUFault = .generalProtection) {
    self.row = row
    self.fault = fault
  }

  init(_ row: EntryRow, _ fault: CPUFault = .generalProtection) { self.init(row.rawValue, fault) }

  var outcome: LeafOutcome { .fault(fault, row: row) }
}

/// A TCS that may be entered as far as the common rows say.
struct OpenedTCS {
  let address: LinearAddress
  let aep: LinearAddress
  let page: PhysPageNumber
  let tcs: PageContents
  let secsIndex: UInt32
  let base: LinearAddress
  let size: UInt64
  let cetAttributes: UInt8
  let usesCET: Bool
  let layout: FrameLayout

  var cssa: UInt32 { tcs.load(field: TCS.Field.cssa) }
  var nssa: UInt32 { tcs.load(field: TCS.Field.nssa) }
  var flags: UInt64 { tcs.load(field: TCS.Field.flags) }
  var isOptIn: Bool { flags & TCS.dbgOptIn != 0 }
  var isActive: Bool { tcs.load(UInt64.self, field: TCS.Field.state) != TCS.inactive }
  var usesShadowStack: Bool { cetAttributes & CETAttributes.shadowStack != 0 }

  /// BASEADDR + OENTRY.
  var entryPoint: LinearAddress { offset(.oentry) }
  var fsBase: LinearAddress { offset(.ofsBase) }
  var gsBase: LinearAddress { offset(.ogsBase) }

  private func offset(_ field: TCS.Field) -> LinearAddress { LinearAddress(base.rawValue &+ tcs.load(UInt64.self, field: field)) }

  /// Tests rows 1 to 14.
  init(
    _ address: LinearAddress, aep: LinearAddress, _ processor: borrowing Processor, _ cpu: borrowing LogicalProcessor,
    through tables: some AddressTranslation
  ) throws(EntryRefusal) {
    guard address.rawValue.isMultiple(ofPowerOfTwo: pageSize) else { throw EntryRefusal(.tcsAlignment) }
    switch tables.resolve(address, for: .read) {
    case .success(let found): page = found
    case .failure(let fault): throw EntryRefusal(.tcsNotEPC, fault)
    }
    guard aep.isCanonical else { throw EntryRefusal(.aepNotCanonical) }
    let entry = processor.epcm[page.rawValue]
    guard entry.isValid, !entry.isBlocked, entry.address == address, entry.type == .tcs, !entry.isPending, !entry.isModified else {
      throw EntryRefusal(.tcsNotUsable, .threadPageFault(address, .epcm(.read)))
    }
    self.address = address
    self.aep = aep
    tcs = processor.epc[page]
    secsIndex = entry.secsIndex
    let record = processor.secsRecord(of: entry)
    base = record.baseAddress
    size = record.size
    cetAttributes = record.cetAttributes
    usesCET = record.cetAttributes != 0 || record.cetLegacyBitmapOffset != 0
    layout = FrameLayout(record, tcs, secsIndex: secsIndex)
    try testFields(record, processor.profile, cpu.control)
  }

  /// Rows 7 to 14.
  private func testFields(
    _ record: borrowing SECSRecord, _ profile: borrowing ProcessorProfile, _ control: ControlRegisters
  ) throws(EntryRefusal) {
    guard layout.ossa.isMultiple(ofPowerOfTwo: pageSize) else { throw EntryRefusal(.ossaMisaligned) }
    let bases = tcs.load(UInt64.self, field: TCS.Field.ofsBase) | tcs.load(UInt64.self, field: TCS.Field.ogsBase)
    guard bases.isMultiple(ofPowerOfTwo: pageSize) else { throw EntryRefusal(.basesMisaligned) }
    let known = TCS.dbgOptIn | (profile.attributes.contains(.aexNotify) ? TCS.aexNotify : 0)
    guard flags & ~known == 0 else { throw EntryRefusal(.reservedFlags) }
    guard record.isInitialized else { throw EntryRefusal(.notInitialized) }
    guard record.attributes.contains(.mode64Bit) == control.is64Bit else { throw EntryRefusal(.otherMode) }
    guard control.osFXSR else { throw EntryRefusal(.noFXSR) }
    let isEnabled = control.osXSAVE ? layout.xfrm.rawValue & ~control.xcr0.rawValue == 0 : layout.xfrm == .legacy
    guard isEnabled else { throw EntryRefusal(.xfrmNotEnabled) }
    guard isOptIn || (flags & TCS.aexNotify != 0) == record.attributes.contains(.aexNotify) else {
      throw EntryRefusal(.notifyMismatch)
    }
  }

  /// CR4.CET and OCETSSA against CET_ATTRIBUTES.
  func suitsCET(_ control: ControlRegisters) -> Bool {
    guard usesCET else { return true }
    return control.cet && (!layout.usesShadowStack || layout.ocetSSA.isMultiple(ofPowerOfTwo: 16))
  }
}

extension Processor {
  /// A save area, or the refusal by the row for what is wrong with it.
  func saveArea(
    _ index: UInt32, of opened: borrowing OpenedTCS, through tables: some AddressTranslation, rows: (xsave: UInt8, gpr: UInt8)
  ) throws(EntryRefusal) -> SaveArea {
    do throws(FrameFault) {
      return try saveArea(index, of: opened.layout, through: tables)
    } catch {
      switch error {
      case .xsave(let fault): throw EntryRefusal(rows.xsave, fault)
      case .gpr(let fault): throw EntryRefusal(rows.gpr, fault)
      }
    }
  }

  /// What every entry does once nothing refuses it: the TCS is in use, the thread counts, its outside is put away.
  mutating func enter(_ opened: borrowing OpenedTCS, by cpu: inout LogicalProcessor, saving area: SaveArea, cssa: UInt32) {
    epc[opened.page].withMutableBytes { tcs in
      tcs.store(opened.aep.rawValue, field: TCS.Field.aep)
      tcs.store(TCS.active, field: TCS.Field.state)
      tcs.store(cssa, field: TCS.Field.cssa)
    }
    let outside = OutsideState(
      fsBase: cpu.registers.fsBase, gsBase: cpu.registers.gsBase, xcr0: cpu.control.xcr0,
      hasTrapFlag: cpu.registers.rflags & RFlags.trap != 0, ssp: cpu.registers.ssp)
    cpu.entry = EnclaveEntry(
      thread: threadEnters(opened.secsIndex), base: opened.base, size: opened.size, tcs: opened.address, tcsPage: opened.page,
      aep: opened.aep, xfrm: opened.layout.xfrm, miscSelect: opened.layout.miscSelect, isOptIn: opened.isOptIn, outside: outside,
      saveArea: area)
    cpu.control.xcr0 = opened.layout.xfrm
    cpu.translations.removeAll()
    if !opened.isOptIn { cpu.registers.rflags &= ~RFlags.trap }
  }

  /// The state of a thread that starts at the enclave's entry point: EENTER, and ERESUME of an enclave that wants to be told.
  mutating func start(_ opened: borrowing OpenedTCS, by cpu: inout LogicalProcessor, saving area: SaveArea) {
    storeOutsideStack(cpu.registers, in: area)
    enter(opened, by: &cpu, saving: area, cssa: opened.cssa)
    cpu.registers[.rax] = UInt64(opened.cssa)
    cpu.registers[.rcx] = cpu.registers.rip &+ Self.instructionSize
    cpu.registers.rip = opened.entryPoint.rawValue
    cpu.registers.fsBase = opened.fsBase.rawValue
    cpu.registers.gsBase = opened.gsBase.rawValue
    if opened.usesShadowStack { cpu.registers.ssp = opened.tcs.load(field: TCS.Field.prevSSP) }
  }
}
