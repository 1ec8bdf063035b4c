import Foundation
import Testing

/// Docs/Embedding.md and Docs/EmbeddingInC.md show programs. They are files here, built with the tests; page, file and output agree byte by byte.
@Suite("Embedding") struct EmbeddingTests {
  /// Blocks of a page in one language, each with its line feeds.
  private static func blocks(_ language: String, of page: String = "Embedding") throws -> [String] {
    var blocks: [String] = []
    var open: (language: String, text: String)?
    for line in try Repository.text(of: "Docs/\(page).md").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block = open, block.language == language { blocks.append(block.text) }
        open = open == nil ? (String(line.dropFirst(3)), "") : nil
      } else {
        open?.text += line + "\n"
      }
    }
    return blocks
  }

  /// A program that was built next to the tests.
  private static func built(_ name: String) -> String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path + "/" + name
  }

  /// Runs a program in the root of the repository. CPU time is bounded, since nothing here may hang the tests.
  private static func run(_ program: String, _ arguments: [String] = [], seconds: Int = 60) throws -> (output: String, errors: String, status: Int32) {
    let scratch = try Scratch()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "ulimit -t \(seconds); exec \"$@\" >'\(scratch.path)/out' 2>'\(scratch.path)/err'", "bash", program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: Repository.root)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let texts = try ["out", "err"].map { try String(contentsOfFile: "\(scratch.path)/\($0)", encoding: .utf8) }
    return (texts[0], texts[1], process.terminationStatus)
  }

  @Test func theSwiftProgramOfThePageIsTheOneThatIsBuilt() throws {
    let shown = try Self.blocks("swift")
    #expect(shown.count == 2, "a manifest and a program")
    #expect(shown.last == (try Repository.text(of: "Tests/EmbeddingExample/main.swift")))
  }

  @Test func theSwiftProgramPrintsWhatThePageShows() throws {
    let ended = try Self.run(Self.built("EmbeddingExample"))
    #expect(ended.output == (try Self.blocks("text").first))
    #expect(ended.errors.isEmpty)
    #expect(ended.status == 0)
  }

  /// Compiles a program in C against header and library, as strictly as a compiler is.
  private static func compile(_ source: String, into scratch: Scratch, _ flags: [String] = []) throws -> String {
    let libraries = URL(fileURLWithPath: built("x")).deletingLastPathComponent().path
    let compiled = try run(
      "/usr/bin/env",
      [
        "cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ISources/CSGXBench/include", source, "-L\(libraries)", "-lsgxbench-c",
        "-Wl,-rpath,\(libraries)", "-o", scratch.path + "/program",
      ] + flags)
    try #require(compiled.status == 0, "\(compiled.errors)")
    return scratch.path + "/program"
  }

  @Test func theCProgramOfThePageIsCompiledAndPrintsWhatThePageShows() throws {
    #expect(try Self.blocks("c", of: "EmbeddingInC") == ["main", "machine"].map { try Repository.text(of: "Tests/CExample/\($0).c") })
    let scratch = try Scratch()
    let ended = try Self.run(try Self.compile("Tests/CExample/main.c", into: scratch))
    #expect(ended.output == (try Self.blocks("text", of: "EmbeddingInC").first))
    #expect(ended.errors.contains("is one the program knows"), "the report")
    #expect(ended.status == 0)
  }

  @Test func theCProgramWithAMachineOfItsOwnPrintsWhatThePageShows() throws {
    let scratch = try Scratch()
    let ended = try Self.run(try Self.compile("Tests/CExample/machine.c", into: scratch))
    #expect(ended.output == (try Self.blocks("text", of: "EmbeddingInC").dropFirst().first))
    #expect(ended.errors.isEmpty)
    #expect(ended.status == 0)
  }

  /// What a program does wrong is answered as the header says, and what a machine says of itself is what has happened.
  @Test(arguments: ["misuse", "observed"]) func theHeaderKeepsItsWord(_ name: String) throws {
    let scratch = try Scratch()
    let ended = try Self.run(try Self.compile("Tests/CExample/\(name).c", into: scratch))
    #expect(ended.output.isEmpty)
    #expect(ended.errors.isEmpty)
    #expect(ended.status == 0)
  }

  /// Nothing is global: machines and runners on eight threads at once are each like one alone.
  @Test func theCProgramWithThreadsSeesWhatOneThreadSees() throws {
    let scratch = try Scratch()
    let ended = try Self.run(try Self.compile("Tests/CExample/threads.c", into: scratch, ["-pthread"]))
    #expect(ended.output.isEmpty)
    #expect(ended.errors.isEmpty)
    #expect(ended.status == 0)
  }

  /// From C a report is what the command writes, byte by byte, in every format.
  @Test(arguments: [[], ["power@leaf:EEXTEND,nth=100000000"]]) func everyFormatFromCIsTheCommands(_ faults: [String]) throws {
    let scratch = try Scratch()
    let script = "Scripts/tutorial/first_load.lua"
    let ended = try Self.run(try Self.compile("Tests/CExample/reports.c", into: scratch), [script, scratch.path] + faults)
    #expect(ended.status == 0, "\(ended.errors)")
    let formats = ["pretty", "json", "tap", "ktap", "junit", "html"]
    let targets = formats.flatMap { ["--format", "\($0):\(scratch.path)/\($0).command"] }
    let ran = try Sgxbench.run(["run", script, "--stories"] + faults.flatMap { ["--inject", $0] } + targets)
    if faults.isEmpty { #expect(ran.status == 0, "\(ran.errors)") }
    for format in formats {
      let ours = try String(contentsOfFile: "\(scratch.path)/\(format)", encoding: .utf8)
      #expect(ours == (try String(contentsOfFile: "\(scratch.path)/\(format).command", encoding: .utf8)), "\(format)")
      #expect(ours.utf8.count > 100)
    }
  }

  /// What stands between `<!-- loaders -->` and `<!-- end -->` of Docs/Loaders.md is what the loops in C come to, and what the models of
  /// process:load come to.
  @Test func theLoopsOfRealLoadersComeToTheTableOfThePage() throws {
    let page = try Repository.text(of: "Docs/Loaders.md")
    let shown = page.components(separatedBy: "<!-- loaders -->\n\n").last?.components(separatedBy: "\n<!-- end -->").first
    let scratch = try Scratch()
    let program = try Self.compile("Tests/CExample/loaders.c", into: scratch)
    let loops = try Self.run(program)
    #expect(loops.output == shown, "run Scripts/dev/pages.sh")
    #expect(loops.errors.isEmpty)
    #expect(loops.status == 0)
    let models = try Self.run(program, ["Scripts/regressions/loaders.lua"])
    #expect(models.output == loops.output, "the loops in C are right")
    #expect(models.status == 0, "\(models.errors)")
  }

  private static let hasRust = (try? EmbeddingTests.run("/usr/bin/env", ["rustc", "--version"]).status) == 0

  @Test(.enabled(if: EmbeddingTests.hasRust, "rustc is not there: the program in Rust was not compiled")) func theRustProgramOfThePageRuns() throws {
    #expect(try Self.blocks("rust", of: "EmbeddingInC") == [try Repository.text(of: "Tests/CExample/main.rs")])
    let scratch = try Scratch()
    let libraries = URL(fileURLWithPath: Self.built("x")).deletingLastPathComponent().path
    let compiled = try Self.run(
      "/usr/bin/env",
      [
        "rustc", "--edition", "2021", "-D", "warnings", "Tests/CExample/main.rs", "-L", "native=" + libraries, "-C",
        "link-arg=-Wl,-rpath," + libraries, "-o", scratch.path + "/program",
      ])
    try #require(compiled.status == 0, "\(compiled.errors)")
    let ended = try Self.run(scratch.path + "/program")
    #expect(ended.output == (try Self.blocks("text", of: "EmbeddingInC").last))
    #expect(ended.status == 0)
  }

  @Test func theHeaderHasEveryFunctionAndNoOther() throws {
    let header = try Repository.text(of: "Sources/CSGXBench/include/sgxbench.h")
    let declared = Set(header.matches(of: /(sgxbench_\w+)\((?!\*)/).map { String($0.1) })
    var made: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: Repository.root + "/Sources/SGXBenchLibrary") {
      let source = try Repository.text(of: "Sources/SGXBenchLibrary/" + name)
      made.formUnion(source.matches(of: /@c\((sgxbench_\w+)\) @implementation/).map { String($0.1) })
    }
    #expect(declared == made)
  }

  /// What can hold on to something: machines, images, tasks, functions of the program, calls and errors that end in the middle.
  private static let everything = """
    local sgx = require "sgx"
    local host = require "host"
    local machine, process, enclave
    before_each(function()
      machine = sgx.machine { epc = "256 KiB" }
      process = machine:process()
      enclave = process:open()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    end)
    local function add(offset)
      return enclave:add_pages { source = process:map { pages = 2 }, offset = offset, pages = 2, secinfo = { permissions = "r" } }
    end
    it("loads", function() expect(add(0).errno):is_nil() expect(host.free(machine)):equals(60) end)
    it("fails", function() machine:inject { fault = "power", at = { site = "leaf:EEXTEND" } } add(0) add(0) error({}) end)
    it("waits", function()
      machine:task(function() add(0) end)
      machine:task(function() coroutine.wrap(function() add(0x2000) error("inside") end)() end)
      machine:run()
    end)
    it("reads an image", function()
      local parts = { "ECREATE\\0" .. string.pack("<I4I8", 1, 0x2000) .. string.rep("\\0", 44) }
      parts[2] = "EADD\\0\\0\\0\\0" .. string.pack("<I8I8", 0, 0x203) .. string.rep("\\0", 40)
      expect(#sgx.image_from(table.concat(parts)).mrenclave):equals(64)
    end)
    it("never ends", function() add(0) while true do end end)
    """

  @Test func aThousandDroppedBenchesLeaveNothingBehind() throws {
    let scratch = try Scratch()
    try scratch.write(Self.everything, to: "everything.lua")
    let ended = try Self.run(Self.built("EmbeddingStress"), ["memory", scratch.path + "/everything.lua"], seconds: 300)
    let kibibytes = ended.output.split(separator: " ").last.flatMap { Int($0.trimmingCharacters(in: .newlines)) }
    #expect(ended.output.hasPrefix("5 tests, "), "\(ended.errors)")
    #expect(try #require(kibibytes, "\(ended.output)") <= 1024)
  }

  @Test func eightBenchesAtOnceAreEachLikeOneAlone() throws {
    let ended = try Self.run(
      Self.built("EmbeddingStress"), ["threads"] + Repository.scenarios.filter { $0.hasPrefix("Scripts/tutorial/") }, seconds: 300)
    #expect(ended.output.hasPrefix("8 of 8 runs the same as one alone, "))
    #expect(ended.status == 0, "\(ended.errors)")
  }
}
