import ArgumentParser
import BenchReport
import LuaHost
import SGXArchitecture

/// `sgxbench sigstruct verify FILE`
struct SigStructVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verifies a SIGSTRUCT as EINIT does: form, signature, Q1 and Q2.",
    discussion: "Prints every problem, where EINIT stops at the first. Attributes and launch control depend on the enclave and the machine.")

  @Argument(help: ArgumentHelp("The SIGSTRUCT, 1808 bytes, or a signed image.", valueName: "file"), completion: .file())
  var file: String

  @Option(help: ArgumentHelp("The measurement that ENCLAVEHASH must have, 64 digits.", valueName: "hex"))
  var mrenclave: HexText?

  @Flag(help: "Prints JSON.")
  var json = false

  func validate() throws {
    if let mrenclave { try mrenclave.require(bytes: 32, for: "--mrenclave") }
  }

  /// Something that is wrong, and where.
  private struct Problem {
    let field: SigStruct.Field
    let offset: Int
    let found: String
    let allowed: String
    /// The code that EINIT would give for it.
    let code: LeafError
  }

  mutating func run() throws {
    let sigStruct: SigStruct
    do throws(Refusal) { sigStruct = try SigStructSource.read(file) } catch { throw error.told() }
    let problems = problems(of: sigStruct)
    let report = json ? document(sigStruct, problems).text : lines(sigStruct, problems)
    throw end(problems.isEmpty ? .passed : .failed, printing: report)
  }

  private func problems(of sigStruct: SigStruct) -> [Problem] {
    var problems = sigStruct.malformations(hasCET: true).map {
      Problem(
        field: $0.field, offset: $0.offset, found: sigStruct.found($0), allowed: $0.field.allowed, code: .SGX_INVALID_SIG_STRUCT)
    }
    problems += sigStruct.signatureFlaws.map {
      Problem(
        field: $0.field, offset: $0.field.range.lowerBound, found: sigStruct.shown($0.field), allowed: $0.allowed,
        code: .SGX_INVALID_SIGNATURE)
    }
    if let asked = mrenclave, asked.bytes != sigStruct[.enclaveHash] {
      problems.append(
        Problem(
          field: .enclaveHash, offset: SigStruct.Field.enclaveHash.range.lowerBound, found: sigStruct.enclaveHash.hex,
          allowed: asked.bytes.hex, code: .SGX_INVALID_MEASUREMENT))
    }
    return problems
  }

  private func lines(_ sigStruct: SigStruct, _ problems: [Problem]) -> String {
    let name = escapeForDisplay(Array(file.utf8))
    guard problems.isEmpty else {
      return problems.map {
        "\(name): \($0.field.name) at offset \($0.offset): found \($0.found), must be \($0.allowed) (\($0.code.name))\n"
      }.joined()
    }
    return "\(name): good\n  MRENCLAVE \(sigStruct.enclaveHash.hex)\n  MRSIGNER  \(sigStruct.signer.hex)\n"
  }

  private func document(_ sigStruct: SigStruct, _ problems: [Problem]) -> JSONText {
    .object([
      ("file", .string(file)), ("good", .bool(problems.isEmpty)),
      ("mrenclave", .string(sigStruct.enclaveHash.hex)), ("mrsigner", .string(sigStruct.signer.hex)),
      (
        "problems",
        .array(
          problems.map {
            .object([
              ("field", .string($0.field.name)), ("offset", .number(UInt64($0.offset))), ("found", .string($0.found)),
              ("allowed", .string($0.allowed)), ("code", .string($0.code.name)),
            ])
          })
      ),
    ])
  }
}
