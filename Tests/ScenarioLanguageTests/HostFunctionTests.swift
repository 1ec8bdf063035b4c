import Testing

@testable import ScenarioLanguage

/// Functions, limits and the observer of an embedding program.
@Suite("Host functions") struct HostFunctionTests {
  /// Runs the body of one test whose functions are in the module `host`.
  private static func run(
    _ body: String, options: RunOptions = RunOptions(), register: (inout ScenarioRunner) throws -> Void = { _ in }
  ) throws -> TestResult {
    var runner = ScenarioRunner(options: options)
    try register(&runner)
    let source = "local sgx = require 'sgx'\nlocal host = require 'host'\nit('a test', function()\n\(body)\nend)\n"
    let result = runner.run(source: Array(source.utf8), name: "a.lua")
    return try #require(result.tests.first, "\(result.error?.text ?? "")")
  }

  @Test func valuesOfEveryKindCrossBothWays() throws {
    let test = try Self.run(
      """
      local a, b, c, d, e, f = host.echo(nil, true, -5, 0.5, "a\\0\\255", {})
      expect(a):is_nil() expect(b):equals(true) expect(c):equals(-5) expect(d):equals(0.5) expect(e):equals("a\\0\\255")
      expect(f):equals("no value")
      """
    ) { runner in
      try runner.register("echo") { call in (1...call.argumentCount).map { call.value($0) ?? "no value" } }
    }
    #expect(test.failures.map(\.message) == [])
    #expect(test.checks == 6)
  }

