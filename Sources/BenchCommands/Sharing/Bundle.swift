import ArgumentParser
import ScenarioLanguage
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench bundle FILE [-o OUT]`
struct Bundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Packs a scenario and the modules it requires into one file that runs by itself.",
    discussion: """
      Images are not packed: pin them in the table that the script returns. Ends with 2 where the script is wrong or missing, and with 74 \
      where the bundle could not be written.
      """)

  @Argument(help: ArgumentHelp("The scenario.", valueName: "file"), completion: CompletionWords.scripts)
  var file: String

  @Option(
    name: [.short, .long], help: ArgumentHelp("Where the bundle goes; standard output where nothing is said.", valueName: "file"),
    completion: CompletionWords.scripts)
  var output: String?

  @Flag(help: "Replaces a file that is no bundle, too.")
  var force = false

  @OptionGroup var choices: MachineChoices
  @OptionGroup var time: TimeoutChoice

  mutating func run() throws {
    try time.apply()
    let options = try choices.options()
    let bytes: [UInt8]
    do throws(Refusal) {
      let parts = try BundleParts(file: file, options: options)
      if let output, parts.files.contains(where: { Self.isSame($0, output) }) {
        throw Refusal("\(shown(output)) is a part of the bundle itself; name another file with --output")
      }
      bytes = try BundleText(script: parts.script, modules: parts.modules).bytes()
      try Self.check(bytes, of: parts, options)
      for warning in parts.warnings { Message.write(warning) }
    } catch { throw error.told() }
    if bytes.count > RunOptions().sourceLimit {
      Message.write("the bundle has \(bytes.count) bytes; it runs with --source-limit \(bytes.count) only")
    }
    if let output {
      do throws(Refusal) { try WholeFile.replacing(output, of: .bundle, besides: [], force: force).write(bytes) } catch { throw error.told() }
      return
    }
    var standard = Output(descriptor: 1)
    bytes.withUnsafeBufferPointer { standard.write($0) }
    standard.complain()
    if standard.error != 0 { throw ExitCode(ExitStatus.output.rawValue) }
  }

  /// A bundle that declares other tests than its script would be a lie: it is not written.
  private static func check(_ bytes: [UInt8], of parts: BundleParts, _ options: RunOptions) throws(Refusal) {
    var options = options
    options.allowSource(bytes.count)
    let declared = Deadline.watch("the bundle of \(shown(parts.files[0]))") {
      ScenarioRunner(options: options).declarations(
        source: bytes, name: parts.script.name, image: { ScriptFile.image($0, besides: parts.files[0]) })
    }
    if let error = declared.error { throw Refusal("the bundle of \(shown(parts.files[0])) cannot be read: \(error.text)") }
    guard declared.tests.map(\.path) == parts.declarations.tests.map(\.path) else {
      throw Refusal("the bundle of \(shown(parts.files[0])) does not declare the same tests as the script")
    }
  }

  /// Whether two paths lead to one file.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_ino == second.st_ino && first.st_dev == second.st_dev
  }
}
