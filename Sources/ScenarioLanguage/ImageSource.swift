import EnclaveImage
import LuaHost
import SGXArchitecture
import Synchronization

/// An enclave image that scenarios may ask for by name. It is read and taken apart once, at its first use, however many files, tests and
/// threads ask.
public final class ImageSource: Sendable {
  private enum Origin: Sendable {
    case file(String, name: String, sigStruct: String?)
    case bytes(name: String, ContentBlock, sigStruct: [UInt8]?)
  }

  private let origin: Origin
  private let found = Mutex<Result<ReadImage, Problem>?>(nil)

  /// The file that is read; nil where the bytes were given.
  public var path: String? {
    if case .file(let path, _, _) = origin { path } else { nil }
  }

  /// A file, and the file of the SIGSTRUCT that belongs to it where it holds none itself.
  ///
  /// - Parameter name: what messages call it, where that is not its path.
  public init(path: String, name: String? = nil, sigStructPath: String? = nil) {
    origin = .file(path, name: name ?? path, sigStruct: sigStructPath)
  }

  /// An image in memory.
  ///
  /// - Parameter name: what messages call it.
  public init(name: String, bytes: [UInt8], sigStruct: [UInt8]? = nil) {
    origin = .bytes(name: name, ContentBlock(bytes), sigStruct: sigStruct)
  }

  /// Why there is no image, in a line.
  struct Problem: Error {
    let text: String
  }

  /// The image. The limit counts for whoever is first to ask.
  func read(limit: UInt64) throws(Problem) -> ReadImage {
    let result = found.withLock { found in
      if let found { return found }
      let result = Result { () throws(Problem) in try readNow(limit) }
      found = result
      return result
    }
    return try result.get()
  }

  private func readNow(_ limit: UInt64) throws(Problem) -> ReadImage {
    switch origin {
    case .file(let path, let name, let sigStructPath):
      let block = try Self.file(path, shown: name, limit: limit)
      var sigStruct: [UInt8]?
      let sigStructName = sigStructPath.map { Self.name(of: $0, beside: name) }
      if let sigStructPath {
        let bytes = try Self.file(sigStructPath, shown: sigStructName, limit: 1 << 20, limitName: nil)
        sigStruct = [UInt8](UnsafeRawBufferPointer(start: bytes.base, count: bytes.count))
      }
      return try ReadImage(name: name, block: block, sigStruct: sigStruct, sigStructName: sigStructName ?? name)
    case .bytes(let name, let block, let sigStruct):
      return try ReadImage(name: name, block: block, sigStruct: sigStruct, sigStructName: name)
    }
  }

  /// What messages call the file of a SIGSTRUCT: it lies where the image does.
  private static func name(of sigStruct: String, beside image: String) -> String {
    let last = sigStruct.split(separator: "/").last ?? ""
    return image.split(separator: "/", omittingEmptySubsequences: false).dropLast().map { $0 + "/" }.joined() + last
  }

  private static func file(
    _ path: String, shown: String?, limit: UInt64, limitName: String? = "--image-limit"
  ) throws(Problem) -> ContentBlock {
    do throws(ImageError) { return try ImageFile.read(path, shown: shown, limit: limit, limitName: limitName) } catch { throw Problem(text: error.text) }
  }
}

extension ImageSource {
  /// Whether scenarios can ask for a name. None leads out of the script's folder, or to a hidden file.
  public static func isName(_ name: String) -> Bool {
    guard (1...100).contains(name.utf8.count), let first = name.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else {
      return false
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}

/// An image that was read, with the bytes it was read from.
struct ReadImage: Sendable {
  let image: EnclaveImage
  let block: ContentBlock

  /// - Parameter sigStruct: goes where the image has none of its own.
  init(name: String, block: ContentBlock, sigStruct: [UInt8]?, sigStructName: String) throws(ImageSource.Problem) {
    self.block = block
    let image: EnclaveImage
    do throws(ImageRefusal) { image = try EnclaveImage(name: name, bytes: block, options: Self.options) } catch {
      throw ImageSource.Problem(text: error.text)
    }
    guard image.sigStruct == nil, let sigStruct else {
      self.image = image
      return
    }
    do throws(SigStruct.WrongSize) { self.image = image.attaching(try SigStruct(bytes: sigStruct)) } catch {
      throw ImageSource.Problem(text: "\(sigStructName): \(error.found) bytes; a SIGSTRUCT has \(SigStruct.size)")
    }
  }

  private init(image: EnclaveImage, block: ContentBlock) {
    self.image = image
    self.block = block
  }

  private static let options = {
    var options = ImageOptions()
    options.fileSizeMax = ImageOptions.fileSizeMaxMax
    return options
  }()

  /// SHA-256 of the bytes that were read.
  var digest: Digest {
    var hash = RunningSHA256()
    hash.update(UnsafeRawBufferPointer(start: block.base, count: block.count))
    return hash.digest()
  }

  /// Another image that came from these bytes; nil where no page is added at that offset.
  func replacingByte(at offset: EnclaveOffset, with byte: UInt8) -> ReadImage? {
    image.replacingByte(at: offset, with: byte).map { ReadImage(image: $0, block: block) }
  }
}
