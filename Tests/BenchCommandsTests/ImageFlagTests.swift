import Foundation
import ImageWriters
import Testing

/// `--image`, and images beside a script, through the real program.
@Suite("Images on the command line") struct ImageFlagTests {
  private let scratch: Scratch
  private static let stream = Sample.named("sgxs-plain").bytes

  /// A script that looks at `app` at line 3, in a folder with nothing else.
  init() throws {
    scratch = try Scratch()
    try scratch.write(
      """
      local sgx = require "sgx"
      it("an image", function()
        local image = sgx.image("app")
        print(string.format("%s: %d pages, %s, SIGSTRUCT %s", image.name, image.pages, image.format, image.sigstruct and #image.sigstruct))
        expect(image.pages):equals(7)
      end)
      """, to: "folder/a.lua")
  }

  private func run(_ arguments: [String] = []) throws -> Ended {
    try Sgxbench.run(["run", "folder/a.lua"] + arguments, in: scratch.path)
  }

  /// The report says so at the line of the call, and the run ends with 2.
  private func expectRefusal(_ ended: Ended, _ message: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(ended.status == 2, sourceLocation: sourceLocation)
    #expect(ended.output.contains("folder/a.lua:3"), "\(ended.output)", sourceLocation: sourceLocation)
    #expect(ended.output.contains(message), "\(ended.output)", sourceLocation: sourceLocation)
    #expect(!ended.wasSignalled, sourceLocation: sourceLocation)
  }

  @Test func theFlagNamesAFile() throws {
    try scratch.write(Self.stream, to: "elsewhere/My Enclave=1.sgxs")
    let ended = try run(["--image", "app=elsewhere/My Enclave=1.sgxs"])
    #expect(ended.status == 0)
    #expect(ended.output.contains("elsewhere/My Enclave=1.sgxs: 7 pages, SGXS, SIGSTRUCT nil"), "\(ended.output)")
  }

  @Test func aFileBesideTheScriptIsFound() throws {
    try scratch.write(Self.stream, to: "folder/app")
    let ended = try run()
    #expect(ended.status == 0)
    #expect(ended.output.contains("folder/app: 7 pages, SGXS, SIGSTRUCT nil"))
  }

  @Test func theFlagGoesBeforeTheFileBesideTheScript() throws {
    try scratch.write(Array("no image".utf8), to: "folder/app")
    try scratch.write(Self.stream, to: "other")
    #expect(try run(["--image", "app=other"]).status == 0)
  }

  @Test func aSigStructLiesBesideIt() throws {
    try scratch.write(Self.stream, to: "folder/app")
    try scratch.write([UInt8](repeating: 0, count: 1808), to: "folder/app.sig")
    try scratch.write(Self.stream, to: "other.sgxs")
    try scratch.write([UInt8](repeating: 0, count: 1808), to: "other.ss")
    #expect(try run().output.contains("SGXS, SIGSTRUCT 1808"))
    #expect(try run(["--image", "app=other.sgxs"]).output.contains("SGXS, SIGSTRUCT 1808"))
    try scratch.write(Array("-----BEGIN PGP SIGNATURE-----".utf8), to: "folder/app.sig")
    #expect(try run().output.contains("SGXS, SIGSTRUCT nil"), "other things are called .sig too")
    try scratch.write([UInt8](repeating: 0, count: 1808), to: "folder/app.ss")
    #expect(try run().output.contains("SGXS, SIGSTRUCT 1808"), "and do not hide the one that is there")
  }

  @Test func nothingElseOfTheFileSystemIsReached() throws {
    expectRefusal(try run(), "there is no image 'app'")
    try scratch.write(Self.stream, to: "secret/app")
    let link = scratch.path + "/folder/app"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../secret/app")
    expectRefusal(try run(), "there is no image 'app'")
    try FileManager.default.removeItem(atPath: link)
    // A link within the folder stays within.
    try scratch.write(Self.stream, to: "folder/real")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real")
    #expect(try run().status == 0)
    // A SIGSTRUCT that is a link out of it is none.
    try scratch.write([UInt8](repeating: 0, count: 1808), to: "secret/app.sig")
    try FileManager.default.createSymbolicLink(atPath: link + ".sig", withDestinationPath: "../secret/app.sig")
    #expect(try run().output.contains("SGXS, SIGSTRUCT nil"))
  }

  @Test func aFileThatCannotBeRead() throws {
    let missing = try run(["--image", "app=missing.so"])
    #expect(missing.status == 2)
    #expect(missing.errors == "sgxbench: --image: cannot open missing.so: No such file or directory\n", "before anything runs")
    #expect(missing.output.isEmpty)
    expectRefusal(try run(["--image", "app=folder"]), "folder is a directory")
    expectRefusal(try run(["--image", "app=/dev/null"]), "/dev/null is not a regular file")
    try scratch.write([], to: "empty")
    expectRefusal(try run(["--image", "app=empty"]), "empty is empty")
    try scratch.write([UInt8](repeating: 0, count: (1 << 20) + 1), to: "large")
    expectRefusal(try run(["--image", "app=large", "--image-limit", "1"]), "large: 1048577 bytes is over the limit of 1048576")
    try scratch.write(Array("\u{7f}ELF".utf8), to: "short")
    expectRefusal(try run(["--image", "app=short"]), "short: byte ")
  }

  @Test(arguments: [
    ["--image", "app"], ["--image", "app="], ["--image", "=x"], ["--image", "a/b=x"], ["--image", "../a=x"],
    ["--image", "app=x", "--image", "app=y"], ["--image-limit", "0"], ["--image-limit", "4096"],
  ])
  func aFlagThatIsWrong(_ flags: [String]) throws {
    #expect(try run(flags).status == 64)
  }

  @Test func twoFilesShareAnImage() throws {
    try scratch.write(Self.stream, to: "app.sgxs")
    let ended = try Sgxbench.run(["run", "folder/a.lua", "folder/a.lua", "--image", "app=app.sgxs"], in: scratch.path)
    #expect(ended.status == 0)
    #expect(ended.output.split(separator: "\n").count { $0.contains("app.sgxs: 7 pages") } == 2)
  }

  @Test func aSweepStrikesWithinALoad() throws {
    try scratch.write(Sample.named("flat").bytes, to: "app.bin")
    try scratch.write(
      """
      local sgx = require "sgx"
      it("loads", function()
        local _, result = sgx.machine { epc = "256 KiB", driver = "reviewed" }:process():load(sgx.image("app"), { init = false })
        expect(result.ok):is_true()
      end)
      """, to: "s.lua")
    let ended = try Sgxbench.run(["sweep", "s.lua", "--fault", "power", "--image", "app=app.bin"], in: scratch.path)
    #expect(ended.status == 0, "\(ended.output)")
    #expect(ended.output.contains("points survived"))
  }
}
