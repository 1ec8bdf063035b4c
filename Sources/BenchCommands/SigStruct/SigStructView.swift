import ArgumentParser
import BenchReport
import LuaHost
import SGXArchitecture

/// `sgxbench sigstruct view FILE`
struct SigStructView: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view", abstract: "Shows every field of a SIGSTRUCT.",
    discussion: "What EINIT would refuse in constants and reserved bytes is marked; whether the signature is good, 'verify' tells.")

  @Argument(help: ArgumentHelp("The SIGSTRUCT, 1808 bytes, or a signed image.", valueName: "file"), completion: .file())
  var file: String

  @Flag(help: "Prints JSON. Numbers of more than 32 bits, and bytes as they are stored, are hexadecimal text.")
  var json = false

  mutating func run() throws {
    let sigStruct: SigStruct
    do throws(Refusal) { sigStruct = try SigStructSource.read(file) } catch { throw error.told() }
    throw end(.passed, printing: json ? document(sigStruct).text : table(sigStruct))
  }

  private func table(_ sigStruct: SigStruct) -> String {
    let wrong = sigStruct.malformations(hasCET: true)
    var text = "\(escapeForDisplay(Array(file.utf8)))\n"
    for field in SigStruct.Field.allCases {
      let offset = String(field.range.lowerBound)
      let padding = String(repeating: " ", count: 6 - offset.utf8.count)
      let name = field.name + String(repeating: " ", count: 21 - field.name.utf8.count)
      text += "\(padding)\(offset)  \(name)\(sigStruct.shown(field))"
      if let found = wrong.first(where: { $0.field == field }) { text += "  <- offset \(found.offset), must be \(field.allowed)" }
      text += "\n"
    }
    return text + "MRSIGNER  \(sigStruct.signer.hex)\nsigned    \(sigStruct.signedDigest.hex)\n"
  }

  private func document(_ sigStruct: SigStruct) -> JSONText {
    .object([
      ("file", .string(file)),
      ("fields", .object(SigStruct.Field.allCases.map { ($0.name.lowercased(), sigStruct.json($0)) })),
      ("mrsigner", .string(sigStruct.signer.hex)),
      ("signed_sha256", .string(sigStruct.signedDigest.hex)),
      ("problems", .array(sigStruct.malformations(hasCET: true).map { sigStruct.json($0) })),
    ])
  }
}
