import Foundation
import ImageWriters
import SGXArchitecture
import Testing

@testable import BenchCommands
import EnclaveImage

/// `sgxbench measure`, run as a program.
@Suite("sgxbench measure") struct MeasureTests {
  /// A sample whose SIGSTRUCT is right: measured, then signed.
  private static func signed(
    _ name: String, _ change: (inout SigStruct) -> Void = { _ in }, edit: (inout [UInt8]) -> Void = { _ in }
  ) throws -> [UInt8] {
    var bytes = Sample.named(name).bytes
    edit(&bytes)
    let image = try EnclaveImage(name: name, bytes: ContentBlock(bytes))
    var sigStruct = SigStruct()
    sigStruct.enclaveHash = image.plan.mrenclave()
    sigStruct.attributes = image.plan.parameters.attributes
    sigStruct.attributeMask = AttributeFlags(rawValue: ~2)
    sigStruct.xfrm = image.plan.parameters.xfrm
    sigStruct.isvProdID = 7
    sigStruct.isvSVN = 3
    change(&sigStruct)
    sigStruct.sign(with: .test)
    let taken = try #require(image.blocks.first { $0.isTaken })
    let place = Int(taken.offset) + 64
    bytes.replaceSubrange(place..<(place + SigStruct.size), with: sigStruct.bytes)
    return bytes
  }

  private static let signer: String = {
    var sigStruct = SigStruct()
    sigStruct[.modulus] = SigningKey.test.modulus
    return sigStruct.signer.hex
  }()

  private static func digest(_ name: String) throws -> String {
    let sample = Sample.named(name)
    return try EnclaveImage(name: name, bytes: ContentBlock(sample.bytes)).plan.mrenclave().hex
  }

