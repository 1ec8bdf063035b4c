@testable import SGXArchitecture
@testable import SGXProcessor
import Synchronization
import TestSupport
import Testing

@Suite struct EINITChecksTests {
  /// An enclave in pages 0 and 1, signed by the test key, with a token by a launch enclave of the other key's signer. Page 2 is a version
  /// array, page 3 another SECS, page 5 free. The masks leave INIT, DEBUG and EINITTOKENKEY open.
  private static var good: Situation<EINIT> {
    var bench = Bench(.serverWithCET)
    _ = bench.create(at: 0)
    _ = bench.add(.fill(9), at: 0, in: 1, of: 0)
    _ = bench.extend(1, of: 0)
    _ = bench.makeVersionArray(2)
    _ = bench.create(at: 3)
    #expect(bench.processor.writeLaunchKeyHash(signer(of: .otherTest)) == nil)

    var sigStruct = SigStruct()
    sigStruct.enclaveHash = bench.record(0).measurement.digest
    sigStruct.attributes = .mode64Bit
    sigStruct.attributeMask = AttributeFlags(rawValue: ~0x23)
    sigStruct.xfrm = .legacy
    sigStruct.xfrmMask = XFRM(rawValue: ~0)
    sigStruct.miscMask = MiscSelect(rawValue: ~0)
    sigStruct.cetAttributesMask = 0xff
    var token = EINITToken()
    token.valid = 1
    token.attributes = .mode64Bit
    token.xfrm = .legacy
    token.mrEnclave = sigStruct.enclaveHash
    token.mrSigner = signer(of: .test)
    token.launchCPUSVN = KeyMaterial.model.cpuSVN
    token.launchAttributes = [.initialized, .mode64Bit, .einitTokenKey]
    token.launchXFRM = .legacy
    token.keyID = [UInt8](repeating: 0x55, count: 32)
    var situation = Situation(bench: bench, leaf: EINIT(sigStruct: sigStruct, secs: bench.address(0), token: token))
    situation.changeSigned { _ in }
    situation.changeToken { _ in }
    return situation
  }

  static func signer(of key: SigningKey) -> Digest {
    var sigStruct = SigStruct()
    sigStruct[.modulus] = key.modulus
    return sigStruct.signer
  }

  @Test func rowsAreTestedInTheManualsOrder() {
    var table = CheckTable(good: Self.good)
    table.addOperandRows()
    table.addEnclaveRows()
    table.addTokenRows()
    table.unreachable = [
      (.unmaskedEvent, "no event arrives inside a leaf of the model; an injection at leaf:EINIT gives the code"),
      (.secsInUse, Reason.atomic), (.measurementBusy, Reason.atomic),
    ]
    let ofTheEnclave: [EINIT.Check] = [
      .familyWithoutKSS, .initialized, .measurement, .launchKeyAttribute, .attributes, .miscSelect, .cetAttributes, .debugToken,
      .tokenAttributes,
    ]
    table.impossible = [(.secsNotEPC, .secsNotValid, Reason.noEntry)]
    for check in ofTheEnclave {
      table.impossible.append((.secsNotEPC, check, Reason.noSECS))
      table.impossible.append((.secsNotValid, check, Reason.noSECS))
    }
    for check in [EINIT.Check.debugToken, .tokenReserved, .tokenCPUSVN, .tokenMAC, .tokenIdentity, .tokenAttributes] {
      table.impossible.append((.notLaunchSigner, check, "a token without VALID is not looked at"))
    }
    table.verify()
  }
}

/// Signatures of the situations, each made once: there are a few hundred, and a debug build takes its time over each.
private let signatures = Mutex<[SigStruct: SigStruct]>([:])

extension Situation<EINIT> {
  /// Changes SIGSTRUCT and signs it again.
  mutating func changeSigned(_ change: (inout SigStruct) -> Void) {
    change(&leaf.sigStruct)
    for field in [SigStruct.Field.modulus, .signature, .q1, .q2] {
      leaf.sigStruct[field] = [UInt8](repeating: 0, count: field.range.count)
    }
    let unsigned = leaf.sigStruct
    leaf.sigStruct = signatures.withLock { known in
      if let signed = known[unsigned] { return signed }
      var signed = unsigned
      signed.sign(with: .test)
      known[unsigned] = signed
      return signed
    }
  }

  /// Changes the token and makes its MAC again.
  mutating func changeToken(_ change: (inout EINITToken) -> Void) {
    change(&leaf.token)
    leaf.token.mac = leaf.token.expectedMAC(of: bench.processor.keyMaterial, launchKeyHash: bench.processor.launchKeyHash)
  }

  /// Changes ATTRIBUTES of the enclave, and the token with them.
  fileprivate mutating func changeAttributes(_ change: (inout AttributeFlags) -> Void) {
    for index in bench.processor.secsRecords.indices where bench.processor.secsRecords[index] != nil {
      change(&bench.processor.secsRecords[index]!.attributes)
    }
    changeToken { change(&$0.attributes) }
  }

