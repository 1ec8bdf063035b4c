import SGXArchitecture

/// What CPUID says of a processor (leaf 12H and leaf 7), as far as the model asks.
public struct ProcessorProfile: Hashable, Sendable {
  public var name: String
  public var hasSGX2: Bool
  /// CPUID.12H.1 EBX:EAX: attributes that ECREATE accepts.
  public var attributes: AttributeFlags
  /// CPUID.12H.1 EDX:ECX.
  public var xfrm: XFRM
  /// CPUID.12H.0 EBX.
  public var miscSelect: MiscSelect
  /// CPUID.12H.0 EDX[15:8]: log2 of the largest 64-bit enclave. That size itself is accepted.
  public var maxSizeLog2: UInt8
  /// CPUID.12H.0 EDX[7:0]: the same for 32-bit enclaves.
  public var maxSizeLog2For32Bit: UInt8
  /// CPUID.7 ECX[30] with IA32_FEATURE_CONTROL.SGX_LC_EN: software may write IA32_SGXLEPUBKEYHASH0 to 3. Every processor that Linux
  /// loads its driver on has it.
  public var hasFlexibleLaunchControl = true
  /// CPUID.12H.0 EAX[10]: the leaf EUPDATESVN exists.
  public var hasEUPDATESVN = true
  /// CPUID.12H.0 EAX[11]: the leaf EDECCSSA exists, with which an enclave makes use of AEX-Notify.
  public var hasEDECCSSA = true
  /// CPUID.12H.0 EAX[5]: ENCLV and its leaves exist.
  public var hasENCLV = false
  /// CPUID.12H.0 EAX[6]: ERDINFO, ETRACKC, ELDBC and ELDUC exist.
  public var hasOversubscription = false
  /// CPUID.12H.1 EAX[6].
  public var hasCET: Bool { attributes.contains(.cet) }

  public init(
    name: String, hasSGX2: Bool, attributes: AttributeFlags, xfrm: XFRM, miscSelect: MiscSelect,
    maxSizeLog2: UInt8, maxSizeLog2For32Bit: UInt8
  ) {
    self.name = name
    self.hasSGX2 = hasSGX2
    self.attributes = attributes
    self.xfrm = xfrm
    self.miscSelect = miscSelect
    self.maxSizeLog2 = maxSizeLog2
    self.maxSizeLog2For32Bit = maxSizeLog2For32Bit
  }

  /// A server processor with SGX2, KSS and AEX-Notify: the default of a machine.
  public static let server = ProcessorProfile(
    name: "server", hasSGX2: true, attributes: AttributeFlags(rawValue: 0x4b6), xfrm: XFRM(rawValue: 0x2e7),
    miscSelect: .exInfo, maxSizeLog2: 56, maxSizeLog2For32Bit: 31)

  /// A client processor with SGX1 only, as a Xeon E-2276G enumerates itself.
  public static let client: ProcessorProfile = {
    var profile = ProcessorProfile(
      name: "client", hasSGX2: false, attributes: AttributeFlags(rawValue: 0x36), xfrm: XFRM(rawValue: 0x1f),
      miscSelect: [], maxSizeLog2: 36, maxSizeLog2For32Bit: 31)
    profile.hasEUPDATESVN = false
    profile.hasEDECCSSA = false
    return profile
  }()

  /// The server of a hypervisor that oversubscribes EPC: ENCLV, and the leaves of ENCLS that go with it.
  public static let serverWithOversubscription: ProcessorProfile = {
    var profile = server
    profile.name = "server-oversubscription"
    profile.hasENCLV = true
    profile.hasOversubscription = true
    return profile
  }()

  /// A server processor whose enclaves may use CET: shadow-stack pages and the SECS fields that go with them.
  public static let serverWithCET = ProcessorProfile(
    name: "server-cet", hasSGX2: true, attributes: AttributeFlags(rawValue: 0x4f6), xfrm: XFRM(rawValue: 0x2e7),
    miscSelect: [.exInfo, .cpInfo], maxSizeLog2: 56, maxSizeLog2For32Bit: 31)

  /// The profile spelled so at `sgx.machine { processor = … }`.
  public static let named: [ProcessorProfile] = [server, client, serverWithCET, serverWithOversubscription]
}
