import BenchReport
import Glibc

// A target of libFuzzer: bytes in, a report that `merge` can put together and every format can write, or a refusal. `Scripts/dev/fuzz reports`
// builds and runs it; it is no part of any other build.

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  do throws(ReportProblem) {
    let report = try RunReport.read(input, name: "input")
    let whole = try RunReport.merged([(report, "input")])
    for text in [PrettyReport.text(of: whole), TAPReport.text(of: whole), KTAPReport.text(of: whole), JUnitReport.text(of: whole)] {
      let steers = text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || (0x7f...0x9f).contains($0.value) }
      precondition(!steers, "a report steers no terminal")
    }
  } catch {
    precondition(error.text.utf8.count < 1 << 16, "a refusal is short")
  }
  return 0
}