  /// Each reader, an argument it refuses, and what the script is told.
  private static let misuses: [(call: String, message: String, reader: @Sendable (HostCall) throws -> Void)] = [
    ("'x'", #"host.go: argument 1 must be a whole number, got string "x""#, { _ = try $0.integer(1) }),
    ("0.5", "host.go: argument 1 must be a whole number, got number 0.5", { _ = try $0.integer(1) }),
    ("0/0", "host.go: argument 1 must be a whole number, got number nan", { _ = try $0.integer(1) }),
    ("", "host.go: argument 1 must be a whole number, got nothing", { _ = try $0.integer(1) }),
    ("{}", "host.go: argument 1 must be a number, got a table", { _ = try $0.number(1) }),
    ("1", "host.go: argument 1 must be true or false, got 1", { _ = try $0.boolean(1) }),
    ("nil", "host.go: argument 1 must be a string, got nil", { _ = try $0.bytes(1) }),
    ("'\\255'", #"host.go: argument 1 must be a string of valid UTF-8, got string "\xff""#, { _ = try $0.string(1) }),
    ("1", "host.go: argument 1 must be a machine, got 1", { _ = try $0.machine(1) }),
    ("1", "host.go: argument 0 must be a number, got nothing", { _ = try $0.number(0) }),
    (
      "sgx.machine { epc = 65536 }:process()", "host.go: argument 1 must be a machine, got a handle of type process",
      { _ = try $0.machine(1) }
    ),
  ]

  @Test(arguments: misuses.indices) func aMisuseIsAnErrorOfTheScriptsLine(_ index: Int) throws {
    let misuse = Self.misuses[index]
    let test = try Self.run("host.go(\(misuse.call))") { runner in
      try runner.register("go") { call in
        try misuse.reader(call)
        return []
      }
    }
    #expect(test.status == .error)
    #expect(test.failures.map(\.message) == [misuse.message])
    #expect(test.failures.map(\.line) == [4])
    #expect(test.failures.map(\.file) == ["a.lua"])
  }

  private struct OwnError: Error {}

  @Test func anErrorOfAnyKindCanBeCaughtByTheScript() throws {
    let test = try Self.run(
      """
      local fine, message = pcall(host.own)
      expect(fine):equals(false)
      expect(tostring(message)):equals("a.lua:4: host.own: OwnError()")
      fine, message = pcall(function() host.refuse() end)
      expect(tostring(message)):equals("a.lua:7: host.refuse: not today")
      """
    ) { runner in
      try runner.register("own") { _ in throw OwnError() }
      try runner.register("refuse") { _ in throw HostError("not today") }
    }
    #expect(test.failures.map(\.message) == [])
  }

  @Test func moreResultsThanCanCrossAreAnError() throws {
    let test = try Self.run("host.many()") { runner in
      try runner.register("many") { _ in [HostValue](repeating: 1, count: 17) }
    }
    #expect(test.failures.map(\.message) == ["host.many: 17 results, at most 16"])
    let most = try Self.run("expect(select('#', host.many())):equals(16)") { runner in
      try runner.register("many") { _ in [HostValue](repeating: 1, count: 16) }
    }
    #expect(most.status == .passed)
  }

  @Test func aMachineIsACopy() throws {
    let test = try Self.run(
      """
      local machine = sgx.machine { epc = 65536 }
      expect(host.lose(machine)):equals(1)
      expect(machine:visits()):equals(0)
      """
    ) { runner in
      try runner.register("lose") { call in
        var machine = try call.machine(1)
        let process = machine.makeProcess()
        _ = machine.open(in: process)
        machine.powerCycle(.s3)
        return [.integer(Int64(machine.processor.powerCycles))]
      }
    }
    #expect(test.failures.map(\.message) == [])
  }

  @Test func aCallTakesItsCost() throws {
    var options = RunOptions()
    options.setLimits(fuel: 1_000_000, memory: 8 << 20, source: 1 << 20, output: 1 << 20)
    var calls = 0
    let test = try Self.run("while true do host.go() end", options: options) { runner in
      try runner.register("go", cost: 100_000) { _ in
        calls += 1
        return []
      }
    }
    #expect(test.failures.map(\.message) == ["work limit of 1,000,000 reached (--fuel)"])
    #expect((9...10).contains(calls))
  }

  @Test func aFunctionWorksInsideATaskAndARunInsideAFunction() throws {
    let test = try Self.run(
      """
      local machine = sgx.machine { epc = 65536 }
      local seen = 0
      for _ = 1, 2 do machine:task(function() seen = seen + host.inner() end) end
      machine:run()
      expect(seen):equals(2)
      """
    ) { runner in
      try runner.register("inner") { _ in
        let inner = ScenarioRunner(options: RunOptions()).run(source: Array("it('inner', function() expect(1):equals(1) end)".utf8), name: "b.lua")
        return [.integer(Int64(inner.tests.count { $0.status == .passed }))]
      }
    }
    #expect(test.failures.map(\.message) == [])
  }

  @Test(arguments: ["sgx", "sgx.images", "Host", "", "a..b", "a.", "a\nb", #"a"]"#, String(repeating: "a", count: 101)])
  func aModuleCannotHaveEveryName(_ name: String) {
    var runner = ScenarioRunner(options: RunOptions())
    #expect(throws: HostRegistrationError.moduleName(name)) { try runner.register("go", in: name) { _ in [] } }
  }

  @Test(arguments: ["", "1a", "end", "a b", "a-b", "ä", "a\0", "{", "[", "@", "`", String(repeating: "a", count: 101)])
  func aFunctionCannotHaveEveryName(_ name: String) {
    var runner = ScenarioRunner(options: RunOptions())
    #expect(throws: HostRegistrationError.functionName(name)) { try runner.register(name) { _ in [] } }
  }

  @Test func aNameIsTakenOnce() throws {
    var runner = ScenarioRunner(options: RunOptions())
    try runner.register("go_1") { _ in [] }
    try runner.register("go_1", in: "other.part") { _ in [] }
    #expect(throws: HostRegistrationError.taken(module: "host", name: "go_1")) { try runner.register("go_1") { _ in [] } }
  }

  @Test func functionsOfOneModuleAreTogetherAndOthersAreNotSeen() throws {
    let source = """
      local a, b = require "a", require "b.c"
      it("a test", function()
        expect(a.one()):equals(1) expect(a.two()):equals(2) expect(b.one()):equals(3)
        local found = pcall(require, "d")
        expect(found):equals(false)
        local _, message = pcall(function() return a.too end)
        expect(tostring(message)):equals("a.lua:6: a has no field 'too'; did you mean 'two'?")
        local changed = pcall(function() a.one = nil end)
        expect(changed):equals(false)
      end)
      """
    var runner = ScenarioRunner(options: RunOptions())
    for (module, name, value) in [("a", "one", 1), ("b.c", "one", 3), ("a", "two", 2)] as [(String, String, Int64)] {
      try runner.register(name, in: module) { _ in [.integer(value)] }
    }
    let result = runner.run(source: Array(source.utf8), name: "a.lua")
    #expect(result.tests.first?.failures.map(\.message) == [])
    #expect(result.tests.first?.checks == 6)
  }

  @Test func theObserverHearsOfEachTestInOrder() {
    var heard: [String] = []
    var runner = ScenarioRunner(options: RunOptions())
    runner.observer = { event in
      switch event {
      case .testBegan(let path, let file, let line): heard.append("began \(path) \(file):\(line)")
      case .testEnded(let test): heard.append("ended \(test.path) \(test.status) \(test.checks)")
      }
    }
    let source = "describe('d', function()\nit('a', function() expect(1):equals(1) end)\npending('b')\nend)\nit('c', function() error('no') end)"
    let result = runner.run(source: Array(source.utf8), name: "a.lua")
    #expect(
      heard == [
        #"began ["d", "a"] a.lua:2"#, #"ended ["d", "a"] passed 1"#, #"began ["d", "b"] a.lua:3"#, #"ended ["d", "b"] pending 0"#,
        #"began ["c"] a.lua:5"#, #"ended ["c"] error 0"#,
      ])
    #expect(result.tests.count == 3)
  }
}

@Suite("Limits of an embedding program") struct EmbedderLimitTests {
  @Test(arguments: [
    ("string.rep('x', 70000)", "script memory limit of 64 KiB for one string or table reached (--block)"),
    ("local all = {} for i = 1, 11 do all[i] = coroutine.create(print) end", "more than 10 coroutines alive"),
    ("for i = 1, 6 do print(i) end", "printed more than the limit; the rest was cut (--output-limit)"),
  ])
  func eachIsReached(_ body: String, _ message: String) throws {
    var options = RunOptions()
    options.setLimits(block: 64 << 10, outputLines: 5, coroutines: 10)
    let result = ScenarioRunner(options: options).run(source: Array("it('a test', function() \(body) end)".utf8), name: "a.lua")
    #expect(result.tests.first?.failures.map(\.message) == [message])
    let usual = ScenarioRunner(options: RunOptions()).run(source: Array("it('a test', function() \(body) end)".utf8), name: "a.lua")
    #expect(usual.tests.first?.failures.map(\.message) == [])
  }
}
