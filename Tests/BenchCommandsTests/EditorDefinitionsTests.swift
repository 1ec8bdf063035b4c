import Foundation
import ScenarioLanguage
import Testing

@testable import BenchCommands

/// What editors are told is what scenarios have: every name on either side is on the other.
@Suite("Definitions for editors") struct EditorDefinitionsTests {
  private static let definitions = Definitions(EditorFiles.definitions.map { String(decoding: $0.bytes, as: UTF8.self) })
  private static let vocabulary = Result { try Vocabulary() }

  private static func names(_ subject: String) throws -> Set<String> {
    try #require(try vocabulary.get().names[subject], "nothing was seen of \(subject)")
  }

  private func compare(_ found: Set<String>, _ told: Set<String>, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(found.subtracting(told).sorted() == [], "\(what): not in the definitions", sourceLocation: sourceLocation)
    #expect(told.subtracting(found).sorted() == [], "\(what): no scenario has these", sourceLocation: sourceLocation)
  }

  @Test func globals() throws {
    // These libraries are the editor's own.
    let libraries: Set = ["string", "table", "coroutine", "utf8"]
    compare(try Self.names("global"), Set(Self.definitions.globals.keys).union(libraries), "globals")
    compare(try Self.names("library math"), Self.definitions.libraries["math"] ?? [], "math")
    #expect(Set(Self.definitions.libraries.keys) == ["math"])
  }

  /// What the prelude still has a list of, and the class that tells it. Everything else is made from the table, which APITableTests looks at.
  private static let tables: KeyValuePairs = [
    "frozen a range": "sgx.ImageRange", "words sgx.LoadResult": "sgx.LoadResult", "words sgx.Expectation": "sgx.Expectation",
    "words sgx.Difference": "sgx.Difference", "property image": "sgx.Image",
  ]

  @Test func modulesAndResults() throws {
    for (subject, name) in Self.tables {
      let told = Self.definitions.classes[name]
      compare(try Self.names(subject), (subject.hasPrefix("property") ? told.map { Set($0.fields.keys) } : told?.members) ?? [], name)
    }
  }

