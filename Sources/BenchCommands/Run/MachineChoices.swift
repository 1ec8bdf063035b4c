import ArgumentParser
import LuaHost
import ScenarioLanguage
import SGXDriver
#if canImport(Glibc)
  import Glibc
#endif

/// Options that say on what machine scenarios run.
struct MachineChoices: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file behind sgx.image(\"NAME\"); may be repeated. Its SIGSTRUCT may lie beside it, with the same name and .sig or .ss.",
      valueName: "name=path"))
  var image: [String] = []

  @Option(help: "MiB that an image file may have.")
  var imageLimit: UInt64 = 256

  @Option(help: "Seed of every machine that names none.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Driver of every machine that names none: \(MachineChoices.driverNames), or any release of Linux since 5.11; "
        + "behind it behaviours to switch, such as 6.1.192+capsAddPages-reclaims. With several, such as v39,5.11, or with all, run "
        + "shows a matrix.", valueName: "version"),
    completion: CompletionWords.drivers)
  var driver = "6.1.192"

  @Option(help: "Work a test may do: Lua instructions, bytes allocated / 64, pages added times 150 (16 unmeasured).")
  var fuel: Int64 = 50_000_000

  @Option(help: "MiB of memory a script's own values may take.")
  var memory = 64

  @Option(help: "MiB that one string or table of a script may take.")
  var block = 8

  @Option(help: "MiB of memory the machines of a test may take.")
  var modelMemory = 4096

  @Option(help: "Bytes a script file may have.")
  var sourceLimit = 1 << 20

  @Option(help: "Bytes a script may print.")
  var outputLimit = 1 << 20

  static let driverNames = DriverRelease.known.map(\.name).joined(separator: ", ")

  /// The drivers that were named, in the order in which they were.
  func drivers() throws -> [DriverVersion] {
    if driver == "all" { return DriverVersion.all }
    var versions: [DriverVersion] = []
    for name in driver.split(separator: ",", omittingEmptySubsequences: false) {
      let version: DriverVersion
      do throws(DriverVersion.UnknownName) { version = try DriverVersion.resolve(String(name)) } catch {
        throw ValidationError("--driver: \(error.text)")
      }
      if versions.contains(version) { throw ValidationError("--driver: '\(name)' is named twice") }
      versions.append(version)
    }
    return versions
  }

  /// - Throws: a usage error. The driver is the first that was named.
  func options() throws -> RunOptions {
    let version = try drivers()[0]
    var options = RunOptions()
    options.seed = seed
    options.driver = version
    guard fuel > 0, (1...4096).contains(memory), (1...4096).contains(block), (1...(1 << 20)).contains(modelMemory), (1...(64 << 20)).contains(sourceLimit),
      (0...(1 << 30)).contains(outputLimit)
    else {
      throw ValidationError(
        "limits: --fuel from 1, --memory 1 to 4096, --block 1 to 4096, --model-memory 1 to 1048576, --source-limit 1 to 67108864, --output-limit 0 to 1073741824")
    }
    guard (1...2048).contains(imageLimit) else { throw ValidationError("limits: --image-limit 1 to 2048") }
    options.imageSizeMax = imageLimit << 20
    options.images = try images()
    options.modelMemory = modelMemory << 20
    options.setLimits(fuel: fuel, memory: memory << 20, block: block << 20, source: sourceLimit, output: outputLimit)
    return options
  }
}

extension MachineChoices {
  /// What a repetition needs besides driver and seed: whatever is not as it is by default.
  func replayFlags() throws -> [String] {
    let standard = try Self.parse([])
    var flags = image.flatMap { ["--image", $0] }
    if imageLimit != standard.imageLimit { flags += ["--image-limit", "\(imageLimit)"] }
    if fuel != standard.fuel { flags += ["--fuel", "\(fuel)"] }
    if memory != standard.memory { flags += ["--memory", "\(memory)"] }
    if block != standard.block { flags += ["--block", "\(block)"] }
    if modelMemory != standard.modelMemory { flags += ["--model-memory", "\(modelMemory)"] }
    if sourceLimit != standard.sourceLimit { flags += ["--source-limit", "\(sourceLimit)"] }
    if outputLimit != standard.outputLimit { flags += ["--output-limit", "\(outputLimit)"] }
    return flags
  }

  /// The images by name. Nothing is read yet, but what is not there is said at once: a name that no script uses hides nothing.
  private func images() throws -> [String: ImageSource] {
    var sources: [String: ImageSource] = [:]
    if image.isEmpty { return sources }
    for text in image {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, ImageSource.isName(parts[0]), !parts[1].isEmpty else {
        throw ValidationError("--image: '\(text)' is not NAME=PATH; a name is made of a to z, 0 to 9, '_', '.' and '-'")
      }
      guard sources[parts[0]] == nil else { throw ValidationError("--image: two images are called '\(parts[0])'") }
      sources[parts[0]] = ImageSource(path: parts[1], sigStructPath: MeasureRequest.sigStructFile(beside: parts[1]))
    }
    for path in sources.values.compactMap(\.path).sorted() where access(path, F_OK) != 0 {
      Message.write("--image: cannot open \(escapeForDisplay(Array(path.utf8))): \(String(cString: strerror(errno)))")
      throw ExitCode(ExitStatus.badInput.rawValue)
    }
    return sources
  }
}
