import EnclaveImage
import SGXArchitecture

extension MeasureStyle {
  /// One object on one line. Nothing in it differs between two runs, unless the time was asked for.
  func writeJSON(_ measured: MeasuredImage, to output: inout Output) {
    let (image, plan) = (measured.image, measured.image.plan)
    var object = JSONLine()
    object.add("file", measured.file)
    object.add("mrenclave", measured.mrenclave.hex)
    object.add("mrsigner", image.sigStruct?.signer.hex)
    object.add("format", image.format.rawValue)
    object.add("block", image.blocks.first(where: \.isTaken)?.version.text)
    object.add("blocks", raw: "[" + image.blocks.map { JSONLine.quoted($0.version.text) }.joined(separator: ",") + "]")
    object.add("block_reason", image.choice.isEmpty ? nil : image.choice)
    object.add("size", plan.parameters.size)
    object.add("ssa_frame_size", UInt64(plan.parameters.ssaFrameSize))
    object.add("attributes", plan.parameters.attributes.rawValue.hex)
    object.add("xfrm", plan.parameters.xfrm.rawValue.hex)
    object.add("misc_select", UInt64(plan.parameters.miscSelect.rawValue).hex)
    object.add("pages_added", plan.pagesAdded)
    object.add("pages_measured", plan.pagesMeasured)
    object.add("pages_removed", plan.pagesRemoved)
    object.add("threads", plan.threads)
    object.add("bytes_hashed", plan.hashedBytes)
    object.add("sigstruct", raw: sigStruct(of: measured))
    if showsTime { object.add("nanoseconds", measured.nanoseconds) }
    output.write("{" + object.fields)
    if records != .none {
      output.write(",\"records\":[")
      var separator = ""
      eachRecord(of: plan) { range, first, count in
        output.write(separator + record(range, first, count))
        separator = ","
      }
      output.write("]")
    }
    output.write("}\n")
  }

  private func sigStruct(of measured: MeasuredImage) -> String {
    guard let sigStruct = measured.image.sigStruct, let verdict = measured.verdict else { return "null" }
    var object = JSONLine()
    object.add("file", measured.sigStructFile)
    object.add("enclave_hash", sigStruct.enclaveHash.hex)
    object.add("agrees", raw: "\(verdict.hashAgrees)")
    object.add("signature_valid", raw: "\(verdict.signatureIsValid)")
    object.add("contradictions", raw: "[" + verdict.contradictions.map(JSONLine.quoted).joined(separator: ",") + "]")
    object.add("vendor", UInt64(sigStruct.vendor).hex)
    object.add("date", UInt64(sigStruct.date).hex)
    object.add("isv_prod_id", UInt64(sigStruct.isvProdID))
    object.add("isv_svn", UInt64(sigStruct.isvSVN))
    return "{" + object.fields + "}"
  }

  private func record(_ range: PageRange, _ first: UInt64, _ count: UInt64) -> String {
    var object = JSONLine()
    object.add("offset", range.offset.rawValue + first * pageSize)
    object.add("pages", count)
    object.add("secinfo_flags", range.secInfoFlags.hex)
    object.add("contents", range.contents.text)
    object.add("measured", range.measured.text)
    object.add("role", range.role.rawValue)
    object.add("removed", raw: "\(range.isRemovedBeforeInit)")
    return "{" + object.fields + "}"
  }
}

/// The fields of a JSON object, in the order in which they were added (RFC 8259).
struct JSONLine {
  private(set) var fields = ""

  mutating func add(_ name: String, _ value: String?) { add(name, raw: value.map(Self.quoted) ?? "null") }

  mutating func add(_ name: String, _ value: UInt64) { add(name, raw: String(value)) }

  /// A value that is JSON already.
  mutating func add(_ name: String, raw value: String) { fields += (fields.isEmpty ? "" : ",") + Self.quoted(name) + ":" + value }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
