import BenchReport
import CSGXBench

@c(sgxbench_result_free) @implementation
public func sgxbench_result_free(_ result: OpaquePointer?) { release(result, RunOutcome.self) }

@c(sgxbench_result_outcome) @implementation
public func sgxbench_result_outcome(_ result: OpaquePointer?) -> sgxbench_outcome { object(result, RunOutcome.self)?.outcome ?? SGXBENCH_ERROR }

@c(sgxbench_result_error) @implementation
public func sgxbench_result_error(_ result: OpaquePointer?) -> UnsafePointer<CChar>? { object(result, RunOutcome.self)?.error?.pointer }

@c(sgxbench_result_stopped) @implementation
public func sgxbench_result_stopped(_ result: OpaquePointer?) -> UnsafePointer<CChar>? { object(result, RunOutcome.self)?.stopped?.pointer }

@c(sgxbench_result_test_count) @implementation
public func sgxbench_result_test_count(_ result: OpaquePointer?) -> Int { object(result, RunOutcome.self)?.tests.count ?? 0 }

@c(sgxbench_test_outcome) @implementation
public func sgxbench_test_outcome(_ result: OpaquePointer?, _ test: Int) -> sgxbench_outcome {
  object(result, RunOutcome.self)?.test(test)?.outcome ?? SGXBENCH_ERROR
}

@c(sgxbench_test_name) @implementation
public func sgxbench_test_name(_ result: OpaquePointer?, _ test: Int) -> UnsafePointer<CChar>? {
  object(result, RunOutcome.self)?.test(test)?.name.pointer
}

@c(sgxbench_test_checks) @implementation
public func sgxbench_test_checks(_ result: OpaquePointer?, _ test: Int) -> UInt64 { object(result, RunOutcome.self)?.test(test)?.checks ?? 0 }

@c(sgxbench_test_output) @implementation
public func sgxbench_test_output(_ result: OpaquePointer?, _ test: Int, _ length: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
  let output = object(result, RunOutcome.self)?.test(test)?.output
  length?.pointee = output?.count ?? 0
  return output?.pointer
}

@c(sgxbench_test_failure_count) @implementation
public func sgxbench_test_failure_count(_ result: OpaquePointer?, _ test: Int) -> Int {
  object(result, RunOutcome.self)?.test(test)?.failures.count ?? 0
}

@c(sgxbench_failure_message) @implementation
public func sgxbench_failure_message(_ result: OpaquePointer?, _ test: Int, _ failure: Int) -> UnsafePointer<CChar>? {
  object(result, RunOutcome.self)?.failure(test, failure)?.message.pointer
}

@c(sgxbench_failure_file) @implementation
public func sgxbench_failure_file(_ result: OpaquePointer?, _ test: Int, _ failure: Int) -> UnsafePointer<CChar>? {
  object(result, RunOutcome.self)?.failure(test, failure)?.file.pointer
}

@c(sgxbench_failure_line) @implementation
public func sgxbench_failure_line(_ result: OpaquePointer?, _ test: Int, _ failure: Int) -> Int64 {
  object(result, RunOutcome.self)?.failure(test, failure)?.line ?? 0
}

@c(sgxbench_result_report) @implementation
public func sgxbench_result_report(
  _ result: OpaquePointer?, _ format: sgxbench_format,
  _ write: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int) -> Void)?, _ context: UnsafeMutableRawPointer?
) -> sgxbench_status {
  guard let report = object(result, RunOutcome.self)?.report, let write else { return SGXBENCH_INVALID }
  let text: CText
  switch format {
  case SGXBENCH_TEXT: text = CText(ReportFormat.pretty.text(of: report))
  case SGXBENCH_JSON: text = CText(ReportFormat.json.text(of: report))
  case SGXBENCH_TAP: text = CText(ReportFormat.tap.text(of: report))
  case SGXBENCH_KTAP: text = CText(ReportFormat.ktap.text(of: report))
  case SGXBENCH_JUNIT: text = CText(ReportFormat.junit.text(of: report))
  case SGXBENCH_HTML: text = CText(ReportFormat.html.text(of: report))
  default: return SGXBENCH_INVALID
  }
  withExtendedLifetime(text) { write(context, text.pointer, text.count) }
  return SGXBENCH_OK
}
