import Testing

/// A report that did not arrive is no pass.
@Suite("Standard output fails") struct OutputFaultTests {
  private static let passing = #"it("a test", function() expect(1):equals(1) end)"#

  @Test func aFullDiskIs74() throws {
    let ended = try Sgxbench.run(script: Self.passing, shell: #"exec "$@" > /dev/full"#)
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write standard output: No space left on device\n")
  }

  @Test func aClosedOutputIs74() throws {
    let ended = try Sgxbench.run(script: Self.passing, shell: #"exec "$@" >&-"#)
    #expect(ended.status == 74)
    #expect(ended.errors == "sgxbench: cannot write standard output: Bad file descriptor\n")
  }

  /// More is written than a pipe holds, so the writer meets the reader's end for certain.
  @Test func aReaderThatWentAwayIs74AndQuiet() throws {
    let script = #"it("a test", function() for _ = 1, 4000 do print(string.rep("x", 100)) end expect(1):equals(1) end)"#
    let ended = try Sgxbench.run(script: script, shell: #""$@" | true; exit "${PIPESTATUS[0]}""#)
    #expect(ended.status == 74)
    #expect(!ended.wasSignalled)
    #expect(ended.errors.isEmpty)
  }

  @Test func aFailureToWriteWinsOverAFailedCheck() throws {
    let ended = try Sgxbench.run(script: #"it("x", function() expect(1):equals(2) end)"#, shell: #"exec "$@" > /dev/full"#)
    #expect(ended.status == 74)
  }

  @Test func aSweepThatCannotBeWrittenIs74() throws {
    let ended = try Sgxbench.run(["sweep", "Scripts/power/one_load.lua"], shell: #"exec "$@" > /dev/full"#)
    #expect(ended.status == 74)
  }

  @Test func aClosedErrorOutputChangesNothing() throws {
    #expect(try Sgxbench.run(["run", "missing.lua"], shell: #"exec "$@" 2>&-"#).status == 2)
  }
}
