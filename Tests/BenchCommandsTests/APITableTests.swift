import BenchReport
import Foundation
import LuaHost
import Testing

@testable import BenchCommands
@testable import ScenarioLanguage

/// The table of what scenarios may say is written once: what is checked, told and offered follows it.
@Suite("Table of the API") struct APITableTests {
  /// Runs the body of a test and returns what failed in it.
  private func failures(of body: String, _ api: API = API()) -> [String] {
    var options = RunOptions()
    options.api = api
    let result = ScenarioRunner(options: options).run(source: Array(Script.test(body).utf8), name: "a.lua")
    return result.tests.flatMap(\.failures).map { "\($0.line): \($0.message)" } + (result.error.map { [$0.text] } ?? [])
  }

  /// A copy in which a name, a default and a range are others.
  private static var changed: API {
    var api = API()
    api.change(.process) { kind in
      let map = kind.functions.firstIndex { $0.key == "map" }!
      kind.functions[map].change("pages") { $0.name = "leaves" }
      kind.functions[map].change("fill") { $0.type = .count(0...7) }
    }
    api.change(.machine) { kind in
      let trace = kind.functions.firstIndex { $0.key == "trace" }!
      kind.functions[trace].change("n") { $0.presence = .number(3) }
      kind.functions[trace].name = "story"
    }
    return api
  }

