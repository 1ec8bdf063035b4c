import SGXArchitecture

/// A small image, made here.
public struct Sample: Sendable, CustomStringConvertible {
  public enum Kind: String, CaseIterable, Sendable {
    case intelSDK, openEnclave, stream, flat, selftest, windows
  }

  public let name: String
  public let bytes: [UInt8]
  public let kind: Kind
  public var description: String { name }

  init(_ name: String, _ bytes: [UInt8], _ kind: Kind) {
    self.name = name
    self.bytes = bytes
    self.kind = kind
  }

  /// Every image.
  public static let all: [Sample] =
    sdkSamples + openEnclaveSamples + streamSamples + selftestSamples + windowsSamples

  public static func named(_ name: String) -> Sample {
    guard let sample = all.first(where: { $0.name == name }) else { preconditionFailure("no sample is called \(name)") }
    return sample
  }
}
