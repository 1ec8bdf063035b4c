import EnclaveImage
import ImageWriters
import SGXArchitecture
import Testing

@testable import ScenarioLanguage

/// Images of every format, loaded through the driver.
@Suite("Images in scenarios") struct ImageTests {
  /// Runs a script with one image called `app`.
  private func run(_ script: String, image: [UInt8]? = nil, sigStruct: [UInt8]? = nil, sizeMax: UInt64? = nil, fuel: Int64 = 50_000_000) -> FileResult {
    var options = RunOptions()
    options.setLimits(fuel: fuel, memory: 64 << 20, source: 1 << 20, output: 1 << 20)
    if let image { options.images["app"] = ImageSource(name: "app.img", bytes: image, sigStruct: sigStruct) }
    if let sizeMax { options.imageSizeMax = sizeMax }
    return ScenarioRunner(options: options).run(source: Array(("local sgx = require \"sgx\"\n" + script).utf8), name: "a.lua")
  }

  private func expectPass(_ result: FileResult, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(result.error == nil, "\(result.error?.text ?? "")", sourceLocation: sourceLocation)
    #expect(!result.tests.isEmpty, sourceLocation: sourceLocation)
    for test in result.tests {
      #expect(test.status == .passed, "\(test.path): \(test.failures.map { "\($0.line): \($0.message)" })", sourceLocation: sourceLocation)
      #expect(test.checks > 0, sourceLocation: sourceLocation)
    }
  }

  private static let loadable = Sample.all.filter { !["sgxs-plain", "sgxs-odd", "esgxs"].contains($0.name) }

  /// The digest is that of the plan, which the oracle of the readers' tests has confirmed.
  @Test(arguments: loadable, ["whole", "page"]) func aSampleLoads(_ sample: Sample, _ loader: String) throws {
    let digest = try EnclaveImage(name: sample.name, bytes: ContentBlock(sample.bytes)).plan.mrenclave().hex
    expectPass(
      run(
        """
        it("loads", function()
          local image = sgx.image("app")
          local machine = sgx.machine { epc = "4 MiB", driver = "6.1.192" }
          local process = machine:process()
          local signed = sgx.sigstruct { enclave_hash = "\(digest)", attributes = image.attributes, miscselect = image.miscselect }
          local enclave, result = process:load(image, { sigstruct = signed, loader = "\(loader)" })
          expect(result.errno):is_nil()
          expect(result.stage):equals("init")
          expect(enclave.mrenclave):equals("\(digest)")
          expect(image.mrenclave):equals("\(digest)")
          expect(enclave.pages):equals(image.pages)
          expect(machine.log.warnings):is_empty()
          enclave:close()
          expect(machine.epc.free):equals(machine.epc.total)
        end)
        """, image: sample.bytes))
  }

  /// The stream's TCS is full of bytes that no TCS may have: EADD says so, not the reader.
  @Test func aStreamWithABadTCSIsRefusedByTheProcessor() {
    expectPass(
      run(
        """
        it("is refused", function()
          local _, result = sgx.machine():process():load(sgx.image("app"), { init = false })
          expect(result.stage):equals("add")
          expect(result.errno):equals("EIO")
          expect(result.pages):equals(0)
        end)
        """, image: Self.stream))
  }

