import SGXArchitecture

/// The four registers that CPUID fills.
public struct CPUIDRegisters: Hashable, Sendable {
  public var eax: UInt32
  public var ebx: UInt32
  public var ecx: UInt32
  public var edx: UInt32

  public init(eax: UInt32 = 0, ebx: UInt32 = 0, ecx: UInt32 = 0, edx: UInt32 = 0) {
    self.eax = eax
    self.ebx = ebx
    self.ecx = ecx
    self.edx = edx
  }
}

extension ProcessorProfile {
  /// Where the first section of EPC lies in physical memory; sections follow one another.
  public static let epcPhysicalBase: UInt64 = 0x70_1800_0000

  /// CPUID leaf 12H (SDM 3D, "Intel SGX Enumeration"); sub-leaves from 2 on list the sections and end with zeros.
  public func cpuid12H(subleaf: UInt32, sections: [EPCSection]) -> CPUIDRegisters {
    switch subleaf {
    case 0:
      var eax: UInt32 = 1
      if hasSGX2 { eax |= 1 << 1 }
      if hasENCLV { eax |= 1 << 5 }
      if hasOversubscription { eax |= 1 << 6 }
      if hasEUPDATESVN { eax |= 1 << 10 }
      if hasEDECCSSA { eax |= 1 << 11 }
      return CPUIDRegisters(eax: eax, ebx: miscSelect.rawValue, edx: UInt32(maxSizeLog2) << 8 | UInt32(maxSizeLog2For32Bit))
    case 1:
      return CPUIDRegisters(
        eax: UInt32(truncatingIfNeeded: attributes.rawValue), ebx: UInt32(truncatingIfNeeded: attributes.rawValue >> 32),
        ecx: UInt32(truncatingIfNeeded: xfrm.rawValue), edx: UInt32(truncatingIfNeeded: xfrm.rawValue >> 32))
    default:
      let index = Int(subleaf) - 2
      guard index < sections.count else { return CPUIDRegisters() }
      let base = sections[..<index].reduce(Self.epcPhysicalBase) { $0 + UInt64($1.pageCount) * pageSize }
      let size = UInt64(sections[index].pageCount) * pageSize
      // Bits 3:0: of EAX 1, a section; of ECX its protection, of which 2 is confidentiality alone, as servers have it.
      return CPUIDRegisters(
        eax: UInt32(truncatingIfNeeded: base) | 1, ebx: UInt32(truncatingIfNeeded: base >> 32) & 0xf_ffff,
        ecx: UInt32(truncatingIfNeeded: size) | (hasSGX2 ? 2 : 1), edx: UInt32(truncatingIfNeeded: size >> 32) & 0xf_ffff)
    }
  }
}
