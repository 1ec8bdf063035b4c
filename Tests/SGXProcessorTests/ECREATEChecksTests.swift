@testable import SGXProcessor
import SGXArchitecture
import TestSupport
import Testing

@Suite struct ECREATEChecksTests {
  /// Another enclave lives in pages 0 and 1; page 4 is free. The base is 0, which suits every size.
  private static var good: Situation<ECREATE> {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.add(at: 0, in: 1, of: 0)
    let source = SECS(size: 0x4000, baseAddress: LinearAddress(0))
    return Situation(bench: bench, leaf: ECREATE(source: source, target: bench.address(4)))
  }

  @Test func rowsAreTestedInTheManualsOrder() {
    var table = CheckTable(good: Self.good)
    table.addOperandRows()
    table.addFeatureRows()
    table.addRangeRows()
    table.unreachable = [(.targetInUse, Reason.atomic)]
    table.impossible = [(.targetNotEPC, .targetValid, Reason.noEntry)]
    table.verify()
  }

  @Test(arguments: [
    (0x3, [], 1), (0x7, [], 1), (0x1f, [], 1), (0xe7, [], 1), (0x2e7, [], 1), (0x2e7, [.exInfo, .cpInfo], 1),
    (0x602e7, [], 3), (0x602e7, [.exInfo, .cpInfo], 3),
  ] as [(UInt64, MiscSelect, UInt32)])
  func theSmallestSSAFrame(xfrm: UInt64, miscSelect: MiscSelect, pages: UInt32) {
    let profile = ProcessorProfile(
      name: "everything", hasSGX2: true, attributes: .mode64Bit, xfrm: XFRM(rawValue: 0x602ff),
      miscSelect: [.exInfo, .cpInfo], maxSizeLog2: 56, maxSizeLog2For32Bit: 31)
    var bench = Bench(profile)
    func source(_ pages: UInt32) -> SECS {
      SECS(
        size: 0x4000, baseAddress: Bench.base, ssaFrameSize: pages, miscSelect: miscSelect, xfrm: XFRM(rawValue: xfrm))
    }
    #expect(bench.create(source(pages - 1), at: 0).row == 13)
    #expect(bench.create(source(pages), at: 0).isDone)
  }

  @Test(arguments: [ProcessorProfile.client, .server, .serverWithCET])
  func theLargestEnclaveIsAccepted(profile: ProcessorProfile) {
    var bench = Bench(profile)
    func source(_ log2: UInt8, _ attributes: AttributeFlags) -> SECS {
      SECS(size: 1 << UInt64(log2), baseAddress: LinearAddress(0), attributes: attributes)
    }
    #expect(bench.create(source(profile.maxSizeLog2 + 1, .mode64Bit), at: 0).row == 15)
    #expect(bench.create(source(profile.maxSizeLog2, .mode64Bit), at: 0).isDone)
    #expect(bench.create(source(profile.maxSizeLog2For32Bit + 1, []), at: 1).row == 15)
    #expect(bench.create(source(profile.maxSizeLog2For32Bit, []), at: 1).isDone)
  }
}

extension CheckTable<ECREATE> {
  fileprivate mutating func addOperandRows() {
    addProtection(
      .pageInfoAlignment, when: { $0.isMisaligned($0.leaf.pageInfoAddress, to: 32) },
      { $0.leaf.pageInfoAddress.rawValue |= 16 })
    addProtection(
      .targetAlignment, when: { $0.isMisaligned($0.leaf.target, to: 4096) }, { $0.leaf.target.rawValue |= 2048 },
      { $0.leaf.target.rawValue |= 1 })
    addPageFault(
      .targetNotEPC, at: \.target, write: true, when: { $0.page($0.leaf.target) == nil },
      { $0.moveOutOfEPC(\.target) }, { $0.moveBeforeEPC(\.target) })
    addProtection(
      .sourceAlignment,
      when: { situation in
        let pageInfo = situation.leaf.pageInfo
        return situation.isMisaligned(pageInfo.sourceAddress, to: 4096)
          || situation.isMisaligned(pageInfo.secInfoAddress, to: 64)
      },
      { $0.leaf.pageInfo.sourceAddress.rawValue |= 2048 }, { $0.leaf.pageInfo.secInfoAddress.rawValue |= 32 })
    addProtection(
      .addressOrSECSGiven,
      when: { $0.leaf.pageInfo.linearAddress != LinearAddress(0) || $0.leaf.pageInfo.secs != EPCAddress(0) },
      { $0.leaf.pageInfo.linearAddress = Bench.base }, { $0.leaf.pageInfo.secs = $0.bench.address(0) })
    addProtection(
      .badSecInfo,
      when: { situation in
        let secInfo = situation.leaf.pageInfo.secInfo
        return secInfo.flags & 0xffff_ffff_ffff_ffc0 != 0 || !secInfo.reserved.isZero
      },
      { $0.leaf.pageInfo.secInfo.flags |= 1 << 6 }, { $0.leaf.pageInfo.secInfo.flags |= 1 << 7 },
      { $0.leaf.pageInfo.secInfo.flags |= 1 << 16 }, { $0.leaf.pageInfo.secInfo.flags |= 1 << 63 },
      { $0.leaf.pageInfo.secInfo.flags |= 0x200 }, { $0.leaf.pageInfo.secInfo.flags |= 0x700 },
      { $0.leaf.pageInfo.secInfo.reserved.setByte(0, to: 1) }, { $0.leaf.pageInfo.secInfo.reserved.setByte(55, to: 1) })
    addPageFault(
      .targetValid, at: \.target, write: true, when: { $0.entry($0.leaf.target)?.isValid == true },
      { $0.move(\.target, to: 0) }, { $0.move(\.target, to: 1) }, { $0.makeVersionArray(at: \.target) })
  }

