import Foundation
import ImageWriters
import Testing

/// Bad inputs 43 to 46: images that are none, as `measure` and as a scenario meet them.
@Suite("Fifty bad inputs: images") struct BadImageTests {
  struct Row: CustomTestStringConvertible {
    let number: Int
    let what: String
    let bytes: [UInt8]
    let says: String
    var testDescription: String { "\(number): \(what)" }
  }

  private static let sdk = Sample.named("sdk-1.4").bytes

  private static func changed(_ changes: (at: Int, bytes: [UInt8])...) -> [UInt8] {
    var bytes = sdk
    for change in changes { bytes.replaceSubrange(change.at..<(change.at + change.bytes.count), with: change.bytes) }
    return bytes
  }

  /// Where these bytes stand first.
  private static func place(of wanted: [UInt8]) -> Int { sdk.indices.first { sdk[$0...].starts(with: wanted) }! }

  /// The layout group of the sample's metadata: number 8 of its layout, where the directory of the block says.
  private static let group: Int = {
    let block = place(of: [0x4c, 0x0e, 0x5d, 0x63, 0x94, 0x02, 0xa8, 0x86])
    return block + sdk[(block + 1880)..<(block + 1884)].reversed().reduce(0) { $0 << 8 | Int($1) } + 8 * 32
  }()

  /// The second program header of the sample.
  private static let segment = 64 + 56

  private static let rows: [Row] = [
    Row(number: 43, what: "empty", bytes: [], says: "x.so is empty"),
    Row(
      number: 43, what: "text", bytes: Array("hello\n".utf8),
      says: "x.so: byte 0x0: format: found none that is known, allowed: a signed ELF or PE file, an SGXS stream, or a flat image that begins with a TCS"),
    Row(
      number: 43, what: "a Windows program", bytes: Array("MZ".utf8) + [UInt8](repeating: 0x61, count: 100),
      says: "x.so: byte 0x3c: e_lfanew: found 0x61616161, allowed: the place of a PE signature"),
    Row(
      number: 43, what: "32 bits", bytes: changed((4, [1])),
      says: "x.so: byte 0x4: e_ident[EI_CLASS]: found 0x1, allowed: 2 (ELF64): no runtime for 32-bit ELF enclaves is known"),
    Row(number: 43, what: "big-endian", bytes: changed((5, [2])), says: "x.so: byte 0x5: e_ident[EI_DATA]: found 0x2, allowed: 1 (little-endian)"),
    Row(number: 43, what: "another processor", bytes: changed((18, [0xb7, 0])), says: "x.so: byte 0x12: e_machine: found 0xb7, allowed: 62 (x86-64)"),
    Row(number: 43, what: "an object file", bytes: changed((16, [1, 0])), says: "x.so: byte 0x10: e_type: found 0x1, allowed: "),
    Row(
      number: 43, what: "not signed", bytes: changed((place(of: Array(".note.sgxmeta".utf8)), Array("x".utf8))),
      says: "x.so: byte 0x0: format: found an ELF file that no tool has signed, allowed: one with a section .note.sgxmeta (Intel SDK: sgx_sign)"),
    Row(number: 44, what: "cut in a table", bytes: Array(sdk[..<70]), says: "x.so: byte 0x40: program headers: found "),
    Row(number: 44, what: "cut in a header", bytes: Array(sdk[..<30]), says: "x.so: byte 0x18: e_entry: found 8 bytes at 0x18, allowed: what lies within 30 bytes"),
    Row(
      number: 45, what: "segments that overlap", bytes: changed((segment + 16, [0, 0x50, 0, 0, 0, 0, 0, 0])),
      says: "segment at 0x5000: found pages that are added twice"),
    Row(
      number: 46, what: "a size of 2^63", bytes: changed((segment + 40, [0, 0, 0, 0, 0, 0, 0, 0x80])), says: "x.so: byte "),
    Row(
      number: 46, what: "a group that repeats 2^32 times", bytes: changed((group + 4, [0xff, 0xff, 0xff, 0xff])),
      says: "entries with repetitions: found "),
    Row(number: 46, what: "a group that stands still", bytes: changed((group + 8, [0, 0, 0, 0, 0, 0, 0, 0])), says: "layout group 8: load_step: found 0x0"),
  ]

  @Test(arguments: rows) func anImageThatIsNone(_ row: Row) throws {
    let folder = try Scratch()
    try folder.write(row.bytes, to: "x.so")
    let measured = try Sgxbench.run(["measure", "x.so"], in: folder.path)
    #expect(measured.status == 2)
    #expect(measured.errors.hasPrefix("sgxbench: x.so"))
    #expect(measured.errors.contains(row.says), "\(measured.errors)")
    #expect(measured.errors.split(separator: "\n").count == 1)
    #expect(measured.output.isEmpty)
    // The same line in the test that asks for it.
    try folder.write("local sgx = require 'sgx'\nit('x', function()\n  sgx.image('x.so')\nend)", to: "a.lua")
    let ended = try Sgxbench.run(["run", "a.lua"], in: folder.path)
    #expect(ended.status == 2)
    #expect(ended.output.contains("    a.lua:3: sgx.image: x.so"), "\(ended.output)")
    #expect(ended.output.contains(row.says), "\(ended.output)")
    #expect(!ended.wasSignalled)
  }

  // 43: missing, and a folder. 46: a file that claims a terabyte, of which nothing is read.
  @Test func filesThatAreNoImages() throws {
    let folder = try Scratch()
    #expect(try Sgxbench.run(["measure", "x.so"], in: folder.path).errors == "sgxbench: cannot open x.so: No such file or directory\n")
    #expect(try Sgxbench.run(["measure", "/dev/zero"], in: folder.path).errors == "sgxbench: /dev/zero is not a regular file\n")
    #expect(try Sgxbench.run(["measure", "."], in: folder.path).errors == "sgxbench: . is a directory\n")
    let sparse = try Sgxbench.run(["measure", "big.so"], in: folder.path, shell: #"truncate -s 1T big.so; exec "$@""#)
    #expect(sparse.status == 2)
    #expect(sparse.errors == "sgxbench: big.so: 1099511627776 bytes is over the limit of 268435456 (--image-limit)\n")
  }
}