  fileprivate var record: SECSRecord? {
    guard let entry = entry(leaf.secs), entry.state == .secs else { return nil }
    return bench.processor.secsRecord(of: entry)
  }

  /// The signer is the one that needs no token.
  fileprivate var isLaunchSigner: Bool { leaf.sigStruct.signer == bench.processor.launchKeyHash }

  fileprivate var hasToken: Bool { leaf.token.bytes[0] % 2 == 1 }
}

extension CheckTable<EINIT> {
  fileprivate mutating func addCode(
    _ check: EINIT.Check, _ code: LeafError, when holds: @escaping (Situation<EINIT>) -> Bool, _ breakers: CheckRow<EINIT>.Breaker...
  ) {
    rows.append(CheckRow(check: check, holds: holds, answer: { _ in .code(code, row: check.rawValue) }, breakers: breakers))
  }

  fileprivate mutating func addOperandRows() {
    addProtection(
      .operandAlignment,
      when: { $0.isMisaligned($0.leaf.sigStructAddress, to: 4096) || $0.isMisaligned($0.leaf.secs, to: 4096) },
      { $0.leaf.sigStructAddress.rawValue |= 2048 }, { $0.leaf.secs.rawValue |= 2048 })
    addProtection(
      .tokenAlignment, when: { $0.isMisaligned($0.leaf.tokenAddress, to: 512) }, { $0.leaf.tokenAddress.rawValue |= 256 })
    addPageFault(
      .secsNotEPC, at: \.secs, write: true, when: { $0.page($0.leaf.secs) == nil },
      { $0.moveOutOfEPC(\.secs) }, { $0.moveBeforeEPC(\.secs) })
    addCode(
      .badSigStruct, .SGX_INVALID_SIG_STRUCT, when: { !$0.leaf.sigStruct.malformations(hasCET: true).isEmpty },
      { $0.changeSigned { $0[offset: 0] = 7 } }, { $0.changeSigned { $0.vendor = 0x8087 } }, { $0.changeSigned { $0[offset: 24] = 2 } },
      { $0.changeSigned { $0[offset: 127] = 1 } }, { $0.leaf.sigStruct[offset: 1039] = 1 },
      { $0.leaf.sigStruct.exponent = 65537 })
    addCode(
      .badSignature, .SGX_INVALID_SIGNATURE, when: { !$0.leaf.sigStruct.signatureFlaws.isEmpty },
      { $0.leaf.sigStruct[offset: 1040] ^= 1 }, { $0.leaf.sigStruct.isvSVN += 1 })
    addPageFault(
      .secsNotValid, at: \.secs, write: true,
      when: { situation in situation.entry(situation.leaf.secs).map { $0.state != .secs } == true },
      { $0.move(\.secs, to: 5) }, { $0.move(\.secs, to: 1) }, { $0.move(\.secs, to: 2) })
  }

  fileprivate mutating func addEnclaveRows() {
    addCode(
      .familyWithoutKSS, .SGX_INVALID_SIG_STRUCT,
      when: { situation in
        guard let record = situation.record, record.attributes.rawValue & 0x80 == 0 else { return false }
        return (situation.leaf.sigStruct.bytes[912..<928] + situation.leaf.sigStruct.bytes[1008..<1024]).contains { $0 != 0 }
      },
      { $0.changeSigned { $0[offset: 927] = 1 } }, { $0.changeSigned { $0[offset: 1008] = 1 } })
    addProtection(
      .initialized, when: { ($0.record?.attributes.rawValue ?? 0) & 1 == 1 }, { $0.changeAttributes { $0.insert(.initialized) } })
    addCode(
      .measurement, .SGX_INVALID_MEASUREMENT,
      when: { situation in situation.record.map { $0.measurement.digest.bytes != Array(situation.leaf.sigStruct.bytes[960..<992]) } == true },
      { $0.changeSigned { $0[offset: 991] ^= 1 } },
      // The token follows, so that this row breaks alone.
      { situation in
        _ = situation.bench.extend(1, chunk: 1, of: 0)
        let digest = situation.bench.record(0).measurement.digest
        situation.changeToken { $0.mrEnclave = digest }
      })
    addCode(
      .launchKeyAttribute, .SGX_INVALID_ATTRIBUTE,
      when: { ($0.record?.attributes.rawValue ?? 0) & 0x20 != 0 && !$0.isLaunchSigner },
      { $0.changeAttributes { $0.insert(.einitTokenKey) } })
    addCode(
      .attributes, .SGX_INVALID_ATTRIBUTE,
      when: { situation in
        guard let record = situation.record else { return false }
        let sigStruct = situation.leaf.sigStruct
        return record.attributes.rawValue & sigStruct.attributeMask.rawValue != sigStruct.attributes.rawValue & sigStruct.attributeMask.rawValue
          || record.xfrm.rawValue & sigStruct.xfrmMask.rawValue != sigStruct.xfrm.rawValue & sigStruct.xfrmMask.rawValue
      },
      { $0.changeAttributes { $0.insert(.provisionKey) } }, { $0.changeAttributes { $0.remove(.mode64Bit) } },
      { $0.changeSigned { $0.attributes = [.mode64Bit, AttributeFlags(rawValue: 1 << 63)] } },
      { $0.changeSigned { $0.xfrm = XFRM(rawValue: 7) } }, { $0.changeSigned { $0.xfrm = XFRM(rawValue: 1 << 63 | 3) } })
    addCode(
      .miscSelect, .SGX_INVALID_ATTRIBUTE,
      when: { situation in
        let sigStruct = situation.leaf.sigStruct
        return situation.record.map { ($0.miscSelect.rawValue ^ sigStruct.miscSelect.rawValue) & sigStruct.miscMask.rawValue != 0 } == true
      },
      { $0.changeSigned { $0.miscSelect = .exInfo } }, { $0.changeSigned { $0.miscSelect = MiscSelect(rawValue: 1 << 31) } })
    addCode(
      .cetAttributes, .SGX_INVALID_ATTRIBUTE,
      when: { situation in
        let sigStruct = situation.leaf.sigStruct
        return situation.record.map { ($0.cetAttributes ^ sigStruct.cetAttributes) & sigStruct.cetAttributesMask != 0 } == true
      },
      { $0.changeSigned { $0.cetAttributes = 0x80 } })
  }

