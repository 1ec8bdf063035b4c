import ArgumentParser
import ScenarioLanguage

/// `sgxbench check FILE|DIR…`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads scenarios and lists their tests without running one.",
    discussion: """
      A script's own lines and the bodies of describe run, as they do ahead of any test; tests and hooks do not. Ends with 2 where a script \
      is wrong, missing, empty or without a test.
      """)

  @Argument(help: ArgumentHelp("Scripts, or folders of scripts.", valueName: "path"), completion: CompletionWords.scripts)
  var paths: [String]

  @OptionGroup var choices: MachineChoices
  @OptionGroup var time: TimeoutChoice

  mutating func run() throws {
    try time.apply()
    let options = try choices.options()
    var output = Output(descriptor: 1)
    var status = ExitStatus.passed
    var counts = (tests: 0, files: 0)
    for path in paths {
      do throws(Refusal) {
        let files = try ScriptFolder.scripts(beneath: path)
        if files.isEmpty { throw Refusal("\(shown(path)) has no scenario in it") }
        for file in files { status = status.or(Self.check(file, options, &output, &counts)) }
      } catch {
        Message.write(error.text, hint: error.hint)
        status = status.or(error.status)
      }
    }
    output.write("\(counts.tests) \(counts.tests == 1 ? "test" : "tests") in \(counts.files) \(counts.files == 1 ? "file" : "files")\n")
    output.complain()
    if output.error != 0 { status = status.or(.output) }
    throw ExitCode(status.rawValue)
  }

  private static func check(
    _ file: String, _ options: RunOptions, _ output: inout Output, _ counts: inout (tests: Int, files: Int)
  ) -> ExitStatus {
    let declared: ScriptDeclarations
    do throws(Refusal) { declared = try ScriptArguments.declarations(of: file, options) } catch {
      Message.write(error.text, hint: error.hint)
      return error.status
    }
    output.write("\(shown(file))\(declared.about.map { ": \($0)" } ?? "")\n")
    for test in declared.tests { output.write("  \(shown(test.file)):\(test.line): \(TestList.line(of: test))\n") }
    counts.tests += declared.tests.count
    counts.files += 1
    return .passed
  }
}
