import EnclaveImage
import LuaHost
import SGXArchitecture

/// Where a SIGSTRUCT is read from: a file of its own, or an enclave image that is signed.
enum SigStructSource {
  private static let limit = 1 << 20
  /// As of `measure`, by default.
  private static let imageLimit: UInt64 = 256 << 20

  /// Reads a SIGSTRUCT, or that of a signed image.
  static func read(_ path: String) throws(Refusal) -> SigStruct {
    guard try isImage(path) else { return try readFile(path) }
    guard let sigStruct = try image(path).sigStruct else {
      throw Refusal("\(shown(path)): an image without a SIGSTRUCT; one may lie in a file of its own")
    }
    return sigStruct
  }

  /// Reads an enclave image, with the SIGSTRUCT beside it where it has none itself.
  static func image(_ path: String) throws(Refusal) -> EnclaveImage {
    var options = ImageOptions()
    options.fileSizeMax = imageLimit
    let image: EnclaveImage
    do throws(ImageError) { image = try EnclaveImage(path: path, options: options) } catch {
      throw Refusal(escapeForDisplay(Array(error.text.utf8)))
    }
    guard image.sigStruct == nil, let beside = MeasureRequest.sigStructFile(beside: path) else { return image }
    return image.attaching(try readFile(beside))
  }

  /// What makes it an image and no SIGSTRUCT: how it begins.
  private static func isImage(_ path: String) throws(Refusal) -> Bool {
    let start = FileKind.start(of: path) ?? []
    return ["\u{7f}ELF", "MZ", "ECREATE\0", "UNSIZED\0"].contains { start.starts(with: Array($0.utf8)) }
  }

  /// A file that holds nothing else.
  static func readFile(_ path: String) throws(Refusal) -> SigStruct {
    let bytes = try ScriptFile.read(path, limit: limit, folderAdvice: "")
    do throws(SigStruct.WrongSize) { return try SigStruct(bytes: bytes) } catch {
      throw Refusal("\(shown(path)): \(text(of: error))")
    }
  }

  /// The signed bytes alone, or a whole SIGSTRUCT, whose signature does not matter.
  static func unsigned(_ path: String) throws(Refusal) -> SigStruct {
    let bytes = try ScriptFile.read(path, limit: limit, folderAdvice: "")
    if let sigStruct = try? SigStruct(signedBytes: bytes) { return sigStruct }
    if let sigStruct = try? SigStruct(bytes: bytes) { return sigStruct }
    throw Refusal("\(shown(path)): \(bytes.count) bytes; what is signed has \(SigStruct.signedSize), a SIGSTRUCT \(SigStruct.size)")
  }

  /// A key, a certificate, or the public half of a private key.
  static func signerKey(_ path: String) throws(Refusal) -> SignerKey {
    let text = String(decoding: try ScriptFile.read(path, limit: 1 << 16, folderAdvice: ""), as: UTF8.self)
    do throws(SignerKey.Problem) { return try SignerKey(pem: text) } catch { throw Refusal("\(shown(path)): \(error.text)") }
  }

  static func signingKey(_ path: String) throws(Refusal) -> SigningKey {
    let text = String(decoding: try ScriptFile.read(path, limit: 1 << 16, folderAdvice: ""), as: UTF8.self)
    do throws(SigningKey.Problem) { return try SigningKey(pem: text) } catch { throw Refusal("\(shown(path)): \(error.text)") }
  }

  private static func text(of problem: SigStruct.WrongSize) -> String {
    guard let field = problem.field else { return "\(problem.found) bytes; a SIGSTRUCT has \(SigStruct.size)" }
    let range = field.range
    return "ends at offset \(problem.found), in \(field.name) (\(range.lowerBound) to \(range.upperBound - 1)); "
      + "a SIGSTRUCT has \(SigStruct.size) bytes"
  }
}

extension SigStruct {
  /// The same with no signer: MODULUS, SIGNATURE, Q1 and Q2 are zero.
  var withoutSignature: SigStruct {
    var copy = self
    for field in [Field.modulus, .signature, .q1, .q2] { copy[field] = [UInt8](repeating: 0, count: field.range.count) }
    return copy
  }
}
