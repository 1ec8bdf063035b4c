import BenchReport
import CPrefetch
import LuaHost
import ScenarioLanguage
import SGXDriver

/// What `sgxbench --version` says: the bench, and what it stands on.
enum VersionText {
  static let text = lines.joined(separator: "\n")

  private static var lines: [String] {
    [
      "sgxbench \(Bench.version)",
      "tree: \(Bench.tree)",
      "scenarios: sgxbench \(RequiredVersion.mine)",
      "Lua: \(LuaFaults.text(release: Interpreter.release))",
      "cryptography: swift-crypto \(cryptoRelease) (BoringSSL), SHA-256 \(processor_has_sha() ? "by the processor's instructions" : "in software")",
      "drivers: \(MachineChoices.driverNames); \(DriverVersion.v6_1_192.name) by default",
    ]
  }

  /// As `Package.swift` pins it; the library does not tell.
  static let cryptoRelease = "4.5.2"
}

/// Faults of Lua 5.4 that a scenario could meet, by the release that ended them (`git log` of lua/lua).
enum LuaFaults {
  private enum Handling {
    /// The sandbox takes away what leads to it.
    case contained
    case open
  }

  private static let faults: [(name: String, endedIn: Int, handling: Handling)] = [
    ("__concat", 5, .contained), ("nested coroutine.close", 5, .contained), ("break and <close>", 5, .contained),
    ("names in error messages", 7, .contained), ("weak tables", 8, .contained),
    ("bitwise operators behind 256 constants", 5, .open), ("_ENV[a<b]", 8, .open),
  ]

  /// The release, and which of its faults are contained.
  ///
  /// - Parameter release: as Lua writes it, `Lua 5.4.4`.
  static func text(release: String) -> String {
    let version = release.split(separator: " ").last ?? ""
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    guard numbers.count == 3, numbers[0] == 5, numbers[1] == 4 else { return "\(version), whose faults are not known to this bench" }
    let present = faults.filter { $0.endedIn > numbers[2] }
    var text = String(version)
    for (word, handling) in [("contained", Handling.contained), ("not contained", .open)] {
      let names = present.filter { $0.handling == handling }.map(\.name)
      if !names.isEmpty { text += "; \(word): \(names.joined(separator: ", "))" }
    }
    return present.isEmpty ? text + "; no known fault" : text + " (Docs/LuaHost.md)"
  }
}