  /// A sample with a SIGSTRUCT of the bench's key where the signing tool would have put one.
  private func signed(_ name: String) throws -> [UInt8] {
    let sample = Sample.named(name)
    let image = try EnclaveImage(name: name, bytes: ContentBlock(sample.bytes))
    var sigStruct = try #require(image.sigStruct)
    let pattern = sigStruct.bytes
    let place = try #require((0...(sample.bytes.count - pattern.count)).first { sample.bytes[$0..<($0 + pattern.count)].elementsEqual(pattern) })
    sigStruct = SigStruct()
    sigStruct[.header] = [6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    sigStruct[.header2] = [1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0]
    sigStruct[.exponent] = [3, 0, 0, 0]
    sigStruct[.attributes] = image.plan.parameters.attributes.rawValue.bytes + UInt64(3).bytes
    sigStruct[.enclaveHash] = image.plan.mrenclave().bytes
    sigStruct.sign(with: .test)
    var bytes = sample.bytes
    bytes.replaceSubrange(place..<(place + pattern.count), with: sigStruct.bytes)
    return bytes
  }

  /// With the image's own SIGSTRUCT nothing is given; one bit of a measured page, and EINIT says no.
  @Test(arguments: ["sdk-1.4", "windows-64"]) func itsOwnSigStructDecides(_ name: String) throws {
    let bytes = try signed(name)
    let plan = try EnclaveImage(name: name, bytes: ContentBlock(bytes)).plan
    let measured = try #require(plan.ranges.first { $0.measured == .all }).offset.rawValue + 5
    expectPass(
      run(
        """
        it("is initialised with what it carries", function()
          local machine = sgx.machine { epc = "4 MiB", driver = "6.1.192" }
          local process, image = machine:process(), sgx.image("app")
          local enclave, result = process:load(image)
          expect(result.errno):is_nil()
          expect(enclave.mrsigner):equals(image.mrsigner)
        end)
        it("is refused with a bit of it flipped", function()
          local machine = sgx.machine { epc = "4 MiB", driver = "6.1.192" }
          local enclave, result = machine:process():load(sgx.image("app"), { flip = \(measured) })
          expect(result.stage):equals("init")
          expect(result.errno):equals("EPERM")
          expect(table.concat(machine:trace(8), " ")):contains("SGX_INVALID_MEASUREMENT")
        end)
        """, image: bytes))
  }

  /// Evicted pages take memory that nothing else bounds.
  @Test func evictionsTakeFuel() throws {
    var block = SDKBlock(2, 4, layout: [.entry(attributes: 1, pages: 4096, rva: 0x100000, flags: 0x203)])
    block.enclaveSize = 1 << 25
    var writer = SDKWriter(blocks: [block])
    writer.elf.segments = [ELFWriter.Segment(flags: 5, address: 0, data: patterned(0x1000, seed: 1))]
    let script = """
      it("fits", function()
        local machine = sgx.machine { epc = EPC, check = "never" }
        machine:process():load(sgx.image("app"), { init = false })
      end)
      """
    func status(_ epc: String) -> TestStatus? {
      run(script.replacing("EPC", with: "'\(epc)'"), image: writer.file(), fuel: 500_000).tests.first?.status
    }
    #expect(status("32 MiB") == .passed)
    #expect(status("1 MiB") == .failed)
  }

  /// 31 million pages alike are one record of the plan and one of the mapping.
  @Test func aHeapOfMillionsOfPagesIsNotLaidOut() throws {
    var stream = StreamWriter(size: 1 << 37)
    stream.page(0, 0x100, chunks: (0..<16).map { ($0, true) })
    let image = try EnclaveImage(name: "small", bytes: ContentBlock(stream.bytes))
    #expect(image.plan.pagesAdded == 1)
    var block = SDKBlock(2, 4, layout: [.entry(attributes: 1, pages: 31_000_000, rva: 0x100000, flags: 0x203)])
    block.enclaveSize = 1 << 37
    var writer = SDKWriter(blocks: [block])
    writer.elf.segments = [ELFWriter.Segment(flags: 5, address: 0, data: patterned(0x1000, seed: 1))]
    expectPass(
      run(
        """
        it("fails where EPC ends", function()
          local machine = sgx.machine { epc = "1 MiB", ksgxd = "manual", check = "never" }
          local process, image = machine:process(), sgx.image("app")
          expect(image.pages):equals(31000001)
          for _ = 1, 3 do
            machine:inject { fault = "nomem", at = { site = "allocation:phys_page", nth = 100 }, persistent = true }
            local enclave, result = process:load(image, { init = false })
            expect(result.errno):one_of("ENOMEM")
            expect(result.pages):at_least(90)
            machine:cancel_injections()
            enclave:close()
          end
        end)
        """, image: writer.file()))
  }

  // What goes wrong.

  /// The one failure of a script that asks for an image at line 2.
  private func failure(
    _ line: String, image: [UInt8]? = nil, sigStruct: [UInt8]? = nil, sizeMax: UInt64? = nil
  ) throws -> (line: Int, message: String) {
    let result = run("it(\"x\", function()\n\(line)\nend)", image: image, sigStruct: sigStruct, sizeMax: sizeMax)
    let test = try #require(result.tests.first)
    #expect(test.status == .error)
    let failure = try #require(test.failures.first)
    #expect(failure.file == "a.lua")
    return (failure.line, failure.message)
  }

  private static let stream = Sample.named("sgxs-plain").bytes

  @Test func anImageNobodyNamed() throws {
    let failure = try failure(#"sgx.image("app")"#)
    #expect(failure.line == 3)
    #expect(failure.message == "sgx.image: there is no image 'app': name its file with --image app=PATH, or put it beside the script")
  }

  @Test(arguments: ["", ".", "..", ".app", "-app", "a/b", "../app", "App", "app\\0", "a b", String(repeating: "a", count: 101)])
  func aNameThatLeadsElsewhere(_ name: String) throws {
    #expect(try failure("sgx.image(\"\(name)\")", image: Self.stream).message.hasPrefix("sgx.image: a name is made of "))
  }

  @Test func aFileThatIsNotThere() throws {
    var options = RunOptions()
    options.images["app"] = ImageSource(path: "/nowhere/app.so")
    let result = ScenarioRunner(options: options).run(
      source: Array("local sgx = require 'sgx'\nit('x', function() sgx.image('app') end)".utf8), name: "a.lua")
    let failure = try #require(result.tests.first?.failures.first)
    #expect((failure.file, failure.line) == ("a.lua", 2))
    #expect(failure.message == "sgx.image: cannot open /nowhere/app.so: No such file or directory")
  }

  @Test func bytesThatAreNoImage() throws {
    #expect(try failure(#"sgx.image("app")"#, image: Array("hello".utf8)).message.hasPrefix("sgx.image: app.img: byte 0x0: format: found "))
    #expect(try failure(#"sgx.image_from("hello")"#).message.hasPrefix("sgx.image_from: an image of the script: byte 0x0: format: found "))
  }

  @Test func aSigStructOfAnotherSize() throws {
    #expect(
      try failure(#"sgx.image("app")"#, image: Self.stream, sigStruct: [1, 2]).message == "sgx.image: app.img: 2 bytes; a SIGSTRUCT has 1808")
  }

  @Test func aPinOfAnotherFile() throws {
    var hash = RunningSHA256()
    Self.stream.withUnsafeBytes { hash.update($0) }
    let digest = hash.digest().hex
    expectPass(run(#"it("x", function() expect(sgx.image("app", { sha256 = "\#(digest)" }).pages):equals(7) end)"#, image: Self.stream))
    let other = String(repeating: "0", count: 64)
    #expect(
      try failure(#"sgx.image("app", { sha256 = "\#(other)" })"#, image: Self.stream).message
        == "sgx.image: app.img has the SHA-256 \(digest), pinned is \(other)")
    #expect(try failure(#"sgx.image("app", { sha256 = "12" })"#, image: Self.stream).message.contains("64 hexadecimal digits"))
  }

  /// A pin in the table that the script returns holds for images asked for in its tests, and for those asked for before it returned.
  @Test func aPinInTheReturnedTable() throws {
    var hash = RunningSHA256()
    Self.stream.withUnsafeBytes { hash.update($0) }
    let digest = hash.digest().hex
    let other = String(repeating: "0", count: 64)
    let inTest = #"it("x", function() expect(sgx.image("app").pages):equals(7) end)"#
    let before = "local app = sgx.image('app')\nit('x', function() expect(app.pages):equals(7) end)"
    func pinned(_ script: String, _ pin: String) -> FileResult {
      run("\(script)\nreturn { images = { app = { sha256 = \"\(pin)\" } } }", image: Self.stream)
    }
    expectPass(pinned(inTest, digest))
    expectPass(pinned(before, digest))
    expectPass(pinned(before, digest.uppercased()))
    let both = #"it("x", function() expect(sgx.image("app", { sha256 = "\#(digest.uppercased())" }).pages):equals(7) end)"#
    expectPass(pinned(both, digest))
    #expect(pinned(inTest, other).tests.first?.failures.first?.message == "sgx.image: app.img has the SHA-256 \(digest), pinned is \(other)")
    #expect(pinned(before, other).error?.text.contains("image 'app' has the SHA-256 \(digest)") == true)
  }

  @Test func whatAScriptMayReturn() {
    let test = "it('x', function() expect(1):equals(1) end)\n"
    expectPass(run(test + "return { about = 'shows it', requires = 'sgxbench 1' }"))
    expectPass(run(test + "return 7"))
    #expect(run(test + "return { abuot = 'x' }").error?.text.contains("unknown field 'abuot'; did you mean 'about'?") == true)
    #expect(run(test + "return { requires = 'sgxbench 3' }").error?.text.contains("it requires sgxbench 3, and this bench has") == true)
  }

  @Test(arguments: ["sgxs-odd", "esgxs"]) func aPageMeasuredInPart(_ name: String) throws {
    let message = try failure(
      "sgx.machine():process():load(sgx.image('app'), { init = false })", image: Sample.named(name).bytes).message
    #expect(message.contains("measures all of a page or nothing"))
  }

  @Test(arguments: [
    ("load(sgx.image('app'))", "process:load: the image has no SIGSTRUCT: give 'sigstruct', or 'init = false'"),
    ("load('app')", "process:load: expected an image, got string"),
    ("load(sgx.image('app'), { lodaer = 'page' })", "process:load: unknown field 'lodaer'; did you mean 'loader'?"),
    ("load(sgx.image('app'), { init = false, loader = 'grammine' })", "process:load: no loader is called 'grammine'; did you mean 'gramine'?"),
    ("load(sgx.image('app'), { init = false, loader = { pages = 0 } })", "field 'pages' is 1 to 2^31, got 0"),
    ("load(sgx.image('app'), { init = false, loader = { short = 'never' } })", "field 'short' has no value 'never'"),
    ("load(sgx.image('app'), { init = false, patience = 0 })", "field 'patience' is 1 or more, got 0"),
    ("load(sgx.image('app'), { init = false, enclave = 5 })", "field 'enclave' must be an enclave, got 5"),
    ("load(sgx.image('app'), { init = false, enclave = sgx.machine() })", "machine has no function or property 'create'"),
    ("load(sgx.image('app'), { init = false, flip = 0x4000 })", "the image adds no page at 0x4000"),
  ])
  func aMistakeInLoad(_ call: String, _ message: String) throws {
    let failure = try failure("sgx.machine():process():\(call)", image: Self.stream)
    #expect(failure.line == 3)
    #expect(failure.message.contains(message), "\(failure.message)")
  }

  @Test func whatATestMakesGoesWithIt() {
    expectPass(
      run(
        """
        local kept, early = nil, sgx.image("app")
        local made = early:with_byte(0, 1)
        it("one", function()
          kept = early:with_byte(0, 2)
          expect(kept:byte(0)):equals(2)
        end)
        it("two", function()
          local ok, problem = pcall(function() return kept.pages end)
          expect(ok):is_false()
          expect(problem):contains("this image belongs to a test that has ended")
          expect(early.pages):equals(7)
          expect(made:byte(0)):equals(1)
          expect(sgx.image("app") == early):is_true()
        end)
        """, image: Self.stream))
  }

  @Test func readingIsDoneOnceForAllFiles() throws {
    let source = ImageSource(name: "app.img", bytes: Self.stream)
    let first = try source.read(limit: 1 << 20)
    let second = try source.read(limit: 1)
    #expect(first.block === second.block)
  }
}

extension UInt64 {
  fileprivate var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
