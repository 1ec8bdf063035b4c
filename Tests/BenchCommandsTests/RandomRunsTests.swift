import Foundation
import Testing

/// A share of what `Scripts/dev/random_runs` does by the million: scripts, flags and formats by chance, none of which the program may end badly on.
@Suite("Scripts by chance") struct RandomRunsTests {
  @Test func everyRunEndsWell() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else { return }
    let scratch = try Scratch()
    let ended = try Sgxbench.run(
      ["--operations", "10000", "--keep", scratch.path + "/kept", "--program", Sgxbench.path], seconds: 300,
      shell: #"shift; exec /usr/bin/python3 Scripts/dev/random_runs "$@""#)
    #expect(ended.status == 0, "\(ended.output.suffix(2000))\(ended.errors.suffix(500))")
    #expect(ended.output.contains("; 0 failures"))
  }
}
