import Foundation
import SGXArchitecture

/// One vector of `Tests/Vectors/measurement-vectors.json`: what is added and extended, and what must come out.
public struct MeasurementVector: Sendable, CustomStringConvertible {
  public enum Step: Hashable, Sendable {
    case add(page: EnclaveOffset, SecInfo)
    /// Offset of the 256 bytes, counted from the enclave's base.
    case extend(chunk: EnclaveOffset)
  }

  public let id: String
  public let size: UInt64
  public let ssaFrameSize: UInt32
  public let cetLegacyBitmapOffset: UInt64
  public let blocks: UInt64
  /// MRENCLAVE in hexadecimal.
  public let digest: String
  public let steps: [Step]
  /// The page each offset holds; one that no step extends holds zeros.
  public let pages: [EnclaveOffset: PageContents]

  public var description: String { id }

  public func contents(at offset: EnclaveOffset) -> PageContents {
    pages[EnclaveOffset(pageIndex: offset.pageIndex)] ?? .zero
  }

  /// Every vector of the file, in its order.
  public static let all: [MeasurementVector] = VectorFile.loaded.vectors.map(MeasurementVector.init)

  public static func named(_ id: String) -> MeasurementVector { all.first { $0.id == id }! }

  /// SHA-256 of each page the vectors name, as the file states it.
  public static let pageDigests: [String: String] = VectorFile.loaded.pages.mapValues(\.sha256)
}

extension MeasurementVector {
  private init(_ entry: VectorFile.Vector) {
    id = entry.id
    size = hexadecimal(entry.size)
    ssaFrameSize = entry.ssaframesize
    cetLegacyBitmapOffset = entry.cet_leg_bitmap_offset
    blocks = entry.blocks
    digest = entry.mrenclave
    steps = entry.ops.flatMap(\.steps)
    var pages: [EnclaveOffset: PageContents] = [:]
    for case (let offset, let name?) in entry.ops.map({ ($0.offset, $0.pageName) }) {
      pages[EnclaveOffset(pageIndex: offset.pageIndex)] = VectorPage.named(name)
    }
    self.pages = pages
  }
}

/// The file, as it is written.
private struct VectorFile: Decodable, Sendable {
  struct Page: Decodable, Sendable { let sha256: String }
  struct Vector: Decodable, Sendable {
    let id: String, size: String, mrenclave: String
    let ssaframesize: UInt32
    let cet_leg_bitmap_offset: UInt64, blocks: UInt64
    let ops: [Operation]
  }
  let pages: [String: Page]
  let vectors: [Vector]

  static let loaded: VectorFile = {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appendingPathComponent("Vectors/measurement-vectors.json")
    do {
      return try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: file))
    } catch {
      preconditionFailure("measurement-vectors.json cannot be read: \(error)")
    }
  }()

  /// `["page", offset, flags, name, chunks?]`, `["add", offset, flags]` or `["ext", offset, name]`.
  struct Operation: Decodable, Sendable {
    let offset: EnclaveOffset
    let pageName: String?
    let steps: [Step]

    init(from decoder: Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      let verb = try fields.decode(String.self)
      let offset = EnclaveOffset(hexadecimal(try fields.decode(String.self)))
      self.offset = offset
      let flags = verb == "ext" ? 0 : hexadecimal(try fields.decode(String.self))
      pageName = verb == "add" ? nil : try fields.decode(String.self)
      let adding = Step.add(page: offset, SecInfo(flags: flags))
      switch verb {
      case "add":
        steps = [adding]
      case "ext":
        steps = [.extend(chunk: offset)]
      case "page":
        let chunks = fields.isAtEnd ? Array(0..<UInt64(extendChunksPerPage)) : try fields.decode([UInt64].self)
        steps = [adding] + chunks.map { .extend(chunk: EnclaveOffset(offset.rawValue + $0 * extendChunkSize)) }
      default:
        throw DecodingError.dataCorruptedError(in: fields, debugDescription: "unknown step \(verb)")
      }
    }
    typealias Step = MeasurementVector.Step
  }
}

private func hexadecimal(_ text: String) -> UInt64 { UInt64(text.dropFirst(2), radix: 16)! }
