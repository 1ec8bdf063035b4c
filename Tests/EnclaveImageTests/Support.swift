import Foundation
import ImageWriters
import SGXArchitecture

@testable import EnclaveImage

extension Sample {
  var block: ContentBlock { ContentBlock(bytes) }

  func read(_ options: ImageOptions = ImageOptions()) throws -> EnclaveImage {
    try EnclaveImage(name: name, bytes: block, options: options)
  }
}

extension [UInt8] {
  /// What reading these bytes is refused with; nil where they are an image.
  func refusal(_ options: ImageOptions = ImageOptions()) -> ImageRefusal? {
    do throws(ImageRefusal) {
      _ = try EnclaveImage(name: "sample", bytes: ContentBlock(self), options: options)
      return nil
    } catch {
      return error
    }
  }

  /// A copy with something else at a place.
  func with(_ value: some FixedWidthInteger, at offset: Int) -> [UInt8] {
    var copy = self
    copy.store(value, at: offset)
    return copy
  }

  func place(of pattern: [UInt8]) -> Int {
    guard let place = (0...(count - pattern.count)).first(where: { self[$0..<($0 + pattern.count)].elementsEqual(pattern) }) else {
      preconditionFailure("the pattern is in the sample")
    }
    return place
  }
}

enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}

/// A folder that is gone at the end of the test.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/sgxbench-images-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let url = URL(fileURLWithPath: path + "/" + name)
    try Data(bytes).write(to: url)
    return url.path
  }
}
