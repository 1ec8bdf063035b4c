import LuaHost

@testable import ScenarioLanguage

/// The words that scenarios really have, listened to while they are used: the prelude's own functions for option tables, properties and
/// suggestions are replaced by ones that note what they are given.
struct Vocabulary {
  /// Names by what they belong to: `fields sgx.machine`, `property machine`, `method enclave`, `frozen sgx`, `words …`, `global`,
  /// `library math`.
  private(set) var names: [String: Set<String>] = [:]

  private final class Notes {
    var names: [String: Set<String>] = [:]
  }

  private static let recorder = """
    -- What is read late is read now, so that nothing replaces these functions again.
    words()
    local originals = { fields = fields, suggest = suggest, properties = properties, frozen = frozen }
    local function note(subject, list)
      for name in rawnext, list or {} do host.note(subject, tostring(name)) end
    end
    function fields(owner, options, allowed)
      note("fields " .. owner, allowed)
      return originals.fields(owner, options, allowed)
    end
    function suggest(word, list, other)
      note("words " .. word, list)
      return originals.suggest(word, list, other)
    end
    function properties(name, list)
      note("property " .. name, list)
      return originals.properties(name, list)
    end
    function frozen(list, name)
      note("frozen " .. name, list)
      return originals.frozen(list, name)
    end
    function exports.note_all()
      for name, methods in rawnext, types do note("method " .. name, methods) end
      note("global", globals)
      for _, name in ipairs { "string", "table", "math", "coroutine", "utf8" } do note("library " .. name, _ENV[name]) end
    end

    """

  /// Uses every function that takes an option table, and names something unknown wherever a word is chosen from a list.
  private static let script = #"""
    local sgx = require "sgx"
    local function use(f, ...) pcall(f, ...) end
    local machine = sgx.machine { epc = "1 MiB", behaviours = {} }
    local process = machine:process {}
    local enclave = process:open()
    enclave:create { size = 0x10000 }
    local image = sgx.image_from(sgx.tcs { ossa = 0x1000 } .. string.rep("\0", 3 * 4096), {})

    it("x", {}, function() end)
    machine:run {}
    use(sgx.image, "missing", {})
    process:load(image, { init = false, loader = {} })

    use(process.load, process, image, { loader = { short = "sgx.Loader:short" } })
    use(process.load, process, image, { loader = { progress = "sgx.Loader:progress" } })
    use(process.load, process, image, { loader = "sgx.LoaderName" })
    use(function() return select(2, process:load(image, { init = false }))["sgx.LoadResult"] end)
    use(function() return image:difference(image:with_byte(0x1000, 9))["sgx.Difference"] end)
    use(function() return expect(1)["sgx.Expectation"] end)
    local _ = image:range(1)
    return { images = { app = { sha256 = string.rep("0", 64) } }, options = { pages = { default = 8 } } }
    """#

  init() throws {
    let notes = Notes()
    let (lua, context) = try ScenarioContext.makeInterpreter(options: RunOptions(), output: { _ in }, module: { _ in nil }, image: { _ in nil })
    defer { lua.close() }
    lua.register("note") { (call) throws(BindingError) in
      notes.names[try call.string(1), default: []].insert(try call.string(2))
      return .done
    }
    context.beginTest(TestResult(DeclaredTest(index: 1, path: ["a test"], file: "", line: 0, tags: [], isPending: false)))
    try lua.loadPrelude(name: "recorder.lua", source: Array(Self.recorder.utf8))
    try lua.run(source: Array(Self.script.utf8), name: "vocabulary.lua")
    try lua.callPrelude("test_count")
    try lua.callPrelude("note_all")
    names = notes.names
  }
}
