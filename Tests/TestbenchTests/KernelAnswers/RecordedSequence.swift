import Foundation
import Testing

/// A line of `kernel-answers.jsonl`: what was asked of the real driver, and what it answered.
struct RecordedSequence: Decodable, Sendable, CustomTestStringConvertible {
  let id: String
  let epc: UInt32
  let sgx2: Int?
  let ksgxd: String?
  let ops: [RecordedOperation]
  let out: [RecordedAnswer]
  let end: RecordedEnd

  var testDescription: String { id }

  static let all = read("kernel-answers.jsonl")

  /// Two more of the same recording, in which it matters when ksgxd runs.
  static let ofKsgxd = read("kernel-answers-ksgxd.jsonl")

  private static func read(_ name: String) -> [RecordedSequence] {
    let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Vectors/" + name)
    guard let text = try? String(contentsOf: vectors, encoding: .utf8) else { return [] }
    let decoder = JSONDecoder()
    return text.split(separator: "\n").compactMap { try? decoder.decode(RecordedSequence.self, from: Data($0.utf8)) }
  }

  /// Only operations this bench has, nested ones included.
  var isReplayable: Bool { ops.allSatisfy(\.isReplayable) }

  /// How the real driver ended the run, if it did: where it read through a null pointer, or that it hung.
  var death: String? { out.last.flatMap { $0.dead == "OOPS" ? $0.at : $0.dead } }
}

/// An operation; absent fields have the defaults of the page's section 3.
struct RecordedOperation: Decodable, Sendable {
  let op: String
  let e: Int?
  let size, base, attr, xfrm, rsv, srcfault: UInt64?
  let ssa, misc: UInt32?
  let src, off, len, si: UInt64?
  let vendor, mmask, einit: UInt32?
  let amask, xmask, fd: UInt64?
  let sigfault: Int?
  let flags: Flags?
  let sirsv: Int?
  let sifault: Int?
  let cmd: UInt32?
  let argfault: String?
  let addr: UInt64?
  let kind, fill: String?
  let inj: [LeafStrike]?
  let fail: [AllocationStrike]?
  let sig: UInt64?
  let at: [Nested]?
  let prot: UInt8?
  let w, touch, rie, mm: Int?
  let n, batches: UInt64?

  /// Left out as long as the bench has no other threads, processes and debuggers: fork, exit, ptrace, enter, leave, eaccept, restrict,
  /// modt, remove, poison.
  static let known: Set<String> = [
    "open", "close", "create", "add", "init", "prov", "umap", "ioctl", "power", "mmap", "mprotect", "munmap", "access", "reclaim",
    "ksgxd",
  ]

  var isReplayable: Bool { Self.known.contains(op) && (at ?? []).allSatisfy(\.operation.isReplayable) }

  /// Bits for ADD_PAGES; a word for mmap.
  struct Flags: Decodable, Sendable {
    let bits: UInt64?
    let word: String?
    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      bits = try? value.decode(UInt64.self)
      word = try? value.decode(String.self)
    }
  }

  /// `[leaf, n, count, result]`
  struct LeafStrike: Decodable, Sendable {
    let leaf: String
    let nth: UInt64
    let times: Int64
    let result: Result
    enum Result: Sendable { case code(UInt32), word(String) }

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      leaf = try list.decode(String.self)
      nth = try list.decode(UInt64.self)
      times = try list.decode(Int64.self)
      if let code = try? list.decode(UInt32.self) {
        result = .code(code)
      } else {
        result = .word(try list.decode(String.self))
      }
    }
  }

  /// `[site, n, count]`
  struct AllocationStrike: Decodable, Sendable {
    let site: String
    let nth: UInt64
    let times: Int64

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      site = try list.decode(String.self)
      nth = try list.decode(UInt64.self)
      times = try list.decode(Int64.self)
    }
  }

  /// `[point, n, operation]`
  struct Nested: Decodable, Sendable {
    let point: String
    let nth: UInt64
    let operation: RecordedOperation

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      point = try list.decode(String.self)
      nth = try list.decode(UInt64.self)
      operation = try list.decode(RecordedOperation.self)
    }
  }
}

/// What came of an operation; `free`, `act` and `s` only where they changed.
struct RecordedAnswer: Decodable, Equatable, Sendable {
  var ret: Int32?
  var c: UInt64?
  var w: [String]?
  var free, act: UInt64?
  var s: [String: String]?
  var L: String?
  /// Sleeps of INIT.
  var sl: UInt32?
  var n: [String]?
  var x: String?
  var dead, at: String?
  var f: String?
  var kb, b, ipi: UInt64?
}

/// What was left when every operation was done.
struct RecordedEnd: Decodable, Equatable, Sendable {
  var free, list, poison, total, active, valid, files: UInt64?
  var k_encl, k_va_desc, k_page_desc: UInt64?
  var dead: Int?
}
