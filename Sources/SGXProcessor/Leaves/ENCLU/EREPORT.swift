import SGXArchitecture

/// EREPORT (00H of ENCLU): writes what the processor says of the enclave, for one other enclave to verify (SDM 3D, EREPORT, Operation).
public struct EREPORT: ThreadLeaf {
  public static let name = LeafName.EREPORT
  /// RBX: TARGETINFO.
  public var targetInfo: LinearAddress
  /// RCX: REPORTDATA, 64 bytes of the enclave's own.
  public var reportData: LinearAddress
  /// RDX: where the 432 bytes go.
  public var output: LinearAddress

  public init(targetInfo: LinearAddress, reportData: LinearAddress, output: LinearAddress) {
    self.targetInfo = targetInfo
    self.reportData = reportData
    self.output = output
  }

  public enum Check: UInt8, LeafCheck {
    case targetInfoPlace = 1, targetInfoPage, targetInfoReserved, reportDataPlace, reportDataPage, outputPlace, outputPage

    public var condition: String {
      switch self {
      case .targetInfoPlace: "RBX is not 512-byte aligned or outside the enclave's range"
      case .targetInfoPage: "TARGETINFO cannot be read"
      case .targetInfoReserved: "TARGETINFO has reserved bytes"
      case .reportDataPlace: "RCX is not 128-byte aligned or outside the enclave's range"
      case .reportDataPage: "REPORTDATA cannot be read"
      case .outputPlace: "RDX is not 512-byte aligned or outside the enclave's range"
      case .outputPage: "the report cannot be written"
      }
    }
  }

  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (targetInfo.rawValue, reportData.rawValue, output.rawValue) }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    guard let entry = cpu.entry else { return .fault(.generalProtection, row: CommonRow.outsideEnclave) }
    guard targetInfo.rawValue.isMultiple(ofPowerOfTwo: 512), entry.contains(targetInfo) else { return Check.targetInfoPlace.protection }
    let target: TargetInfo
    switch processor.operand(TargetInfo.size, at: targetInfo, of: entry, through: tables) {
    case .success(let bytes): target = TargetInfo(bytes: bytes) ?? TargetInfo()
    case .failure(let fault): return Check.targetInfoPage.fault(fault)
    }
    guard target.hasCleanReserved else { return Check.targetInfoReserved.protection }
    guard reportData.rawValue.isMultiple(ofPowerOfTwo: 128), entry.contains(reportData) else { return Check.reportDataPlace.protection }
    let data: [UInt8]
    switch processor.operand(64, at: reportData, of: entry, through: tables) {
    case .success(let bytes): data = bytes
    case .failure(let fault): return Check.reportDataPage.fault(fault)
    }
    guard output.rawValue.isMultiple(ofPowerOfTwo: 512), entry.contains(output) else { return Check.outputPlace.protection }
    switch processor.usablePage(at: output, for: .write, by: entry.thread.secsIndex, through: tables) {
    case .success(let page):
      let report = processor.report(by: entry, for: target, data: data)
      processor.epc[page].store(report.bytes, at: Int(output.rawValue & (pageSize - 1)))
      return .done
    case .failure(let fault):
      return Check.outputPage.fault(fault)
    }
  }
}

extension Processor {
  /// Bytes of enclave memory that a leaf reads; they lie in one page.
  func operand(
    _ count: Int, at address: LinearAddress, of entry: borrowing EnclaveEntry, through tables: some AddressTranslation
  ) -> Result<[UInt8], CPUFault> {
    let offset = Int(address.rawValue & (pageSize - 1))
    return usablePage(at: address, for: .read, by: entry.thread.secsIndex, through: tables).map { epc[$0].bytes(offset..<(offset + count)) }
  }

  /// What the SECS of a running enclave says; an enclave is entered only after EINIT, which fills it in.
  func claims(of entry: borrowing EnclaveEntry) -> EnclaveClaims {
    guard let claims = secsRecords[Int(entry.thread.secsIndex)]?.claims else {
      preconditionFailure("entered-initialized: only an initialised enclave is entered")
    }
    return claims
  }

  fileprivate func report(by entry: borrowing EnclaveEntry, for target: TargetInfo, data: [UInt8]) -> Report {
    var report = Report(claims(of: entry), cpuSVN: cpuSVN, reportData: data, keyID: reportKeyID)
    let key = KeyDependencies.report(for: target, keyID: reportKeyID, cpuSVN: cpuSVN, of: keyMaterial).key(under: keyMaterial.root)
    report[.mac] = report.expectedMAC(under: key)
    return report
  }
}
