import BenchReport
import ScenarioLanguage

/// Options of scripts: what stands behind `--`, and their help.
enum ScriptArguments {
  struct Values {
    var values: [(name: String, value: String)] = []
    /// ` -- --name=value …` for each script that declares some of them.
    var words: [(file: String, words: String)] = []
  }

  /// Reads `--name value`, `--name=value`, `--flag` and `--no-flag` against what the scripts declare.
  ///
  /// - Throws: a usage error; or what is wrong with a script, which nobody can run then.
  static func read(_ words: [String], for files: [String], _ options: RunOptions) throws(Refusal) -> Values {
    var byFile: [(file: String, options: [ScriptOption])] = []
    for file in files { byFile.append((file, try declarations(of: file, options).options)) }
    var read = Values(values: try values(words, of: byFile.flatMap(\.options)))
    for (file, options) in byFile {
      let own = read.values.filter { value in options.contains { $0.name == value.name } }
      let text = own.map { " " + ShellWord.quoted("--\($0.name)=\($0.value)") }.joined()
      if !text.isEmpty { read.words.append((file, " --" + text)) }
    }
    return read
  }

  private static func values(_ words: [String], of declared: [ScriptOption]) throws(Refusal) -> [(name: String, value: String)] {
    var arguments: [(name: String, value: String)] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word.utf8.count > 2 else { throw usage("'\(word)' behind -- is not an option of a script; write --NAME VALUE") }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      var name = parts[0], value = parts.count == 2 ? parts[1] : nil
      var meant = declared.filter { $0.name == name }
      if meant.isEmpty, value == nil, name.hasPrefix("no-") {
        meant = declared.filter { $0.kind == .flag && $0.name == name.dropFirst(3) }
        if let flag = meant.first { (name, value) = (flag.name, "false") }
      }
      guard !meant.isEmpty else {
        let names = Set(declared.map(\.name)).sorted().map { "--\($0)" }
        throw usage("no script has an option --\(name)" + (names.isEmpty ? "; they declare none" : "; there are \(names.joined(separator: ", "))"))
      }
      if value == nil { value = meant.allSatisfy { $0.kind == .flag } ? "true" : rest.popFirst() }
      guard let value else { throw usage("--\(name): its value is missing") }
      if let option = meant.first(where: { !$0.accepts(value) }) {
        let wanted = option.kind == .flag ? "true or false" : "a whole number"
        throw usage("--\(name): '\(value)' is not \(wanted)")
      }
      arguments.append((name, value))
    }
    return arguments
  }

  private static func usage(_ text: String) -> Refusal { Refusal(text, status: .usage) }

  static func declarations(of file: String, _ options: RunOptions) throws(Refusal) -> ScriptDeclarations {
    let limit = options.sourceLimit
    let source = try ScriptFile.read(file, limit: limit, limitFlag: "--source-limit")
    let declarations = Deadline.watch(shown(file)) {
      ScenarioRunner(options: options).declarations(
        source: source, name: file, module: { ScriptFile.module($0, besides: file, limit: limit) },
        image: { ScriptFile.image($0, besides: file) })
    }
    if let error = declarations.error {
      var refusal = Refusal(error.text, status: error.isLimit ? .failed : .badInput)
      refusal.hint = error.hint
      throw refusal
    }
    return declarations
  }

  /// `sgxbench run --help FILE…`: what each script is about, and its options.
  static func help(_ files: [String]) -> ExitStatus {
    Deadline.set(600)
    var output = Output(descriptor: 1)
    for file in files {
      let declared: ScriptDeclarations
      do throws(Refusal) { declared = try declarations(of: file, RunOptions()) } catch {
        Message.write(error.text, hint: error.hint)
        return error.status
      }
      output.write("\(shown(file))\(declared.about.map { ": \($0)" } ?? "")\n")
      output.write("usage: sgxbench run \(ShellWord.quoted(file))\(declared.options.isEmpty ? "" : " -- [options]")\n")
      if declared.options.isEmpty { output.write("  It has no options of its own.\n") }
      for option in declared.options { output.write("  \(text(of: option))\n") }
    }
    output.complain()
    return output.error == 0 ? .passed : .output
  }

  private static func text(of option: ScriptOption) -> String {
    let form = switch option.kind {
    case .flag: "--\(option.name), --no-\(option.name)"
    case .wholeNumber: "--\(option.name) N"
    case .text: "--\(option.name) TEXT"
    }
    return form + String(repeating: " ", count: max(2, 24 - form.utf8.count)) + option.help
      + (option.help.isEmpty ? "" : " ") + "(default: \(option.standard))"
  }

  /// What stands behind `--` in a command line of `run`.
  static func words(of line: [String]) -> [String] { line.firstIndex(of: "--").map { Array(line[($0 + 1)...]) } ?? [] }

  /// Options of `run` behind which no value stands.
  private static let flags: Set = [
    "--help", "-h", "--trace", "--stories", "--list", "--watch", "--fail-fast", "--strict", "--quiet", "--require-complete",
  ]

  /// The scripts of `sgxbench run --help FILE…`, or nil where the command line is another one.
  static func helpRequest(_ arguments: [String]) -> [String]? {
    guard arguments.first == "run" else { return nil }
    let words = arguments.dropFirst().prefix { $0 != "--" }
    guard words.contains("--help") || words.contains("-h") else { return nil }
    var files: [String] = []
    var isValue = false
    for word in words {
      // Not `contains("=")`: where a library brings Foundation along, that is Foundation's search, and 40 MB of locale data with it.
      defer { isValue = word.hasPrefix("-") && !word.utf8.contains(UInt8(ascii: "=")) && !flags.contains(word) }
      if !isValue, !word.hasPrefix("-") { files.append(word) }
    }
    return files.isEmpty ? nil : files
  }
}
