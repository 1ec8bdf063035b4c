import LuaHost
import ScenarioLanguage

/// `sgxbench run --list`: the tests that would run, by file.
struct TestList {
  private let request: RunRequest

  init(_ request: RunRequest) { self.request = request }

  func perform() -> ExitStatus {
    var output = Output(descriptor: 1)
    var status = ExitStatus.passed
    var total = 0
    Deadline.set(request.timeout)
    do throws(Refusal) {
      let files = try request.files()
      if !request.scriptArguments.isEmpty { _ = try ScriptArguments.read(request.scriptArguments, for: files, request.options) }
      for file in files {
        do throws(Refusal) {
          let tests = try ScriptArguments.declarations(of: file, request.options).tests
            .filter { request.options.selection.includes($0, of: file) }
          total += tests.count
          output.write(Self.text(of: tests, file))
        } catch {
          Message.write(error.text, hint: error.hint)
          status = status.or(error.status)
        }
      }
    } catch {
      Message.write(error.text, hint: error.hint)
      return error.status
    }
    output.write(total == 1 ? "1 test\n" : "\(total) tests\n")
    output.complain()
    if total == 0, status == .passed {
      if let shard = request.options.selection.shard { Message.write("no test falls into part \(shard.number) of \(shard.count)") } else {
        Message.write("no test is selected by --filter and --tags")
        status = .badInput
      }
    }
    return output.error == 0 ? status : status.or(.output)
  }

  private static func text(of tests: [DeclaredTest], _ file: String) -> String {
    let file = escapeForDisplay(Array(file.utf8))
    var text = ""
    for test in tests { text += "\(file):\(test.line): \(line(of: test))\n" }
    return text
  }

  /// Its name and what is said of it.
  static func line(of test: DeclaredTest) -> String {
    test.name + (test.isPending ? " (pending)" : "") + (test.tags.isEmpty ? "" : " [\(test.tags.joined(separator: ", "))]")
  }
}
