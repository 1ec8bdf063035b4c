import SGXArchitecture

/// The pages that the next AEX fills, checked and remembered when the enclave is entered, so that an AEX never faults.
struct SaveArea: Hashable, Sendable {
  /// CSSA.
  let index: UInt32
  let frame: SSAFrame
  let xsavePages: [PhysPageNumber]
  let gprPage: PhysPageNumber
  /// The 16 bytes of shadow-stack state, in an enclave that uses CET.
  var shadowStack: Place?

  struct Place: Hashable, Sendable {
    let page: PhysPageNumber
    let offset: Int
  }
}

/// The part of a SECS and a TCS that says where frames are.
struct FrameLayout {
  let enclaveBase: LinearAddress
  let ossa: UInt64
  let ocetSSA: UInt64
  let ssaFrameSize: UInt32
  let xfrm: XFRM
  let miscSelect: MiscSelect
  let usesShadowStack: Bool
  let secsIndex: UInt32

  init(_ record: borrowing SECSRecord, _ tcs: PageContents, secsIndex: UInt32) {
    enclaveBase = record.baseAddress
    ossa = tcs.load(field: TCS.Field.ossa)
    ocetSSA = tcs.load(field: TCS.Field.ocetSSA)
    ssaFrameSize = record.ssaFrameSize
    xfrm = record.xfrm
    miscSelect = record.miscSelect
    usesShadowStack = record.cetAttributes & CETAttributes.saved != 0
    self.secsIndex = secsIndex
  }

  func frame(_ index: UInt32) -> SSAFrame {
    SSAFrame(
      index: index, enclaveBase: enclaveBase, ossa: ossa, ssaFrameSize: ssaFrameSize, xfrm: xfrm, miscSelect: miscSelect)
  }

  /// Where the shadow-stack state of a frame is.
  func shadowStackAddress(_ index: UInt32) -> LinearAddress {
    LinearAddress(enclaveBase.rawValue &+ ocetSSA &+ UInt64(index) &* 16)
  }
}

/// CET_ATTRIBUTES bits that an entry looks at.
enum CETAttributes {
  static let shadowStack: UInt8 = 1 << 0
  static let endBranch: UInt8 = 1 << 2
  /// Either of them makes entries and exits use the CET save area.
  static let saved = shadowStack | endBranch
}

/// Which of a frame's pages a thread may not use.
enum FrameFault: Error {
  case xsave(CPUFault)
  case gpr(CPUFault)
}

extension Processor {
  /// Looks at the pages of a frame: those of the XSAVE area, then that of GPRSGX.
  func saveArea(
    _ index: UInt32, of layout: FrameLayout, through tables: some AddressTranslation
  ) throws(FrameFault) -> SaveArea {
    let frame = layout.frame(index)
    var xsavePages: [PhysPageNumber] = []
    for address in frame.xsavePages {
      switch usablePage(at: address, for: .write, rights: [.read, .write], by: layout.secsIndex, through: tables) {
      case .success(let page): xsavePages.append(page)
      case .failure(let fault): throw .xsave(fault)
      }
    }
    let gprPage: PhysPageNumber
    switch usablePage(at: frame.gprAddress, for: .write, rights: [.read, .write], by: layout.secsIndex, through: tables) {
    case .success(let page): gprPage = page
    case .failure(let fault): throw .gpr(fault)
    }
    return SaveArea(index: index, frame: frame, xsavePages: xsavePages, gprPage: gprPage)
  }

  /// The page of a frame's shadow-stack state; nil where the enclave has none.
  func shadowStackPlace(
    _ index: UInt32, of layout: FrameLayout, through tables: some AddressTranslation
  ) throws(CPUFault) -> SaveArea.Place? {
    guard layout.usesShadowStack else { return nil }
    let address = layout.shadowStackAddress(index)
    switch usablePage(at: address, for: .write, rights: [.read, .write], type: .ssRest, by: layout.secsIndex, through: tables) {
    case .success(let page): return SaveArea.Place(page: page, offset: Int(address.rawValue & (pageSize - 1)))
    case .failure(let fault): throw fault
    }
  }
}