  @Test func aSignedImage() throws {
    let folder = try Scratch()
    try folder.write(Self.signed("sdk-1.4"), to: "app.signed.so")
    let ended = try Sgxbench.run(["measure", "app.signed.so"], in: folder.path)
    #expect(ended.status == 0)
    #expect(ended.errors.isEmpty)
    #expect(
      ended.output == """
        app.signed.so
          MRENCLAVE   \(try Self.digest("sdk-1.4"))
          MRSIGNER    \(Self.signer)
          format      Intel SDK ELF
          metadata    1.4: the only one
          enclave     0x40000 bytes, SSA frames of 1 page
          attributes  0x4, XFRM 0x7, MISCSELECT 0x0
          pages       28 added, 24 measured
          threads     3
          SIGSTRUCT   agrees, and its signature is valid
          product     ISVPRODID 7, ISVSVN 3

        """)
  }

  @Test func anImageThatContradictsItsSigStruct() throws {
    let folder = try Scratch()
    var bytes = try Self.signed("sdk-1.4")
    bytes[0x300] ^= 1
    try folder.write(bytes, to: "flipped.so")
    try folder.write(Self.signed("sdk-1.4") { $0.xfrmMask = XFRM(rawValue: 4); $0.xfrm = .legacy }, to: "mask.so")
    var unsigned = Sample.named("oe-plain").bytes
    // The section .oeinfo begins with its size and the type of enclave.
    let info = try #require((0..<unsigned.count).first { unsigned[$0...].starts(with: [0xa8, 0x07, 0, 0, 2, 0, 0, 0]) })
    let modulus = info + 144 + 128
    for index in modulus..<(modulus + 384) { unsigned[index] = 0 }
    try folder.write(unsigned, to: "unsigned.so")
    let flipped = try Sgxbench.run(["measure", "flipped.so"], in: folder.path)
    #expect(flipped.status == 1)
    #expect(flipped.output.contains("SIGSTRUCT   CONTRADICTS: ENCLAVEHASH is another\n              ENCLAVEHASH \(try Self.digest("sdk-1.4"))\n"))
    let mask = try Sgxbench.run(["measure", "mask.so"], in: folder.path)
    #expect(mask.status == 1)
    #expect(mask.output.contains("CONTRADICTS: XFRM differs\n"))
    let other = try Sgxbench.run(["measure", "unsigned.so"], in: folder.path)
    #expect(other.status == 2, "its SIGSTRUCT has no key")
    #expect(other.errors.contains("SIGSTRUCT: MODULUS: found 0, allowed: a key: the image is not signed"))
  }

  @Test func asJSON() throws {
    let folder = try Scratch()
    try folder.write(Self.signed("sdk-three-blocks"), to: "a \"b\".so")
    try folder.write(Sample.named("flat").bytes, to: "flat.bin")
    let ended = try Sgxbench.run(["measure", "--json", "a \"b\".so", "flat.bin"], in: folder.path)
    // The blocks before the last are not signed by the test.
    let lines = ended.output.split(separator: "\n").map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    #expect(lines.count == 2)
    let (first, second) = (try #require(lines[0]), try #require(lines[1]))
    #expect(first["file"] as? String == "a \"b\".so")
    #expect(first["mrenclave"] as? String == (try Self.digest("sdk-three-blocks")))
    #expect(first["block"] as? String == "1.4")
    #expect(first["blocks"] as? [String] == ["2.4", "2.1", "1.4"])
    #expect(first["nanoseconds"] == nil)
    #expect(second["mrenclave"] as? String == (try Self.digest("flat")))
    #expect(second["mrsigner"] is NSNull)
    #expect(second["sigstruct"] is NSNull)
    #expect(second["pages_added"] as? Int == 3)
    #expect(second["threads"] as? Int == 1)
    let timed = try Sgxbench.run(["measure", "--json", "--time", "flat.bin"], in: folder.path)
    #expect(timed.output.contains("\"nanoseconds\":"))
  }

  @Test func aStreamThatHashesToMRENCLAVE() throws {
    let folder = try Scratch()
    for name in ["sdk-odd", "oe-threads", "windows-64", "sgxs-odd"] {
      try folder.write(Sample.named(name).bytes, to: "image")
      #expect([0, 1].contains(try Sgxbench.run(["measure", "image", "--sgxs", "out.sgxs"], in: folder.path).status))
      var hash = RunningSHA256()
      try Data(contentsOf: URL(fileURLWithPath: folder.path + "/out.sgxs")).withUnsafeBytes { hash.update($0) }
      #expect(hash.digest().hex == (try Self.digest(name)))
    }
    let full = try Sgxbench.run(["measure", "image", "--sgxs", "/dev/full"], in: folder.path)
    #expect(full.status == 74)
    #expect(full.errors == "sgxbench: cannot write /dev/full: No space left on device\n")
    #expect(try Sgxbench.run(["measure", "image", "--sgxs", "no/folder"], in: folder.path).status == 74)
  }

  @Test func aStreamDoesNotReplaceWhatIsRead() throws {
    let folder = try Scratch()
    try folder.write(Sample.named("flat").bytes, to: "image")
    try folder.write([UInt8](repeating: 0, count: 1808), to: "image.sig")
    for place in ["image", "./image", "image.sig"] {
      let ended = try Sgxbench.run(["measure", "image", "--sgxs", place], in: folder.path)
      #expect(ended.status == 64)
      #expect(ended.errors == "sgxbench: --sgxs: \(place) is a file that is read\n")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/image")) == Data(Sample.named("flat").bytes))
    // A full disk leaves what stood there.
    try folder.write("ECREATE\0", to: "out")
    let full = try Sgxbench.run(["measure", "image", "--sgxs", "out"], in: folder.path, shell: #"ulimit -f 1; trap '' XFSZ; exec "$@""#)
    #expect(full.status == 74)
    #expect(try String(contentsOfFile: folder.path + "/out", encoding: .utf8) == "ECREATE\0")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["image", "image.sig", "out"])
  }

  @Test func aBlockIsOfSDKImages() throws {
    let folder = try Scratch()
    try folder.write(Sample.named("flat").bytes, to: "image")
    let ended = try Sgxbench.run(["measure", "image", "--block", "2.4"], in: folder.path)
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: image: --block is for images of the format Intel SDK ELF\n")
  }

  @Test func theRecords() throws {
    let folder = try Scratch()
    try folder.write(Sample.named("sgxs-odd").bytes, to: "a.sgxs")
    let ended = try Sgxbench.run(["measure", "a.sgxs", "--records"], in: folder.path)
    #expect(
      ended.output.hasSuffix(
        """
          SIGSTRUCT   none
            0x0           1 page          TCS ---  data        15,14,13,12,11,10,9,8,7,6,5,4,3,2,1,0 record
            0x1000        1 page          REG r-x  data        3,1,15        record
            0x9000        1 page          REG rw-  data        0             record

        """))
    try folder.write(Sample.named("sdk-1.4").bytes, to: "app.so")
    let ranges = try Sgxbench.run(["measure", "app.so", "--records", "--json"], in: folder.path).output
    let pages = try Sgxbench.run(["measure", "app.so", "--records", "--every-page", "--json"], in: folder.path).output
    func records(_ text: String) throws -> [[String: Any]] {
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      return try #require(object?["records"] as? [[String: Any]])
    }
    #expect(try records(pages).count == 28)
    #expect(try records(ranges).reduce(0) { $0 + ($1["pages"] as? Int ?? 0) } == 28)
    #expect(try records(ranges).count < 24)
  }

  @Test func aSigStructBeside() throws {
    let folder = try Scratch()
    for (name, file) in [("sgxs-plain", "app.signed.sgxs"), ("flat", "encl.bin")] {
      let bytes = Sample.named(name).bytes
      try folder.write(bytes, to: file)
      var sigStruct = SigStruct()
      sigStruct.enclaveHash = try EnclaveImage(name: name, bytes: ContentBlock(bytes)).plan.mrenclave()
      sigStruct.attributes = AttributeFlags(rawValue: 0x24)
      sigStruct.sign(with: .otherTest)
      try folder.write(sigStruct.bytes, to: file == "encl.bin" ? "encl.ss" : "app.signed.sig")
      try folder.write(sigStruct.bytes, to: "elsewhere")
      sigStruct.isvSVN = 9
      try folder.write(sigStruct.bytes, to: "altered")
    }
    for (file, sigStruct) in [("app.signed.sgxs", "app.signed.sig"), ("encl.bin", "encl.ss")] {
      let ended = try Sgxbench.run(["measure", file], in: folder.path)
      #expect(ended.status == 0)
      #expect(ended.output.contains("SIGSTRUCT   \(sigStruct): agrees, and its signature is valid\n"))
      #expect(ended.output.contains("attributes  0x24, "), "what the SIGSTRUCT wants, since a stream says nothing")
    }
    #expect(try Sgxbench.run(["measure", "encl.bin", "--sigstruct", "elsewhere"], in: folder.path).status == 0)
    let altered = try Sgxbench.run(["measure", "encl.bin", "--sigstruct", "altered"], in: folder.path)
    #expect(altered.status == 1)
    #expect(altered.output.contains("altered: CONTRADICTS: the signature does not verify\n"))
    try folder.write([1, 2, 3], to: "short")
    let short = try Sgxbench.run(["measure", "encl.bin", "--sigstruct", "short"], in: folder.path)
    #expect(short.status == 2)
    #expect(short.errors == "sgxbench: short: 3 bytes; a SIGSTRUCT has 1808\n")
    #expect(try Sgxbench.run(["measure", "encl.bin", "--sigstruct", "missing"], in: folder.path).status == 2)
  }

  @Test func jobsGiveTheSameBytes() throws {
    let folder = try Scratch()
    var files: [String] = []
    for sample in Sample.all {
      try folder.write(sample.bytes, to: sample.name)
      files.append(sample.name)
    }
    files.insert("missing", at: 3)
    let one = try Sgxbench.run(["measure"] + files, in: folder.path)
    #expect(one.errors == "sgxbench: cannot open missing: No such file or directory\n")
    #expect(one.status == 2)
    for jobs in ["2", "7"] {
      let several = try Sgxbench.run(["measure"] + files + ["--jobs", jobs], in: folder.path)
      #expect(several.bytes == one.bytes)
      #expect(several.errors == one.errors)
      #expect(several.status == one.status)
    }
  }

  @Test func limits() throws {
    let folder = try Scratch()
    var block = SDKBlock(1, 4, layout: [.entry(attributes: 3, pages: 1 << 28, rva: 0x10000, flags: 0x203)])
    block.enclaveSize = 1 << 41
    var writer = SDKWriter(blocks: [block])
    writer.elf.segments = [ELFWriter.Segment(flags: 5, address: 0, data: [1])]
    try folder.write(writer.file(), to: "huge.so")
    let huge = try Sgxbench.run(["measure", "huge.so"], in: folder.path)
    #expect(huge.status == 2)
    #expect(huge.errors.contains("bytes of records to hash, over the limit of 68719476736 (--hash-limit)"))
    #expect(huge.output.isEmpty)
    let blocked = try Sgxbench.run(["measure", "huge.so", "--block", "2.4"], in: folder.path)
    #expect(blocked.status == 2)
    #expect(blocked.errors.hasPrefix("sgxbench: huge.so: byte 0x"))
  }

  @Test func twoImagesCompared() throws {
    let folder = try Scratch()
    let bytes = Sample.named("flat").bytes
    try folder.write(bytes, to: "a")
    try folder.write(bytes, to: "b")
    var changed = bytes
    changed[0x1abc] ^= 1
    try folder.write(changed, to: "c")
    let same = try Sgxbench.run(["measure", "a", "b", "--compare"], in: folder.path)
    #expect(same.status == 0)
    #expect(same.output.hasSuffix("comparison: a is the first, b the second\n  same        records and MRENCLAVE\n  same        pages\n"))

    let other = try Sgxbench.run(["measure", "a", "c", "--compare", "--jobs", "2"], in: folder.path)
    #expect(other.status == 1)
    // ECREATE, the TCS and its pieces, the page, ten pieces of it.
    let (mine, theirs) = (String(bytes[0x1abc], radix: 16), String(changed[0x1abc], radix: 16))
    #expect(
      other.output.hasSuffix("""
        comparison: a is the first, c the second
          differs in  record 29: EEXTEND 0x1a00, byte 0x1abc: 0x\(mine) in the first, 0x\(theirs) in the second
          of a page   page
            0x1000        1 page          contents

        """), "\(other.output)")

    let json = try Sgxbench.run(["measure", "a", "c", "--compare", "--json"], in: folder.path)
    #expect(json.status == 1)
    let line = try #require(json.output.split(separator: "\n").last)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["compared"] as? [String] == ["a", "c"])
    #expect(object["same_mrenclave"] as? Bool == false)
    let difference = try #require(object["first_difference"] as? [String: Any])
    #expect(difference["record"] as? Int == 29)
    #expect((difference["byte"] as? [String: Int])?["offset"] == 0x1abc)
    #expect((object["pages"] as? [[String: Any]])?.count == 1)

    #expect(try Sgxbench.run(["measure", "a", "missing", "--compare"], in: folder.path).status == 2)
  }

  private static let wrongLines: [(arguments: [String], says: String)] = [
    (["measure"], "Missing expected argument"),
    (["measure", "a", "b", "--sgxs", "c"], "--sgxs and --sigstruct are for one image"),
    (["measure", "a", "--block", "two"], "--block: 'two' is no version"),
    (["measure", "a", "--compare"], "--compare is for two images, got 1"),
    (["measure", "a", "b", "c", "--compare"], "--compare is for two images, got 3"),
    (["measure", "a", "--every-page"], "--every-page is for --records"),
    (["measure", "a", "--jobs", "0"], "limits: "),
  ]

  @Test(arguments: wrongLines) func aWrongCommandLine(_ arguments: [String], says: String) throws {
    let ended = try Sgxbench.run(arguments)
    #expect(ended.status == 64)
    #expect(ended.errors.contains(says), "\(ended.errors)")
    #expect(ended.output.isEmpty)
  }

  @Test func aReportThatCannotBeWritten() throws {
    let folder = try Scratch()
    try folder.write(Sample.named("flat").bytes, to: "flat")
    #expect(try Sgxbench.run(["measure", "flat"], in: folder.path, shell: #"exec "$@" > /dev/full"#).status == 74)
  }

  /// The images that `Docs/Images.md` measures are what the writer makes, the second with another byte of code;
  /// `WRITE_SAMPLES=1` writes them anew.
  @Test(arguments: ["app.signed.so", "app.rebuilt.so"]) func theSamplesOfTheDocuments(_ name: String) throws {
    let path = Repository.root + "/Tests/Vectors/" + name
    let bytes = try Self.signed("sdk-three-blocks", edit: { bytes in
      let code = patterned(0x1204, seed: 3)[0x30..<0x60]
      let place = bytes.indices.last { bytes[$0...].starts(with: code) }
      if name == "app.rebuilt.so", let place { bytes[place] ^= 0xff }
    })
    if ProcessInfo.processInfo.environment["WRITE_SAMPLES"] != nil { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
  }
}
