import BenchReport
import EnclaveImage
import SGXArchitecture

extension MeasureStyle {
  /// One object on one line. Nothing in it differs between two runs, unless the time was asked for.
  func writeJSON(_ measured: MeasuredImage, to output: inout Output) {
    let line = summary(of: measured).dropLast()
    // There may be millions: they are written one by one, as the last member.
    output.write(line.dropLast() + ",\"records\":[")
    var separator = ""
    eachRecord(of: measured.image.plan) { range, first, count in
      output.write(separator + record(range, first, count).line)
      separator = ","
    }
    output.write("]}\n")
  }

  func members(of measured: MeasuredImage) -> [(String, JSONText)] {
    let (image, plan) = (measured.image, measured.image.plan)
    var members: [(String, JSONText)] = [
      ("file", .string(measured.file)), ("mrenclave", .string(measured.mrenclave.hex)),
      ("mrsigner", text(image.sigStruct?.signer.hex)), ("format", .string(image.format.rawValue)),
      ("block", text(image.blocks.first(where: \.isTaken)?.version.text)),
      ("blocks", .array(image.blocks.map { .string($0.version.text) })),
      ("block_reason", text(image.choice.isEmpty ? nil : image.choice)), ("size", .number(plan.parameters.size)),
      ("ssa_frame_size", .number(UInt64(plan.parameters.ssaFrameSize))),
      ("attributes", .string(plan.parameters.attributes.rawValue.hex)), ("xfrm", .string(plan.parameters.xfrm.rawValue.hex)),
      ("misc_select", .string(UInt64(plan.parameters.miscSelect.rawValue).hex)), ("pages_added", .number(plan.pagesAdded)),
      ("pages_measured", .number(plan.pagesMeasured)), ("pages_removed", .number(plan.pagesRemoved)),
      ("threads", .number(plan.threads)), ("bytes_hashed", .number(plan.hashedBytes)), ("sigstruct", sigStruct(of: measured)),
    ]
    if let expected { members.append(("expected", .string(expected.hex))) }
    if showsTime { members.append(("nanoseconds", .number(measured.nanoseconds))) }
    return members
  }

  private func sigStruct(of measured: MeasuredImage) -> JSONText {
    guard let sigStruct = measured.image.sigStruct, let verdict = measured.verdict else { return .null }
    return .object([
      ("file", text(measured.sigStructFile)), ("enclave_hash", .string(sigStruct.enclaveHash.hex)),
      ("agrees", .bool(verdict.hashAgrees)), ("signature_valid", .bool(verdict.signatureIsValid)),
      ("contradictions", .array(verdict.contradictions.map { .string($0) })),
      ("vendor", .string(UInt64(sigStruct.vendor).hex)), ("date", .string(UInt64(sigStruct.date).hex)),
      ("isv_prod_id", .number(UInt64(sigStruct.isvProdID))), ("isv_svn", .number(UInt64(sigStruct.isvSVN))),
    ])
  }

  private func record(_ range: PageRange, _ first: UInt64, _ count: UInt64) -> JSONText {
    .object([
      ("offset", .number(range.offset.rawValue + first * pageSize)), ("pages", .number(count)),
      ("secinfo_flags", .string(range.secInfoFlags.hex)), ("contents", .string(range.contents.text)),
      ("measured", .string(range.measured.text)), ("role", .string(range.role.rawValue)),
      ("removed_before_init", .bool(range.isRemovedBeforeInit)),
    ])
  }

  private func text(_ text: String?) -> JSONText { text.map { .string($0) } ?? .null }
}