  /// The class that the definitions give an option table, by what the prelude calls it in messages.
  private static func optionClass(_ owner: String) throws -> String {
    if owner == "the returned table" { return "sgx.Scenario" }
    if owner.hasPrefix("the returned table: image '") { return "sgx.Pin" }
    if owner.hasPrefix("the returned table: option '") { return "sgx.Option" }
    let parts = owner.components(separatedBy: ": field '")
    let path = parts[0].split { $0 == "." || $0 == ":" }.map(String.init)
    let function =
      path.count == 1
      ? definitions.globals[path[0]]
      : path[0] == "sgx"
        ? definitions.classes["sgx"]?.methods[path[1]] : definitions.classes["sgx.\(path[0].capitalized)"]?.methods[path[1]]
    var name = try #require(
      function?.parameters["options"].flatMap { definitions.className(in: $0) }, "the definitions give no class for the options of \(owner)")
    for field in parts.dropFirst() {
      let type = try #require(definitions.classes[name]?.fields[String(field.dropLast())], "\(owner): \(name) has no such field")
      name = try #require(definitions.className(in: type), "\(owner): \(type) is no class")
    }
    return name
  }

  @Test func optionTables() throws {
    let owners = try Self.vocabulary.get().names.keys.filter { $0.hasPrefix("fields ") }.sorted()
    for owner in owners { compare(try Self.names(owner), Self.definitions.classes[try Self.optionClass(String(owner.dropFirst(7)))]?.members ?? [], owner) }
  }

  /// The list of allowed fields is an argument of `fields` at each of its calls in the prelude: none may be missing from the comparison.
  @Test func everyOptionTableOfThePreludeWasSeen() throws {
    let folder = Repository.root + "/Sources/ScenarioLanguage/Prelude"
    var named: [String] = [], unnamed: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      for line in try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).components(separatedBy: "\n") {
        guard let call = line.firstMatch(of: /(?:^|[^\w.])fields\((?:"([^"]*)", |([^,]*), )/), !line.hasPrefix("function fields(") else { continue }
        if let owner = call.1 { named.append(String(owner)) } else { unnamed.append("\(file): \(call.2 ?? "")") }
      }
    }
    let seen = Set(try Self.vocabulary.get().names.keys.filter { $0.hasPrefix("fields ") }.map { String($0.dropFirst(7)) })
    #expect(named.filter { !seen.contains($0) } == [])
    #expect(named.count >= 2)
    // Those whose owner is a variable are seen by hand: a new one has to be used in Vocabulary.swift.
    #expect(unnamed == Self.variableOwners)
  }

  private static let variableOwners = [
    "declarations.lua: place", "declarations.lua: owner", "declarations.lua: owner .. \": image '\" .. name .. \"'\"", "loaders.lua: owner",
  ]

  /// `argument = "unreadable"` and the like: what may be chosen is what the type of the field lists.
  @Test func choices() throws {
    let subjects = try Self.vocabulary.get().names.keys.filter { $0.hasPrefix("words sgx.") && $0.contains(":") }.sorted()
    #expect(subjects.count == 2)
    for subject in subjects {
      let parts = subject.dropFirst("words ".count).split(separator: ":").map(String.init)
      let type = try #require(Self.definitions.classes[parts[0]]?.fields[parts[1]])
      compare(try Self.names(subject), Set(type.split(separator: "|").map { $0.filter { $0 != "\"" } }), subject)
    }
    compare(try Self.names("words sgx.LoaderName"), Set(Self.definitions.aliases["sgx.LoaderName"] ?? []), "loaders")
  }

  /// Classes of the tables in an option table, however deep.
  private static func tableClasses(in fields: [APIField]) -> [String] {
    fields.flatMap { field -> [String] in
      switch field.type {
      case .table(let name, let inner), .tables(let name, let inner): [name] + tableClasses(in: inner)
      case .switches(let name): [name]
      default: []
      }
    }
  }

  /// No class is told of that nothing was held against.
  @Test func noClassIsLeftOver() throws {
    var compared = Set(Self.tables.map(\.value)).union(API().kinds.map(\.className)).union(APIRecord.all.map(\.className))
    for function in API().kinds.flatMap(\.functions) {
      guard let options = function.options else { continue }
      compared.insert(function.optionsClass)
      compared.formUnion(Self.tableClasses(in: options))
    }
    for owner in try Self.vocabulary.get().names.keys where owner.hasPrefix("fields ") {
      compared.insert(try Self.optionClass(String(owner.dropFirst(7))))
    }
    // Compared by a scenario, below; a range of drivers is a list with fields, which the prelude takes apart by hand.
    compared.formUnion(["sgx.DriverRange"])
    compare(compared, Set(Self.definitions.classes.keys), "classes")
  }

  @Test func tablesThatAreNotReadOnly() throws {
    let script = Script.test(
      """
      \(Script.leak)
      local names = {}
      for name in pairs(machine.log.warnings[1]) do names[#names + 1] = name end
      print(table.concat(names, " "))
      for name in pairs(machine:task(function() return 1 end)) do print(name) end
      """, options: "{ expect_finding = { 'child-count', 'release-complete', 'quiet' } }")
    let result = ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "a.lua")
    #expect(result.tests.map(\.status) == [.passed], "\(result.tests.map(\.failures))")
    let lines = result.tests.map { String(decoding: $0.output, as: UTF8.self) }.joined().split(separator: "\n").map(String.init)
    #expect(lines.first?.split(separator: " ").map(String.init) == Self.definitions.classes["sgx.Warning"]?.fields.keys.sorted())
    #expect(lines.dropFirst() == ["number"])
    #expect(Self.definitions.classes["sgx.Task"]?.members == ["number", "result"])
    #expect(Self.definitions.classes["sgx.DriverRange"]?.members == ["from", "to", "reason"])
  }

  /// The names that have tables of their own in the bench are made from these; a fault has a word that a script can say.
  @Test func namesOfTheBench() throws {
    for name in NamesFile.faults where name != "signal" {
      let details = ["code": ", code = 'SGX_ENCLAVE_ACT'", "unmap": ", address = 0x10000, length = 4096"]
      let script = Script.test("machine:inject { fault = '\(name)'\(details[name] ?? ""), at = { site = 'any' } } expect(1):equals(1)")
      let result = ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "a.lua")
      #expect(result.tests.map(\.status) == [.passed], "\(name): \(result.tests.flatMap(\.failures).map(\.message))")
    }
    let unknown = ScenarioRunner(options: RunOptions()).run(
      source: Array(Script.test("machine:inject { fault = 'rain', at = { site = 'any' } }").utf8), name: "a.lua")
    #expect(unknown.tests.flatMap(\.failures).map(\.message).joined().contains("(\(NamesFile.faults.joined(separator: ", ")))"))
    for (name, values) in Self.definitions.aliases where !["sgx.Number", "sgx.Permissions", "sgx.ScheduleEntry"].contains(name) {
      #expect(!values.isEmpty, "\(name) names nothing")
    }
  }

  /// Every file is Lua, and every type that is named is there.
  @Test func definitionsAreSound() throws {
    let known = Set(Self.definitions.classes.keys).union(Self.definitions.aliases.keys)
    for (name, bytes) in EditorFiles.definitions {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.hasPrefix("---@meta "), "\(name)")
      let script = "local function never()\n\(text)\nend\nit('x', function() expect(never):differs_from(nil) end)"
      #expect(ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: name).error?.text == nil)
      for word in text.matches(of: /sgx\.[A-Z]\w*/) where !text[..<word.range.lowerBound].hasSuffix("\"") {
        guard !["sgx.PAGE_SIZE", "sgx.SGX_PAGE_MEASURE"].contains(word.output) else { continue }
        #expect(known.contains(String(word.output)), "\(name): \(word.output)")
      }
    }
  }

  // luacheck

  /// The standard as Lua reads it: a line a name.
  @Test func luacheckKnowsWhatScenariosHave() throws {
    let script = """
      stds, std, exclude_files, max_line_length = {}, nil, nil, nil
      \(String(decoding: EditorFiles.standard, as: UTF8.self))
      for key, value in pairs(stds.sgxbench.read_globals) do
        if type(value) == "string" then print("global " .. value) else
          print("global " .. key)
          for _, field in ipairs(value.fields or {}) do print("library " .. key .. " " .. field) end
        end
      end
      """
    let result = ScenarioRunner(options: RunOptions()).run(source: Array(script.utf8), name: "a.lua")
    let lines = Set(String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init))
    var wanted = Set(try Self.names("global").map { "global \($0)" })
    for library in ["string", "table", "math", "coroutine", "utf8"] {
      wanted.formUnion(try Self.names("library \(library)").map { "library \(library) \($0)" })
    }
    compare(wanted, lines, "luacheck")
  }

  private static let luacheck = ["/usr/bin/luacheck", "/usr/local/bin/luacheck"].first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(.enabled(if: luacheck != nil, "luacheck is not installed (Debian: lua-check)")) func luacheckFindsNothingInTheScripts() throws {
    let scratch = try Scratch()
    #expect(try Sgxbench.run(["init", scratch.path]).status == 0)
    #expect(try Sgxbench.run(["new", scratch.path + "/new.lua"]).status == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.luacheck))
    process.arguments = ["--config", scratch.path + "/.luacheckrc", "--no-color", "--codes", "Scripts", scratch.path + "/new.lua"]
    process.currentDirectoryURL = URL(fileURLWithPath: Repository.root)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text.components(separatedBy: "\n").filter { $0.contains(": (") || $0.contains("Total") }.joined(separator: "\n"))")
  }
}