  fileprivate mutating func addFeatureRows() {
    addProtection(
      .xfrmLacksLegacy, when: { $0.leaf.source.xfrm.rawValue & 3 != 3 },
      { $0.leaf.source.xfrm.rawValue &= ~1 }, { $0.leaf.source.xfrm.rawValue &= ~2 })
    addProtection(
      .xfrmIllegal,
      when: { situation in
        let xfrm = situation.leaf.source.xfrm.rawValue
        let hasPart = (xfrm & 0xe0 != 0 && xfrm & 0xe4 != 0xe4) || ![0, 0x18].contains(xfrm & 0x18)
        return hasPart || xfrm & ~(0x2e7 | 3) != 0
      },
      { $0.leaf.source.xfrm.rawValue |= 1 << 5 }, { $0.leaf.source.xfrm.rawValue |= 0xe0 },
      { $0.leaf.source.xfrm.rawValue |= 0x18 }, { $0.leaf.source.xfrm.rawValue |= 1 << 8 },
      { $0.leaf.source.xfrm.rawValue |= 1 << 63 })
    addProtection(
      .cetFields,
      when: { situation in
        let secs = situation.leaf.source
        guard secs.cetAttributes != 0 || secs.cetLegacyBitmapOffset != 0 else { return false }
        let bitmap = secs.baseAddress.rawValue &+ secs.cetLegacyBitmapOffset
        let isInRange = secs.attributes.contains(.mode64Bit) ? LinearAddress(bitmap).isCanonical : bitmap < 1 << 32
        return !secs.attributes.contains(.cet) || secs.cetAttributes > 0x3f || secs.cetLegacyBitmapOffset % 4096 != 0
          || !isInRange
      },
      { $0.leaf.source.cetAttributes = 1 }, { $0.leaf.source.cetLegacyBitmapOffset = 0x1000 },
      { $0.setCET(attributes: 0x40, bitmapOffset: 0) }, { $0.setCET(attributes: 0x80, bitmapOffset: 0) },
      { $0.setCET(attributes: 0, bitmapOffset: 0x800) }, { $0.setCET(attributes: 0x3f, bitmapOffset: 1 << 47) })
    addProtection(
      .miscSelect, when: { $0.leaf.source.miscSelect.rawValue > 3 }, { $0.leaf.source.miscSelect.rawValue |= 1 << 2 },
      { $0.leaf.source.miscSelect.rawValue |= 1 << 31 })
    addProtection(
      .ssaFrameTooSmall,
      when: { situation in
        let secs = situation.leaf.source
        let misc = secs.miscSelect.contains(.cpInfo) ? 32 : secs.miscSelect.contains(.exInfo) ? 16 : 0
        return Int(secs.ssaFrameSize) * 4096 < secs.xfrm.saveAreaSize + misc + 184
      },
      { $0.leaf.source.ssaFrameSize = 0 })
  }

  fileprivate mutating func addRangeRows() {
    addProtection(
      .baseNotCanonical,
      when: { situation in
        let base = situation.leaf.source.baseAddress.rawValue
        if situation.leaf.source.attributes.contains(.mode64Bit) { return ![0, 0x1_ffff].contains(base >> 47) }
        return base > 0xffff_ffff
      },
      { $0.leaf.source.baseAddress.rawValue |= 1 << 47 },
      { situation in
        situation.leaf.source.attributes.remove(.mode64Bit)
        situation.leaf.source.baseAddress.rawValue |= 1 << 32
      })
    addProtection(
      .sizeTooLarge,
      when: { $0.leaf.source.size > ($0.leaf.source.attributes.contains(.mode64Bit) ? 1 << 56 : 1 << 31) },
      { $0.leaf.source.size = 1 << 57 },
      { situation in
        situation.leaf.source.attributes.remove(.mode64Bit)
        situation.leaf.source.size = 1 << 32
      })
    addProtection(
      .sizeNotPowerOfTwo, when: { $0.leaf.source.size < 8192 || $0.leaf.source.size.nonzeroBitCount != 1 },
      { $0.leaf.source.size += 0x2000 }, { $0.leaf.source.size = 4096 }, { $0.leaf.source.size = 0 })
    addProtection(
      .baseMisaligned, when: { $0.leaf.source.baseAddress.rawValue & ($0.leaf.source.size &- 1) != 0 },
      { $0.leaf.source.baseAddress.rawValue |= 0x1000 }, { $0.leaf.source.baseAddress.rawValue |= 8 })
    addProtection(
      .attributes, when: { $0.leaf.source.attributes.rawValue & ~0x4f6 != 0 },
      { $0.leaf.source.attributes.insert(.initialized) }, { $0.leaf.source.attributes.rawValue |= 1 << 3 },
      { $0.leaf.source.attributes.rawValue |= 1 << 63 })
    addProtection(
      .reservedNotZero, when: { !$0.leaf.source.reservedBytesSet.isEmpty },
      { $0.leaf.source.reservedBytesSet = [33] }, { $0.leaf.source.reservedBytesSet = [4095] })
    addProtection(
      .configWithoutKSS,
      when: { situation in
        let secs = situation.leaf.source
        return !secs.attributes.contains(.kss) && (secs.configSVN != 0 || secs.configID != [UInt8](repeating: 0, count: 64))
      },
      { $0.leaf.source.configSVN = 1 }, { $0.leaf.source.configID[0] = 1 }, { $0.leaf.source.configID[63] = 1 })
  }
}

extension Situation<ECREATE> {
  fileprivate mutating func setCET(attributes: UInt8, bitmapOffset: UInt64) {
    leaf.source.attributes.insert(.cet)
    leaf.source.cetAttributes = attributes
    leaf.source.cetLegacyBitmapOffset = bitmapOffset
  }
}
