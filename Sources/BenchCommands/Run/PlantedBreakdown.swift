import CBreakdown
import Simulation
#if canImport(Glibc)
  import Glibc
#endif

/// A breakdown on purpose, for the tests of what becomes of the report: `SGXBENCH_PLANT=index@a test`. Only who starts the program can ask for
/// one; a scenario cannot.
struct PlantedBreakdown: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    /// An index that is not there: Swift traps.
    case index
    /// A sum that does not fit: Swift traps.
    case overflow
    /// A write to memory that is not there.
    case null
    case abort
    /// All of the stack.
    case stack
    /// Memory that no system gives.
    case memory
    /// A law of the bench: no breakdown, but told in the same places.
    case law
  }

  /// What is struck: `KIND@TEST`, `KIND@` for the script outside of its tests, `KIND@@` for the report.
  private enum Place: Sendable {
    case test(String)
    case script
    case report
  }

  private let kind: Kind
  private let place: Place

  /// Nil where nothing is planted.
  static var ofEnvironment: PlantedBreakdown? {
    guard let text = getenv("SGXBENCH_PLANT") else { return nil }
    let words = String(cString: text).split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard words.count == 2, let kind = Kind(rawValue: String(words[0])) else { return nil }
    return PlantedBreakdown(kind: kind, place: words[1].isEmpty ? .script : words[1] == "@" ? .report : .test(String(words[1])))
  }

  func strikeScript() { if case .script = place { strike() } }

  func strikeReport() { if case .report = place { strike() } }

  /// Strikes at the beginning of its test; of all tests whose name begins with it, where it ends with an asterisk.
  func strikeTest(named name: String) {
    guard case .test(let test) = place else { return }
    if name == test || test.utf8.last == UInt8(ascii: "*") && name.hasPrefix(test.dropLast()) { strike() }
  }

  private func strike() {
    // Not known to the compiler, which would refuse the mistake, or leave out a sum that nobody reads.
    let count = Int(breakdown_unknown(255))
    switch kind {
    case .index: blackHole([UInt8](repeating: 0, count: 1)[count])
    case .overflow: blackHole(breakdown_unknown(UInt64(UInt8(truncatingIfNeeded: count) + 1)))
    case .null: breakdown_of_null()
    case .abort: breakdown_of_abort()
    case .stack: blackHole(breakdown_of_stack(0))
    case .memory: UnsafeMutableRawPointer.allocate(byteCount: count << 48, alignment: 16).deallocate()
    case .law: BenchLaw.broken(.callAnswers)
    }
  }

  @inline(never) private func blackHole(_ value: some Any) {}
}
