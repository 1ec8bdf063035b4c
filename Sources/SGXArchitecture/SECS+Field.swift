extension SECS {
  /// The fields by the manual's names (SDM 3D, "SGX Enclave Control Structure"); what is between them is reserved. Linux treats 24 to 47
  /// as reserved; the manual gives 24 to 32 to CET, and a processor without CET refuses them in the same place.
  public enum Field: StructureField {
    case size, baseAddress, ssaFrameSize, miscSelect, cetLegacyBitmapOffset, cetAttributes, attributes, xfrm, mrEnclave, mrSigner
    case configID, isvProdID, isvSVN, configSVN

    public static var structureSize: Int { SECS.size }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .size: (0, 8, "SIZE")
      case .baseAddress: (8, 8, "BASEADDR")
      case .ssaFrameSize: (16, 4, "SSAFRAMESIZE")
      case .miscSelect: (20, 4, "MISCSELECT")
      case .cetLegacyBitmapOffset: (24, 8, "CET_LEG_BITMAP_OFFSET")
      case .cetAttributes: (32, 1, "CET_ATTRIBUTES")
      case .attributes: (48, 8, "ATTRIBUTES")
      case .xfrm: (56, 8, "XFRM")
      case .mrEnclave: (64, 32, "MRENCLAVE")
      case .mrSigner: (128, 32, "MRSIGNER")
      case .configID: (192, 64, "CONFIGID")
      case .isvProdID: (256, 2, "ISVPRODID")
      case .isvSVN: (258, 2, "ISVSVN")
      case .configSVN: (260, 2, "CONFIGSVN")
      }
    }

    /// True for what the processor fills in: a source page may hold anything there.
    public var isProcessorsOwn: Bool {
      switch self {
      case .mrEnclave, .mrSigner, .isvProdID, .isvSVN: true
      case .size, .baseAddress, .ssaFrameSize, .miscSelect, .cetLegacyBitmapOffset, .cetAttributes, .attributes, .xfrm, .configID,
        .configSVN:
        false
      }
    }
  }

  /// What the processor keeps in the reserved end of the page. The manual names the state and not the places; these are a choice
  /// (`Docs/Fidelity.md`).
  public enum HiddenField: StructureField {
    case enclaveID, blocks, childCount, virtualChildCount, enclaveContext, epoch, current, previous, isvFamilyID, isvExtProdID, padding

    public static var structureSize: Int { SECS.size }

    public var row: (offset: Int, size: Int, name: String) {
      switch self {
      case .enclaveID: (2048, 8, "EID")
      case .blocks: (2056, 8, "measured blocks")
      case .childCount: (2064, 8, "child count")
      case .virtualChildCount: (2072, 8, "VIRTCHILDCNT")
      case .enclaveContext: (2080, 8, "ENCLAVECONTEXT")
      case .epoch: (2088, 4, "epoch")
      case .current: (2092, 4, "threads of the epoch")
      case .previous: (2096, 4, "threads from before")
      case .isvFamilyID: (2112, 16, "ISVFAMILYID")
      case .isvExtProdID: (2128, 16, "ISVEXTPRODID")
      case .padding: (2144, 352, "PADDING")
      }
    }
  }
}