  fileprivate mutating func addTokenRows() {
    addCode(
      .notLaunchSigner, .SGX_INVALID_EINITTOKEN, when: { !$0.hasToken && !$0.isLaunchSigner },
      { $0.leaf.token = .none }, { $0.changeToken { $0.valid = 0 } }, { $0.changeToken { $0.valid = 2 } })
    addCode(
      .debugToken, .SGX_INVALID_EINITTOKEN,
      when: { situation in
        guard let record = situation.record, situation.hasToken else { return false }
        return situation.leaf.token.bytes[240] & 2 != 0 && record.attributes.rawValue & 2 == 0
      },
      { $0.changeToken { $0.launchAttributes.insert(.debug) } })
    addCode(
      .tokenReserved, .SGX_INVALID_EINITTOKEN,
      when: { situation in
        let bytes = situation.leaf.token.bytes
        let reserved = bytes[1..<48] + bytes[96..<128] + bytes[160..<192] + bytes[213..<236]
        return situation.hasToken && (bytes[0] != 1 || reserved.contains { $0 != 0 })
      },
      { $0.changeToken { $0.valid = 3 } }, { $0.changeToken { $0.valid = 0x8000_0001 } }, { $0.changeToken { $0[offset: 47] = 1 } },
      { $0.changeToken { $0[offset: 191] = 1 } }, { $0.leaf.token[offset: 235] = 1 })
    addCode(
      .tokenCPUSVN, .SGX_INVALID_CPUSVN,
      when: { $0.hasToken && $0.leaf.token.bytes[192..<208].contains { $0 > 1 } },
      { $0.changeToken { $0[offset: 192] = 2 } }, { $0.changeToken { $0[offset: 207] = 0xff } })
    addCode(
      .tokenMAC, .SGX_INVALID_EINITTOKEN,
      when: { situation in
        let hash = situation.bench.processor.launchKeyHash
        return situation.hasToken && situation.leaf.token.mac != situation.leaf.token.expectedMAC(of: .model, launchKeyHash: hash)
      },
      { $0.leaf.token[offset: 288] ^= 1 }, { $0.leaf.token[offset: 303] ^= 0x80 }, { $0.leaf.token[offset: 256] ^= 1 },
      { $0.leaf.token[offset: 212] = 1 }, { $0.leaf.token[offset: 236] = 1 }, { $0.leaf.token[offset: 192] = 0 })
    addCode(
      .tokenIdentity, .SGX_INVALID_MEASUREMENT,
      when: { situation in
        guard situation.hasToken else { return false }
        let token = situation.leaf.token
        if token.mrSigner != situation.leaf.sigStruct.signer { return true }
        return situation.record.map { $0.measurement.digest != token.mrEnclave } == true
      },
      { $0.changeToken { $0[offset: 64] ^= 1 } }, { $0.changeToken { $0[offset: 159] ^= 1 } })
    addCode(
      .tokenAttributes, .SGX_INVALID_ATTRIBUTE,
      when: { situation in
        guard let record = situation.record, situation.hasToken else { return false }
        return record.attributes != situation.leaf.token.attributes || record.xfrm != situation.leaf.token.xfrm
      },
      { $0.changeToken { $0.attributes.insert(.debug) } }, { $0.changeToken { $0.xfrm = XFRM(rawValue: 7) } })
  }
}
