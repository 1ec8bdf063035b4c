import Foundation
import TestSupport
import Testing

/// `sigstruct gendata`, `catsig`, `extract`, `mrsigner`, signing from an image, and what no command replaces.
@Suite("sigstruct, in two steps") struct SigningElsewhereTests {
  private static let keys = Repository.root + "/Tests/Vectors/keys"
  private static let image = Repository.root + "/Tests/Vectors/app.signed.so"
  private static let enclave = MeasurementVector.named("V3").digest

  private static func bytes(_ name: String, in scratch: Scratch) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name)) }

  @discardableResult private static func sgxbench(_ arguments: [String], in scratch: Scratch, status: Int32 = 0) throws -> Ended {
    let ended = try Sgxbench.run(["sigstruct"] + arguments, in: scratch.path)
    #expect(ended.status == status, "\(arguments): \(ended.errors)")
    return ended
  }

  @Test func theTwoStepsMakeWhatOneMakes() throws {
    let scratch = try Scratch(), product = ["--mrenclave", Self.enclave, "--isvprodid", "3"]
    try Self.sgxbench(["gendata", "--out", "tbs.bin"] + product, in: scratch)
    #expect(try Self.bytes("tbs.bin", in: scratch).count == 256)
    try Self.sgxbench(["sign", "--key", "\(Self.keys)/pkcs8.pem", "--out", "one.sig"] + product, in: scratch)
    // The signer elsewhere: its signature is the one in the SIGSTRUCT, turned round.
    try scratch.write([UInt8](try Self.bytes("one.sig", in: scratch)[516..<900].reversed()), to: "signature")
    try Self.sgxbench(["sign", "--public-key", "\(Self.keys)/public.pem", "--out", "unsigned.sig"] + product, in: scratch)
    for unsigned in ["tbs.bin", "unsigned.sig"] {
      try Self.sgxbench(
        ["catsig", "--public-key", "\(Self.keys)/public.pem", "--signature", "signature", "--unsigned", unsigned, "--out", "two.sig"], in: scratch)
      #expect(try Self.bytes("two.sig", in: scratch) == (try Self.bytes("one.sig", in: scratch)))
    }
    let other = try Self.sgxbench(
      ["catsig", "--public-key", "\(Self.keys)/other.pem", "--signature", "signature", "--unsigned", "tbs.bin"], in: scratch, status: 2)
    #expect(other.errors == "sgxbench: signature: not a signature by this key (PKCS#1 v1.5; a PSS signature is none)\n")
  }

  @Test func oneSignerHasOneMRSIGNER() throws {
    let scratch = try Scratch()
    try Self.sgxbench(["extract", Self.image, "--out", "a.sig"], in: scratch)
    let of = { try Self.sgxbench(["mrsigner", $0], in: scratch).output }
    #expect(try of("\(Self.keys)/public.pem") == of("\(Self.keys)/pkcs1.pem"))
    #expect(try of("a.sig") == of(Self.image))
    #expect(try Self.sgxbench(["view", Self.image], in: scratch).output.contains("MRSIGNER  " + of(Self.image)))
    #expect(try Self.sgxbench(["verify", Self.image], in: scratch).output.contains(": good\n"))
  }

  /// What the image's own SIGSTRUCT says is signed again, with another key.
  @Test func anImageIsSignedAsItWas() throws {
    let scratch = try Scratch()
    try Self.sgxbench(["extract", Self.image, "--out", "a.sig"], in: scratch)
    try Self.sgxbench(["sign", "--key", "\(Self.keys)/other.pem", "--image", Self.image, "--out", "b.sig"], in: scratch)
    let (own, again) = (try Self.bytes("a.sig", in: scratch), try Self.bytes("b.sig", in: scratch))
    #expect(own[0..<128] == again[0..<128] && own[900..<1028] == again[900..<1028])
    #expect(own[128..<512] != again[128..<512])
    try Self.sgxbench(["sign", "--key", "\(Self.keys)/other.pem", "--image", Self.image, "--isvsvn", "9", "--out", "c.sig"], in: scratch)
    #expect([UInt8](try Self.bytes("c.sig", in: scratch)[1026..<1028]) == [9, 0])
  }

  @Test func measureExpects() throws {
    let measured = try Sgxbench.run(["measure", Self.image, "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: measured.bytes) as? [String: Any])
    let digest = try #require(object["mrenclave"] as? String)
    #expect(try Sgxbench.run(["measure", Self.image, "--expect", digest]).status == 0)
    let other = try Sgxbench.run(["measure", Self.image, "--expect", Self.enclave])
    #expect(other.status == 1)
    #expect(other.output.contains("expected    \(Self.enclave): ANOTHER ENCLAVE\n"))
  }

  /// Every command that writes: it replaces neither what it reads nor a file of another kind, unless that is forced.
  @Test func noCommandReplacesWhatItReadsOrDoesNotWrite() throws {
    let scratch = try Scratch()
    let key = try Data(contentsOf: URL(fileURLWithPath: "\(Self.keys)/pkcs8.pem"))
    func put() throws { try scratch.write([UInt8](key), to: "key.pem") }
    try put()
    try scratch.write([UInt8]("it('x', function() expect(1):equals(1) end)\n".utf8), to: "a.lua")
    try scratch.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.image))), to: "app.so")
    #expect(try Sgxbench.run(["run", "a.lua", "--format", "json:part.json"], in: scratch.path).status == 0)
    let signing = ["sigstruct", "sign", "--key", "key.pem", "--mrenclave", Self.enclave, "--out"]
    let commands: [(arguments: [String], target: String)] = [
      (signing, "key.pem"), (["sigstruct", "gendata", "--mrenclave", Self.enclave, "--out"], "key.pem"),
      (["sigstruct", "sign", "--key", "key.pem", "--image", "app.so", "--out"], "app.so"), (["sigstruct", "extract", "app.so", "--out"], "app.so"),
      (["measure", "app.so", "--sgxs"], "key.pem"), (["bundle", "a.lua", "-o"], "key.pem"),
    ]
    for command in commands {
      let before = try Self.bytes(command.target, in: scratch)
      let ended = try Sgxbench.run(command.arguments + [command.target], in: scratch.path)
      #expect(ended.status == 2, "\(command.arguments)")
      #expect(ended.errors.contains("--force replaces it all the same"), "\(ended.errors)")
      #expect(try Self.bytes(command.target, in: scratch) == before)
    }
    for format in ["pretty", "tap", "ktap", "junit", "json", "html"] {
      for command in [["run", "a.lua"], ["merge", "part.json"]] {
        let ended = try Sgxbench.run(command + ["--format", "\(format):key.pem"], in: scratch.path)
        #expect(ended.status == 2 && ended.errors.contains("key.pem is there and is no \(format) report"), "\(format): \(ended.errors)")
        // Its own kind goes, as ever.
        for _ in 0..<2 { #expect(try Sgxbench.run(command + ["--format", "\(format):own.\(format)"], in: scratch.path).status == 0) }
      }
    }
    #expect(try Self.bytes("key.pem", in: scratch) == key)
    #expect(try Sgxbench.run(["run", "a.lua", "--format", "json:key.pem", "--force"], in: scratch.path).status == 0)
    try put()
    #expect(try Sgxbench.run(signing + ["key.pem", "--force"], in: scratch.path).status == 0)
    #expect(try Self.bytes("key.pem", in: scratch).count == 1808)
  }
}
