import Foundation
import TestSupport
import Testing

/// `sgxbench sigstruct`, as a program.
@Suite("sigstruct") struct SigStructCommandTests {
  private static let keys = Repository.root + "/Tests/Vectors/keys"
  private static let vector = SigStructVector.synthetic
  /// MRENCLAVE of the vector.
  private static let enclave = MeasurementVector.named("V3").digest

  /// A folder with the vector in `a.sig`, changed as asked.
  private static func folder(_ change: (inout [UInt8]) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch()
    var image = vector.image
    change(&image)
    try scratch.write(image, to: "a.sig")
    return scratch
  }

  private static func json(_ ended: Ended) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: ended.bytes) as? [String: Any])
  }

  // MARK: view

  @Test func viewShowsEveryField() throws {
    let scratch = try Self.folder()
    let ended = try Sgxbench.run(["sigstruct", "view", "a.sig"], in: scratch.path)
    #expect(ended.status == 0)
    for line in [
      "    20  DATE                 2024-01-01", "   928  ATTRIBUTES           0x4 XFRM 0x3 (MODE64BIT)",
      "   960  ENCLAVEHASH          \(Self.enclave)", "  1026  ISVSVN               2", "MRSIGNER  \(Self.vector.signer)",
    ] {
      #expect(ended.output.contains(line + "\n"), "\(line)")
    }
    #expect(ended.output.split(separator: "\n").count == 28)
    #expect(ended.errors.isEmpty)
  }

  @Test func viewMarksWhatIsMalformed() throws {
    let scratch = try Self.folder { $0[16] = 1; $0[1030] = 0xab; $0[20] = 0x99 }
    let ended = try Sgxbench.run(["sigstruct", "view", "a.sig"], in: scratch.path)
    #expect(ended.status == 0, "to look at it is no verdict")
    #expect(ended.output.contains("    16  VENDOR               0x1  <- offset 16, must be 0x0 or 0x8086\n"))
    #expect(ended.output.contains("  1028  RESERVED_1028        byte 1030 is ab  <- offset 1030, must be 00\n"))
    #expect(ended.output.contains("    20  DATE                 0x20240199\n"), "no day of any month")
  }

  @Test func viewAsJSON() throws {
    let scratch = try Self.folder()
    let object = try Self.json(try Sgxbench.run(["sigstruct", "view", "a.sig", "--json"], in: scratch.path))
    let fields = try #require(object["fields"] as? [String: Any])
    #expect(fields.count == 25)
    #expect(fields["isvsvn"] as? Int == 2)
    #expect(fields["enclavehash"] as? String == Self.enclave)
    #expect((fields["modulus"] as? String)?.count == 768)
    let attributes = try #require(fields["attributes"] as? [String: Any])
    #expect(attributes["flags"] as? String == "0x4")
    #expect(attributes["names"] as? [String] == ["MODE64BIT"])
    #expect(object["mrsigner"] as? String == Self.vector.signer)
    #expect(object["signed_sha256"] as? String == Self.vector.signedSHA256)
    #expect((object["problems"] as? [Any])?.isEmpty == true)
  }

  @Test func namesOfFilesAreQuoted() throws {
    let scratch = try Scratch()
    let name = "a\"\\\n\u{1}é.sig"
    try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
    #expect(FileManager.default.createFile(atPath: scratch.path + "/" + name, contents: Data(Self.vector.image)))
    let object = try Self.json(try Sgxbench.run(["sigstruct", "view", name, "--json"], in: scratch.path))
    #expect(object["file"] as? String == name)
  }

  // MARK: verify

  @Test func aGoodOneVerifies() throws {
    let scratch = try Self.folder()
    let ended = try Sgxbench.run(["sigstruct", "verify", "a.sig", "--mrenclave", Self.enclave], in: scratch.path)
    #expect(ended.status == 0)
    #expect(ended.output == "a.sig: good\n  MRENCLAVE \(Self.enclave)\n  MRSIGNER  \(Self.vector.signer)\n")
  }

  /// A changed byte, and the beginning of the line that names it.
  private static let wrongBytes: [(offset: Int, says: [String])] = [
    (0, ["HEADER at offset 0: found 46000000", "SIGNATURE at offset 516: "]), (18, ["VENDOR at offset 18: found 0x400000, must be 0x0 or 0x8086 ("]),
    (100, ["RESERVED_44 at offset 100: found 40, must be 00 (SGX_INVALID_SIG_STRUCT)", "SIGNATURE at offset 516: "]),
    (512, ["EXPONENT at offset 512: found 67, must be 3 ("]), (516, ["SIGNATURE at offset 516: found e5", "Q1 at offset 1040: ", "Q2 at "]),
    (1030, ["RESERVED_1028 at offset 1030: found 40"]), (1024, ["SIGNATURE at offset 516: "]),
    (1040, ["Q1 at offset 1040: found 737464", "(SGX_INVALID_SIGNATURE)"]), (1807, ["Q2 at offset 1424: "]),
  ]

  @Test(arguments: wrongBytes) func aWrongByteIsNamed(offset: Int, says: [String]) throws {
    let scratch = try Self.folder { $0[offset] ^= 0x40 }
    let ended = try Sgxbench.run(["sigstruct", "verify", "a.sig"], in: scratch.path)
    #expect(ended.status == 1)
    for text in says { #expect(ended.output.contains(text), "\(ended.output)") }
    #expect(!ended.output.contains("good"))
    let object = try Self.json(try Sgxbench.run(["sigstruct", "verify", "a.sig", "--json"], in: scratch.path))
    #expect(object["good"] as? Bool == false)
    let problems = try #require(object["problems"] as? [[String: Any]])
    #expect(problems.count == ended.output.split(separator: "\n").count)
    #expect(problems.allSatisfy { Set($0.keys) == ["field", "offset", "found", "allowed", "code"] })
  }

  @Test(arguments: [(128..<512, UInt8(0), "MODULUS at offset 128: found 0000000000000000...0000000000000000, must be an odd number (SGX_INVALID_SIGNATURE)"),
    (516..<900, 0xff, "SIGNATURE at offset 516: found ffffffffffffffff...ffffffffffffffff, must be below MODULUS (SGX_INVALID_SIGNATURE)")])
  func nothingIsDividedByNonsense(range: Range<Int>, value: UInt8, says: String) throws {
    let scratch = try Self.folder { image in for offset in range { image[offset] = value } }
    let ended = try Sgxbench.run(["sigstruct", "verify", "a.sig"], in: scratch.path)
    #expect(ended.status == 1)
    #expect(ended.output == "a.sig: \(says)\n")
  }

  @Test func anotherEnclave() throws {
    let scratch = try Self.folder()
    let other = String(repeating: "0", count: 64)
    let ended = try Sgxbench.run(["sigstruct", "verify", "a.sig", "--mrenclave", other], in: scratch.path)
    #expect(ended.status == 1)
    #expect(ended.output == "a.sig: ENCLAVEHASH at offset 960: found \(Self.enclave), must be \(other) (SGX_INVALID_MEASUREMENT)\n")
  }

  // MARK: Files that are none

  @Test(arguments: ["view", "verify"]) func wrongFiles(command: String) throws {
    let scratch = try Scratch()
    try scratch.write([UInt8](repeating: 0, count: 900), to: "short")
    try scratch.write([], to: "empty")
    try scratch.write([UInt8](repeating: 0, count: 1809), to: "long")
    try scratch.write([UInt8](repeating: 0, count: 2 << 20), to: "huge")
    for (file, says) in [
      ("short", "short: ends at offset 900, in MISCSELECT (900 to 903); a SIGSTRUCT has 1808 bytes"),
      ("empty", "empty: ends at offset 0, in HEADER (0 to 15); a SIGSTRUCT has 1808 bytes"),
      ("long", "long: 1809 bytes; a SIGSTRUCT has 1808"), ("huge", "huge: 2097152 bytes is over the limit of 1048576"),
      ("missing", "cannot open missing: No such file or directory"), (".", ". is a directory"),
    ] {
      let ended = try Sgxbench.run(["sigstruct", command, file], in: scratch.path)
      #expect(ended.status == 2)
      #expect(ended.errors == "sgxbench: \(says)\n")
      #expect(ended.output.isEmpty)
    }
  }

  // MARK: sign

  private static let vectorOptions = [
    "--mrenclave", enclave, "--attribute-mask", "0xfffffffffffffffd", "--xfrm-mask", "0xfffffffffffffffc", "--isvprodid", "1", "--isvsvn", "2",
    "--date", "20240101",
  ]

  /// The vector, byte for byte, to a file and to standard output.
  @Test(arguments: ["pkcs1", "pkcs8"]) func signingMakesTheVector(key: String) throws {
    let scratch = try Scratch()
    let arguments = ["sigstruct", "sign", "--key", "\(Self.keys)/\(key).pem"] + Self.vectorOptions
    let ended = try Sgxbench.run(arguments + ["--out", "b.sig"], in: scratch.path)
    #expect(ended.status == 0)
    #expect(ended.output == "b.sig: written\n  MRENCLAVE \(Self.enclave)\n  MRSIGNER  \(Self.vector.signer)\n")
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/b.sig")) == Data(Self.vector.image))
    #expect(try Sgxbench.run(arguments, in: scratch.path).bytes == Data(Self.vector.image))
    let object = try Self.json(try Sgxbench.run(arguments + ["--json"], in: scratch.path))
    #expect(object["image"] as? String == Self.vector.image.map { String(format: "%02x", $0) }.joined())
    #expect(object["file"] is NSNull)
  }

  /// Every option reaches its field.
  @Test func everyOptionIsAField() throws {
    let scratch = try Scratch()
    let signed = try Sgxbench.run(
      [
        "sigstruct", "sign", "--key", "\(Self.keys)/other.pem", "--mrenclave", Self.enclave, "--attributes", "0x486", "--attribute-mask", "0x487",
        "--xfrm", "0xe7", "--xfrm-mask", "0xff", "--miscselect", "1", "--miscmask", "3", "--cet-attributes", "5", "--cet-attributes-mask", "7",
        "--isvprodid", "65535", "--isvsvn", "0xfffe", "--isvfamilyid", String(repeating: "0a", count: 16), "--isvextprodid",
        String(repeating: "B0", count: 16), "--vendor", "0x8086", "--swdefined", "16", "--out", "b.sig",
      ], in: scratch.path)
    #expect(signed.status == 0)
    let fields = try #require(
      try Self.json(try Sgxbench.run(["sigstruct", "view", "b.sig", "--json"], in: scratch.path))["fields"] as? [String: Any])
    let attributes = try #require(fields["attributes"] as? [String: Any]), mask = try #require(fields["attributemask"] as? [String: Any])
    #expect(attributes["flags"] as? String == "0x486")
    #expect(attributes["names"] as? [String] == ["DEBUG", "MODE64BIT", "KSS", "AEXNOTIFY"])
    #expect([attributes["xfrm"], mask["flags"], mask["xfrm"]].map { $0 as? String } == ["0xe7", "0x487", "0xff"])
    let numbers = ["miscselect", "miscmask", "cet_attributes", "cet_attributes_mask", "isvprodid", "isvsvn", "vendor", "swdefined", "exponent"]
    #expect(numbers.map { fields[$0] as? Int } == [1, 3, 5, 7, 65535, 65534, 0x8086, 16, 3])
    #expect(fields["isvfamilyid"] as? String == String(repeating: "0a", count: 16))
    #expect(fields["isvextprodid"] as? String == String(repeating: "b0", count: 16))
    #expect(fields["date"] as? String == "0x0")
    #expect(try Sgxbench.run(["sigstruct", "verify", "b.sig"], in: scratch.path).status == 0)
  }

  @Test(arguments: [
    ("bits2048", "an RSA key of 2048 bits; SIGSTRUCT takes 3072"), ("exponent65537", "the public exponent is 65537; SIGSTRUCT takes 3"),
    ("encrypted-pkcs8", "the key is protected by a pass phrase; store it without one"), ("elliptic", "not a private RSA key, or its numbers"),
    ("public", "holds 'PUBLIC KEY'; a key is 'RSA PRIVATE KEY' (PKCS#1) or 'PRIVATE KEY' (PKCS#8)"),
  ])
  func otherKeys(name: String, says: String) throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(atPath: "\(Self.keys)/\(name).pem", toPath: scratch.path + "/k.pem")
    let ended = try Sgxbench.run(
      ["sigstruct", "sign", "--key", "k.pem", "--mrenclave", Self.enclave, "--out", "b.sig"], in: scratch.path)
    #expect(ended.status == 2)
    #expect(ended.errors.hasPrefix("sgxbench: k.pem: \(says)"), "\(ended.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/b.sig"))
  }

  @Test(arguments: [
    ["--mrenclave", "00"], ["--mrenclave", "zz"], ["--isvsvn", "65536"], ["--isvsvn", "-1"], ["--isvsvn", "+1"], ["--date", "20241301"],
    ["--date", "2024101"], ["--date", "20240132"], ["--isvfamilyid", "00"], ["--vendor", "1"], ["--attributes", "0x1ffffffffffffffff"],
  ])
  func wrongOptions(options: [String]) throws {
    let enclave = options[0] == "--mrenclave" ? [] : ["--mrenclave", Self.enclave]
    let ended = try Sgxbench.run(["sigstruct", "sign", "--key", "\(Self.keys)/pkcs8.pem"] + enclave + options)
    #expect(ended.status == 64)
    #expect(ended.errors.contains(options[0]), "\(ended.errors)")
    #expect(ended.output.isEmpty)
  }

  @Test func aKeyThatIsMissing() throws {
    let ended = try Sgxbench.run(["sigstruct", "sign", "--key", "no.pem", "--mrenclave", Self.enclave])
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: cannot open no.pem: No such file or directory\n")
  }

  @Test func whatCannotBeWritten() throws {
    let scratch = try Self.folder()
    let key = "\(Self.keys)/pkcs8.pem"
    let nowhere = try Sgxbench.run(["sigstruct", "sign", "--key", key, "--mrenclave", Self.enclave, "--out", "/no/such/folder/b.sig"])
    #expect(nowhere.status == 74)
    #expect(nowhere.errors == "sgxbench: cannot write /no/such/folder/b.sig: No such file or directory\n")
    let full = try Sgxbench.run(["sigstruct", "sign", "--key", key, "--mrenclave", Self.enclave], shell: #"exec "$@" >/dev/full"#)
    #expect(full.status == 74)
    let fullFile = try Sgxbench.run(["sigstruct", "sign", "--key", key, "--mrenclave", Self.enclave, "--out", "/dev/full"])
    #expect(fullFile.status == 74)
    let view = try Sgxbench.run(["sigstruct", "view", "a.sig"], in: scratch.path, shell: #"exec "$@" >/dev/full"#)
    #expect(view.status == 74)
  }
}
