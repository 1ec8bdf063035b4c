import Foundation
import Simulation
import Testing

@testable import BenchCommands

/// `Scripts/install`, into folders of its own.
@Suite("Scripts/install") struct InstallTests {
  private static let script = "\(Repository.root)/Scripts/install"
  private static let files = [
    "bin/sgxbench", "share/bash-completion/completions/sgxbench", "share/fish/vendor_completions.d/sgxbench.fish",
    "share/man/man1/sgxbench.1", "share/zsh/site-functions/_sgxbench",
  ]

  /// Runs a line of bash in which `install` is the script and the program is built already.
  private func run(_ line: String, in folder: Scratch) throws -> Ended {
    try Sgxbench.run(
      [], in: folder.path, environment: ["SGXBENCH_BINARY": Sgxbench.path, "HOME": folder.path, "DESTDIR": ""],
      shell: "install() { '\(Self.script)' \"$@\"; }; " + line)
  }

  private func installed(beneath folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  /// One call of Foundation's search of strings brings 40 MB of locale data into the static program. Only the optimised one is stripped.
  @Test(.enabled(if: Sgxbench.path.contains("/release/"), "looks at the optimised program")) func theProgramStaysSmall() throws {
    let size = try #require(try FileManager.default.attributesOfItem(atPath: Sgxbench.path)[.size] as? Int)
    #expect(size < 26 << 20, "\(size >> 20) MiB")
  }

  @Test func installsWhatRunsElsewhereAndTakesItAway() throws {
    let scratch = try Scratch()
    // Twice: the second one replaces what is there.
    for _ in 1...2 {
      let ended = try run("install \"$PWD/a prefix\"", in: scratch)
      #expect(ended.errors == "")
      #expect(ended.status == 0)
      #expect(Self.files.allSatisfy { ended.output.contains("installed \(scratch.path)/a prefix/\($0)\n") })
      #expect(installed(beneath: scratch.path + "/a prefix") == Self.files)
    }
    try scratch.write(Script.test("expect(1):equals(1)"), to: "elsewhere/a.lua")
    let ran = try run("cd elsewhere && env -i '\(scratch.path)/a prefix/bin/sgxbench' run a.lua", in: scratch)
    #expect(ran.status == 0)
    #expect(ran.output.contains("1 passed"))
    let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/a prefix/bin/sgxbench")[.posixPermissions] as? Int
    #expect(mode == 0o755)
    let removed = try run("install --uninstall 'a prefix'", in: scratch)
    #expect(removed.status == 0)
    #expect(installed(beneath: scratch.path + "/a prefix") == [])
    #expect(try run("install --uninstall 'a prefix'", in: scratch).output == "")
  }

  /// The debug library that the tests were built with; it finds Swift's by the path it was built with.
  private static let library =
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/libsgxbench-c.so"

  /// Code of Docs/EmbeddingInC.md in one language, in the order of the page.
  private func blocks(_ language: String) throws -> [String] {
    try Repository.text(of: "Docs/EmbeddingInC.md").components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  /// A stranger who has the page and a prefix of his own: its programs, and its commands as they stand.
  @Test func aStrangerWithThePageAloneHasAProgramInCThatRuns() throws {
    let scratch = try Scratch()
    let ended = try run("SGXBENCH_LIBRARY='\(Self.library)' install --library \"$PWD/prefix\"", in: scratch)
    #expect(ended.errors == "")
    #expect(ended.status == 0)
    let files = ["include/sgxbench.h", "lib/cmake/sgxbench/sgxbench-config.cmake", "lib/libsgxbench-c.so", "lib/pkgconfig/sgxbench.pc"]
    #expect(installed(beneath: scratch.path + "/prefix") == (Self.files + files).sorted())
    let programs = try blocks("c")
    let shown = try blocks("text")
    let commands = try #require(try blocks("sh").first { $0.contains("pkg-config") })
    #expect(programs.count == 2)
    for (program, output) in zip(programs, shown) {
      try scratch.write(program, to: "main.c")
      let compiled = try run("set -e; PREFIX=$PWD/prefix; \(commands)./program 2>/dev/null", in: scratch)
      #expect(compiled.status == 0, "\(compiled.errors)")
      #expect(compiled.output == output)
    }
    #expect(try run("PKG_CONFIG_PATH=$PWD/prefix/lib/pkgconfig pkg-config --modversion sgxbench", in: scratch).output.hasPrefix("0."))
    let removed = try run("install --uninstall prefix", in: scratch)
    #expect(removed.status == 0)
    #expect(installed(beneath: scratch.path + "/prefix") == [])
    #expect(try run("install --library --uninstall prefix", in: scratch).status == 64)
  }

  private static let hasCMake = (try? Sgxbench.run([], shell: "type -P cmake"))?.status == 0

  @Test(.enabled(if: InstallTests.hasCMake, "cmake is not there: the CMake config was not tried")) func theLibraryIsFoundByCMake() throws {
    let scratch = try Scratch()
    let ended = try run("SGXBENCH_LIBRARY='\(Self.library)' install --library \"$PWD/prefix\"", in: scratch)
    #expect(ended.status == 0, "\(ended.errors)")
    try scratch.write(try #require(try blocks("cmake").first), to: "CMakeLists.txt")
    try scratch.write(try #require(try blocks("c").last), to: "main.c")
    let built = try run(
      "set -e; cmake -DCMAKE_PREFIX_PATH=$PWD/prefix -S . -B build >&2; cmake --build build >&2; build/program", in: scratch)
    #expect(built.status == 0, "\(built.errors)")
    #expect(built.output == (try blocks("text").dropFirst().first))
  }

  @Test func thePageShowsWhatIsInstalled() throws {
    let lines = try Repository.text(of: "Docs/Install.md").split(separator: "\n").filter { $0.hasPrefix("installed ") }
    #expect(lines.map { String($0.dropFirst("installed /home/you/.local/".count)) }.sorted() == Self.files)
  }

  @Test func theStagingFolderStandsBeforeEveryPath() throws {
    let scratch = try Scratch()
    let ended = try run("DESTDIR=$PWD/stage install /usr", in: scratch)
    #expect(ended.status == 0)
    #expect(installed(beneath: scratch.path + "/stage") == Self.files.map { "usr/" + $0 })
    for words in ["--prefix /opt/one", "--prefix=/opt/one --uninstall"] {
      #expect(try run("DESTDIR=$PWD/named install \(words)", in: scratch).status == 0)
      #expect(installed(beneath: scratch.path + "/named") == (words.hasSuffix("l") ? [] : Self.files.map { "opt/one/" + $0 }))
    }
  }

  @Test func refusesClearly() throws {
    let scratch = try Scratch()
    try scratch.write("", to: "file")
    let blocked = try run("install \"$PWD/file\"", in: scratch)
    #expect(blocked.status == 73)
    #expect(blocked.errors == "install: cannot write \(scratch.path)/file/bin; name a PREFIX that is yours (Scripts/install ~/.local), or run this as root\n")
    try FileManager.default.createDirectory(atPath: scratch.path + "/taken/bin/sgxbench", withIntermediateDirectories: true)
    #expect(try run("install taken", in: scratch).status == 73)
    for words in ["--unistall", "a b", "''", "--prefix", "--prefix=", "--prefix a b", "a --prefix b"] {
      let usage = try run("install \(words)", in: scratch)
      #expect(usage.status == 64)
      #expect(usage.errors == "usage: Scripts/install [--uninstall | --library] [[--prefix] PREFIX]\n")
    }
    // A program that is not there leaves nothing of itself.
    let broken = try run("SGXBENCH_BINARY=/nonexistent install \"$PWD/none\"", in: scratch)
    #expect(broken.status == 69)
    #expect(broken.errors == "install: there is no program at /nonexistent\n")
    #expect(installed(beneath: scratch.path + "/none") == [])
  }
}

/// What the program makes of its own options.
@Suite("Completions and man page") struct GeneratedHelpTests {
  @Test(arguments: ["bash", "zsh", "fish"]) func completionScripts(_ shell: String) throws {
    let script = try Sgxbench.run(["--generate-completion-script", shell])
    #expect(script.status == 0)
    for word in ["repl", "sigstruct", "driver", "6.12.107"] { #expect(script.output.contains(word), "\(word)") }
    let scratch = try Scratch()
    try scratch.write(script.output, to: "script")
    // zsh and fish say whether they take it where they are installed.
    let check = try Sgxbench.run([], in: scratch.path, shell: "if type -P \(shell) >/dev/null; then \(shell) -n script; fi")
    #expect(check.errors == "")
    #expect(check.status == 0)
  }

  @Test func bashCompletes() throws {
    let line = """
      source <("$@" --generate-completion-script bash); COMP_WORDS=(sgxbench run --driver 6.12.1); COMP_CWORD=3; COMP_LINE="${COMP_WORDS[*]}"
      COMP_POINT=${#COMP_LINE}; _sgxbench sgxbench 6.12.1 --driver; echo "${COMPREPLY[@]}"
      """
    #expect(try Sgxbench.run([], shell: line).output == "6.12.107\n")
  }

  /// What stands on the line of a real bash after the Tab key. Bash parts words at @, : and =.
  @Test(arguments: [
    ("--inject power@leaf:EEXT", "--inject power@leaf:EEXTEND"), ("--inject nomem@alloc", "--inject nomem@allocation:"),
    ("--inject=power@pre", "--inject=power@preemption"), ("--driver=6.12.1", "--driver=6.12.107 "), ("--format js", "--format json "),
    ("--inject power@leaf:EADD --driver 6.12.1", "--inject power@leaf:EADD --driver 6.12.107 "),
    ("--inject power@leaf:EADD,nth=3 mine", "--inject power@leaf:EADD,nth=3 mine.lua "), ("--shard a", "--shard auto "),
  ]) func bashOnATerminal(_ typed: String, _ completed: String) throws {
    let scratch = try Scratch()
    try scratch.write("", to: "mine.lua")
    try scratch.write(
      #"""
      PS1='> '; PATH=${SGXBENCH%/*}:$PATH; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'
      source <(sgxbench --generate-completion-script bash)

      """#, to: "settings")
    // Home, and End with a quote: the line is echoed, not run.
    let steps = [["> ", "sgxbench run \(typed)\t\u{1}echo '\u{5}'\n"], ["\nsgxbench run \(completed)\r", ""], ["> ", "exit\n"]]
    try scratch.write(String(decoding: JSONSerialization.data(withJSONObject: steps), as: UTF8.self), to: "steps.json")
    let ended = try Sgxbench.run(
      [], in: scratch.path, environment: ["TERM": "dumb", "INPUTRC": "/dev/null"],
      shell: "SGXBENCH=\"$1\" exec python3 '\(Repository.root)/Scripts/dev/typed.py' steps.json /bin/bash --noprofile --rcfile settings -i")
    #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
  }

  /// What a shell asks the program for. For zsh a colon would begin a description.
  @Test func theProgramAnswersShells() throws {
    func answer(_ shell: String) throws -> [String] {
      try Sgxbench.run(
        ["---completion", "run", "--", "--inject", "3", "0", "sgxbench", "run", "--inject", ""],
        environment: ["SAP_SHELL": shell, "SAP_SHELL_VERSION": "5"]
      ).output.split(separator: "\n").map(String.init)
    }
    #expect(try answer("bash").contains("power@leaf:EADD"))
    #expect(try answer("fish").contains("power@leaf:EADD"))
    #expect(try answer("zsh").contains("power@leaf\\:EADD"))
    #expect(try answer("zsh").allSatisfy { !$0.replacing("\\:", with: "").contains(":") })
  }

  /// Nothing is offered that the command line would refuse.
  @Test func everyOfferedFaultIsOne() throws {
    let offered = CompletionWords.everyFaultAtASite
    #expect(offered.contains("power@leaf:EEXTEND"))
    #expect(offered.contains("SIGALRM@signal_poll"))
    #expect(!offered.contains("nomem@leaf:EADD"))
    // A new site is offered with some fault.
    for site in Site.all { #expect(offered.contains { $0.hasSuffix("@\(site.name)") }, "\(site.name)") }
  }

  private struct Help: Decodable {
    struct Command: Decodable {
      let commandName: String
      let shouldDisplay: Bool?
      let subcommands: [Command]?
      let arguments: [Argument]?
    }
    struct Argument: Decodable {
      struct Name: Decodable { let kind: String, name: String }
      let kind: String
      let shouldDisplay: Bool
      let names: [Name]?
      let valueName: String?
      let isRepeating: Bool
      /// As the page writes it.
      var value: String { "Ar \(valueName ?? "")\(isRepeating ? "..." : "")" }
    }
    let command: Command
  }

  /// The page names every command and every option that the help has, and no other.
  @Test func thePageIsAboutThisProgram() throws {
    let dump = try Sgxbench.run(["--experimental-dump-help"])
    let help = try JSONDecoder().decode(Help.self, from: dump.bytes)
    var wanted: [String] = []
    func add(_ command: Help.Command, isRoot: Bool) {
      guard command.shouldDisplay ?? true else { return }
      if !isRoot { wanted.append("Em \(command.commandName)") }
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        if argument.kind == "positional" {
          wanted.append(argument.value)
        } else {
          let names = (argument.names ?? []).map { $0.kind == "long" ? "-\($0.name)" : $0.name }.joined(separator: " , ")
          wanted.append("Fl \(names)" + (argument.kind == "option" ? " " + argument.value : ""))
        }
      }
      for subcommand in command.subcommands ?? [] { add(subcommand, isRoot: false) }
    }
    add(help.command, isRoot: true)
    let items = try Repository.text(of: "Docs/sgxbench.1").split(separator: "\n").filter { $0.hasPrefix(".It ") }.map { String($0.dropFirst(4)) }
    #expect(items == wanted, "run Scripts/dev/manual.sh")
  }

  @Test func thePageIsWellFormed() throws {
    let groff = try Sgxbench.run([], shell: "if type -P groff >/dev/null; then groff -man -ww -z -Tutf8 Docs/sgxbench.1; fi")
    #expect(groff.errors == "")
    let mandoc = try Sgxbench.run([], shell: "if type -P mandoc >/dev/null; then mandoc -Tlint -Werror Docs/sgxbench.1; fi")
    #expect(mandoc.output == "")
  }
}
