import BenchReport
import EnclaveImage
import LuaHost
import SGXArchitecture

/// How an image is reported.
struct MeasureStyle: Sendable {
  enum Records: Sendable { case none, ranges, pages }

  var isJSON = false
  var records = Records.none
  var showsTime = false
  /// What MRENCLAVE must be; nil where nobody said.
  var expected: Digest?

  func isExpected(_ measured: MeasuredImage) -> Bool { expected.map { $0 == measured.mrenclave } ?? true }

  /// The report without its records.
  func summary(of measured: MeasuredImage) -> String {
    isJSON ? JSONText.object(members(of: measured)).document.line + "\n" : text(of: measured)
  }

  func write(_ measured: MeasuredImage, to output: inout Output) {
    if isJSON { writeJSON(measured, to: &output) } else {
      output.write(text(of: measured))
      eachRecord(of: measured.image.plan) { range, first, count in output.write(recordLine(range, first, count)) }
    }
  }

  /// Hands out the records to be listed: stretches, or each page as a stretch of its own.
  func eachRecord(of plan: LoadPlan, _ body: (PageRange, _ first: UInt64, _ count: UInt64) -> Void) {
    for range in plan.ranges {
      switch records {
      case .none: return
      case .ranges: body(range, 0, range.pageCount)
      case .pages: for page in 0..<range.pageCount { body(range, page, 1) }
      }
    }
  }
}

extension MeasureStyle {
  private func text(of measured: MeasuredImage) -> String {
    let (image, plan) = (measured.image, measured.image.plan)
    let parameters = plan.parameters
    var text = escapeForDisplay(Array(measured.file.utf8)) + "\n"
    func line(_ name: String, _ value: String) {
      text += "  " + name + String(repeating: " ", count: max(1, 12 - name.utf8.count)) + value + "\n"
    }
    line("MRENCLAVE", measured.mrenclave.hex)
    if let expected { line("expected", isExpected(measured) ? "the same" : "\(expected.hex): ANOTHER ENCLAVE") }
    if let sigStruct = image.sigStruct { line("MRSIGNER", sigStruct.signer.hex) }
    line("format", image.format.rawValue)
    if !image.choice.isEmpty { line("metadata", image.choice) }
    line("enclave", "\(parameters.size.hex) bytes, SSA frames of \(count(UInt64(parameters.ssaFrameSize), "page"))")
    line(
      "attributes",
      "\(parameters.attributes.rawValue.hex), XFRM \(parameters.xfrm.rawValue.hex), MISCSELECT \(UInt64(parameters.miscSelect.rawValue).hex)")
    var pages = "\(plan.pagesAdded) added, \(plan.pagesMeasured) measured"
    if plan.pagesRemoved > 0 { pages += ", \(plan.pagesRemoved) removed again before EINIT" }
    line("pages", pages)
    line("threads", plan.threads == 0 ? "0: nothing can enter this enclave" : "\(plan.threads)")
    line("SIGSTRUCT", sigStructLine(measured))
    if let sigStruct = image.sigStruct {
      if measured.verdict?.hashAgrees == false { line("", "ENCLAVEHASH \(sigStruct.enclaveHash.hex)") }
      line("product", "ISVPRODID \(sigStruct.isvProdID), ISVSVN \(sigStruct.isvSVN)")
    }
    if showsTime { line("time", timeText(measured)) }
    return text
  }

  private func sigStructLine(_ measured: MeasuredImage) -> String {
    guard let verdict = measured.verdict else { return "none" }
    let source = measured.sigStructFile.map { escapeForDisplay(Array($0.utf8)) + ": " } ?? ""
    return source + (verdict.isGood ? "agrees, and its signature is valid" : "CONTRADICTS: " + verdict.contradictions.joined(separator: "; "))
  }

  private func timeText(_ measured: MeasuredImage) -> String {
    let seconds = Double(max(measured.nanoseconds, 1)) / 1e9
    let bytes = Double(measured.image.plan.hashedBytes)
    return "\(decimal(seconds * 1000)) ms, \(Int(bytes)) bytes hashed at \(Int(bytes / seconds / 1e6)) MB/s"
  }

  private func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// `    0x1000      12 pages  REG r-x  measured    segment`
  private func recordLine(_ range: PageRange, _ first: UInt64, _ pages: UInt64) -> String {
    let offset = range.offset.rawValue + first * pageSize
    var line = "    " + pad(offset.hex, 14) + pad(count(pages, "page"), 16)
    line += pad(range.secInfo.type?.name ?? "?", 4) + pad(range.secInfo.permissions.description, 5)
    line += pad(range.contents.text, 12) + pad(range.measured.text, 14) + range.role.rawValue
    return line + (range.isRemovedBeforeInit ? ", removed before EINIT\n" : "\n")
  }

  private func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.utf8.count)) }

  private func count(_ number: UInt64, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension RangeContents {
  /// `zero`, `0xcc`, `data`
  var text: String {
    switch self {
    case .same(.fill(0)): "zero"
    case .same(.fill(let byte)): UInt64(byte).hex
    case .same, .consecutive: "data"
    }
  }
}

extension MeasuredChunks {
  var text: String {
    switch self {
    case .none: "unmeasured"
    case .all: "measured"
    case .some(let order): order.chunks.map(String.init).joined(separator: ",")
    }
  }
}