  @Test func whatIsCheckedFollows() throws {
    let body = """
      expect(process:map { leaves = 1, fill = 7 } > 0):is_true()
      expect(#machine:story()):equals(3)
      """
    // The preamble of the script says `pages`, so that it is made without it.
    let script = """
      local sgx = require "sgx"
      it("a test", function()
        local machine = sgx.machine { epc = "256 KiB" }
        local process = machine:process()
        process:open():create { size = 0x8000 }
        \(body)
        FILL
      end)
      """
    var options = RunOptions()
    options.api = Self.changed
    func run(_ line: String) -> [String] {
      ScenarioRunner(options: options).run(source: Array(script.replacingOccurrences(of: "FILL", with: line).utf8), name: "a.lua").tests
        .flatMap(\.failures).map(\.message)
    }
    #expect(run("") == [])
    #expect(run("process:map { leaves = 1, fill = 8 }") == ["process:map: field 'fill' is 0 to 7, got 8"])
    #expect(
      run("process:map { pages = 1 }") == [
        "process:map: unknown field 'pages' (fields: address, bytes, fill, leaves, length, noexec, page_frames, prot)"
      ])
    #expect(run("process:map { fill = 1 }") == ["process:map: say either 'leaves' or 'length'"])
    #expect(run("machine:trace()") == ["machine has no function or property 'trace'"])
  }

  @Test func whatIsToldFollows() throws {
    let definitions = DefinitionText.files(Self.changed).map(\.text).joined()
    let page = APIPage.text(Self.changed)
    let one = try #require(APIPage.text(of: "process:map", Self.changed))
    for text in [definitions, page, one] {
      #expect(text.contains("leaves"))
      #expect(text.contains("0 to 7"))
    }
    #expect(definitions.contains("function Machine:story(n) end"))
    #expect(definitions.contains("---@param n? sgx.Number How many. 3 where nothing is said."))
    #expect(page.contains("`machine:story([n])`"))
    #expect(APIPage.text(of: "machine:trace", Self.changed) == nil)
    #expect(APIPage.text(of: "machine:story", Self.changed)?.contains("3 where nothing is said") == true)
    #expect(APIPage.suggestion(for: "enclave:crate") == "; did you mean 'enclave:create'?")
  }

  @Test func whatIsOfferedFollows() throws {
    let names = try onBigStack {
      Result<[[String]], ScenarioError> { () throws(ScenarioError) in
        var options = RunOptions()
        options.api = Self.changed
        let session = try InteractiveSession(
          options: options, stopSwitch: StopSwitch(), output: { _ in }, module: { _ in nil }, image: { _ in nil })
        return [session.completions(of: "process:map", "{"), session.completions(of: "machine", ":")]
      }
    }.get()
    #expect(names[0].contains("leaves") && !names[0].contains("pages"))
    #expect(names[1].contains("story") && !names[1].contains("trace"))
  }

  /// Every name of the table is there in a scenario, and a function of it is one.
  @Test func everyNameIsThere() {
    var body = "local provision = process:open '/dev/sgx_provision'\n"
    body += "local image = sgx.image_from(sgx.tcs { ossa = 0x1000 } .. string.rep('\\0', 3 * 4096), {})\n"
    for kind in API().kinds {
      for function in kind.functions {
        for name in [function.name] + function.aliases { body += "expect(type(\(kind.name.rawValue).\(name))):equals('function')\n" }
      }
      for property in kind.properties { body += "do local _ = \(kind.name.rawValue).\(property.name) end\n" }
    }
    #expect(failures(of: body) == [])
  }

  /// What every message is about: the field, what it has to be, what came, and the line.
  @Test(arguments: [
    ("enclave:create { sise = 4096 }", "enclave:create: unknown field 'sise'; did you mean 'size'? (fields: argument, attributes, base,"),
    ("enclave:create { base = 0 }", "enclave:create: field 'size' is missing"),
    ("enclave:create()", "enclave:create: field 'size' is missing"),
    ("enclave:create(5)", "enclave:create: expected a table of fields, got number"),
    ("enclave:create { size = {} }", "enclave:create: field 'size' must be a whole number or text like \"64 KiB\", got a table"),
    ("enclave:create { size = 1.5 }", "enclave:create: field 'size' must be whole, got 1.5"),
    ("enclave:create { size = -4096 }", "enclave:create: field 'size' is negative, got -4096"),
    ("enclave:create { size = 4096, argument = 'readible' }", "enclave:create: field 'argument' has no value 'readible'; did you mean 'readable'?"),
    ("enclave:create({ size = 4096 }, 1)", "enclave:create: expected 1 argument, got 2"),
    ("enclave.create { size = 4096 }", "enclave.create: call it with a colon, as enclave:create(...)"),
    ("enclave:add_pages { source = 0, offset = 0, pages = -1 }", "enclave:add_pages: field 'pages' is negative, got -1"),
    ("enclave:add_pages { source = 0, offset = 0, length = -4096 }", "enclave:add_pages: field 'length' is negative, got -4096"),
    ("enclave:add_pages { source = 0, offset = 0, pages = 1, secinfo = 5 }", "enclave:add_pages: field 'secinfo': expected a table of fields, got number"),
    ("enclave:add_pages { source = 0, offset = 0, pages = 1, secinfo = { tipe = 1 } }", "enclave:add_pages: field 'secinfo': unknown field 'tipe'; did you mean 'type'?"),
    ("process:map { pages = 1, length = 4096 }", "process:map: say either 'pages' or 'length'"),
    ("process:map { length = -4096 }", "process:map: field 'length' is negative, got -4096"),
    ("process:unmap(0, -4096)", "process:unmap: argument 2 is negative, got -4096"),
    ("process:munmap { address = 0, length = -4096 }", "process:munmap: field 'length' is negative, got -4096"),
    ("process:mmap { enclave = process }", "process:mmap"),
    ("process:mmap { enclave = 1 }", "process:mmap: field 'enclave' must be an enclave, got 1"),
    ("sgx.machine { epc = -4096 }", "sgx.machine: field 'epc' is negative, got -4096"),
    ("sgx:machine()", "sgx.machine: call it with a dot, as sgx.machine(...)"),
    ("sgx.machine { numa = { 4096, nil, 4096 } }", "sgx.machine: field 'numa': the list has a hole at index 2"),
    ("sgx.machine { behaviours = { capsAddPage = true } }", "sgx.machine: field 'behaviours': unknown field 'capsAddPage'; did you mean 'capsAddPages'?"),
    ("sgx.mashine()", "sgx has no field 'mashine'; did you mean 'machine'?"),
    ("machine:inject { fault = 'power', at = { sit = 1 } }", "machine:inject: field 'at': unknown field 'sit'; did you mean 'site'?"),
    ("machine:reclaim { batches = -1 }", "machine:reclaim: field 'batches' is 1 to 4096, got -1"),
    ("process:send 'SIGALARM'", "process:send: no signal is called 'SIGALARM'; did you mean 'SIGALRM'?"),
    ("enclave:provision { descriptor = machine }", "enclave:provision: field 'descriptor' must be a descriptor"),
  ]) func aSlipIsTold(_ line: String, _ says: String) {
    let found = failures(of: line)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("10: \(says)") == true, "\(found)")
  }

  /// A table whose fields come from functions of the script is read as well, and those functions cannot change what is read.
  @Test func fieldsMayComeFromMetatables() {
    let body = """
      local defaults = setmetatable({}, { __index = function(_, name) if name == "pages" then return 2 end end })
      expect(process:map(defaults) > 0):is_true()
      local options = { pages = 1, bytes = "x" }
      setmetatable(options, { __index = function() options.bytes = nil for i = 1, 1000 do local _ = ("y"):rep(i) end end })
      expect(process:map(options) > 0):is_true()
      local secinfo = setmetatable({}, { __index = { permissions = "r" } })
      expect(enclave:add_pages { source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = secinfo }.count):equals(4096)
      """
    #expect(failures(of: body) == [])
  }

  /// A field that no binding reads would be taken without a word and do nothing.
  @Test func everyFieldIsRead() throws {
    let root = Repository.root + "/Sources/ScenarioLanguage"
    var sources = ""
    for folder in ["Bindings", "Prelude", "API"] {
      for file in try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted() where folder != "API" || file == "Arguments.swift" {
        sources += try String(contentsOfFile: "\(root)/\(folder)/\(file)", encoding: .utf8)
      }
    }
    func look(_ fields: [APIField], _ path: String, _ owner: String) {
      for field in fields {
        var spellings = ["\"\(path)\(field.key)\"", "options.\(field.key)"]
        // Those of `at` are read in a loop over their names, and those of each device in one over the devices.
        if path == "at." { spellings.append("\"at.\\(name)\"") }
        if path.hasPrefix("devices.") { spellings.append("\"devices.\\(name).\(field.key)\"") }
        let isRead = spellings.contains { sources.contains($0) }
        if case .table(_, let inner) = field.type {
          look(inner, path + field.key + ".", owner)
        } else {
          #expect(isRead, "\(owner): \(path)\(field.key)")
        }
      }
    }
    for kind in API().kinds { for function in kind.functions { look(function.options ?? [], "", kind.owner(of: function.name)) } }
  }
}
