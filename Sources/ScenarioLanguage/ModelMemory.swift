import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import Testbench

/// What the machines of a test may make the host keep (`RunOptions.modelMemory`, `--model-memory`).
///
/// Calls say what they may add, before they add it, and nobody says what is given up again: only where the sum has reached the limit are the
/// machines measured, and the sum is put right. So the same call hits the limit in every run, and a call that is far from it pays an addition.
struct ModelMemory {
  /// Bytes.
  let limit: Int
  /// Bytes, no fewer than there are.
  private var kept = 0
  /// Bytes at which the host was last asked whether it has more.
  private var asked = 0

  /// A page that was added, or is added in vain: its entry in the EPCM, its slot, and what the laws look at.
  static let bytesPerPage = 64
  /// An evicted page has its bytes, encrypted.
  static let bytesPerEvictedPage = 4096 + 128
  private static let askedEvery = 32 << 20

  init(limit: Int) { self.limit = limit }

  enum Refusal {
    case limit
    /// The host itself has no more.
    case host
  }

  /// Adds bytes that are about to be kept; `measure` says what all of it comes to by now.
  mutating func add(_ bytes: Int, measure: () -> Int) -> Refusal? {
    kept += min(bytes, Int.max - kept)
    if kept > limit {
      kept = measure() + bytes
      // What is nearly full is full: it would be measured at every call.
      if kept > limit - limit / 16 { return .limit }
    }
    guard kept - asked >= Self.askedEvery else { return nil }
    asked = kept
    // Memory that is refused here would be refused where nobody can say so.
    return HostMemory.has(min(bytes, limit) + 2 * Self.askedEvery) ? nil : .host
  }
}

extension ScenarioContext {
  /// False where the host is not to keep so much more; the test that runs ends then, whatever the call returns.
  func keep(_ bytes: Int, _ call: borrowing Call) -> Bool {
    guard let refusal = modelMemory.add(bytes, measure: { machinesOfTest.reduce(0) { $0 + $1.look { $0.bytesKept } } }) else { return true }
    let size = modelMemory.limit >> 20
    switch refusal {
    case .limit: call.end("model memory limit of \(grouped(size)) MiB reached (--model-memory)")
    case .host: call.end("the system gives the model no more memory, below its limit of \(grouped(size)) MiB (--model-memory)")
    }
    return false
  }

  private func grouped(_ number: Int) -> String {
    let digits = Array(String(number).utf8)
    var text = ""
    for (index, digit) in digits.enumerated() {
      text.unicodeScalars.append(Unicode.Scalar(digit))
      let left = digits.count - index - 1
      if left > 0, left % 3 == 0 { text += "," }
    }
    return text
  }
}

extension Machine {
  /// About how many bytes of the host this machine takes.
  var bytesKept: Int {
    var bytes = 32 << 10
    for process in driver.processes { bytes += 2048 + process.memory.bytesKept }
    bytes += Int(driver.pool.touchedCount) * ModelMemory.bytesPerPage
    for enclave in driver.enclaves { bytes += 4096 + Int(enclave?.slots.evictedCount ?? 0) * ModelMemory.bytesPerEvictedPage }
    return bytes + environment.trace.bytesKept + (calls?.count ?? 0) * 1024
  }

  /// What a call may make the host keep.
  func bytes(for operation: Operation) -> Int {
    let work = operation.work(on: driver)
    var bytes = calls == nil ? 128 : 1024
    if case .open = operation { bytes += 4096 }
    bytes += Int(work.pages) * (configuration.keepsWholeTrace ? 4 : 1) * ModelMemory.bytesPerPage
    return bytes + Int(work.evictions) * ModelMemory.bytesPerEvictedPage
  }
}
