import ArgumentParser
import BenchReport
import ScenarioLanguage
import SGXDriver

/// What `sgxbench run` was asked.
struct RunRequest {
  var files: [String]
  var options = RunOptions()
  /// More than one: every file runs on each, and the report is a matrix. Otherwise `options` names the driver.
  var drivers: [DriverVersion] = []
  /// The injections of `options` as they were written, for messages.
  var injectionTexts: [String] = []

  /// Runs every file and writes the pretty report to standard output.
  func perform() -> ExitStatus {
    if drivers.count > 1 { return performOnEach() }
    var output = Output(descriptor: 1)
    var report = PrettyReport()
    report.begin(seed: options.seed, driver: options.driverLabel)
    var status = ExitStatus.passed
    var struck = [UInt64](repeating: 0, count: options.injections.count)
    for file in files {
      do throws(ScriptFile.Problem) {
        let result = try Self.run(file, options)
        report.add(result)
        status = status.or(result.exitStatus)
        for (index, count) in result.struck.enumerated() { struck[index] += count }
      } catch {
        Message.write(error.text)
        status = status.or(.badInput)
      }
      output.write(report.take())
    }
    report.end()
    output.write(report.take())
    return finish(status, output, struck: struck)
  }

  /// Runs every file on every driver and writes the matrix.
  private func performOnEach() -> ExitStatus {
    var output = Output(descriptor: 1)
    var matrix = DriverMatrix(drivers: drivers)
    matrix.begin(seed: options.seed)
    var status = ExitStatus.passed
    var struck = [UInt64](repeating: 0, count: options.injections.count)
    for file in files {
      do throws(ScriptFile.Problem) {
        let results = try Self.run(file, options, on: drivers)
        matrix.add(results)
        for result in results {
          status = status.or(result.exitStatus)
          for (index, count) in result.struck.enumerated() { struck[index] += count }
        }
      } catch {
        Message.write(error.text)
        status = status.or(.badInput)
      }
      output.write(matrix.take())
    }
    matrix.end()
    output.write(matrix.take())
    return finish(status, output, struck: struck)
  }

  private func finish(_ status: ExitStatus, _ output: Output, struck: [UInt64]) -> ExitStatus {
    var status = status
    output.complain()
    // A replay line of another driver version or another script strikes nowhere: that must not look like a run with the fault.
    for (index, count) in struck.enumerated() where count == 0 {
      Message.write("--inject \(injectionTexts[index]): never reached; visits differ between driver versions, seeds and scripts")
      status = status.or(.badInput)
    }
    return output.error == 0 ? status : status.or(.output)
  }

  /// One script on each of the drivers, in their order.
  static func run(_ file: String, _ options: RunOptions, on drivers: [DriverVersion]) throws(ScriptFile.Problem) -> [FileResult] {
    var results: [FileResult] = []
    for driver in drivers {
      var options = options
      options.driver = driver
      results.append(try run(file, options))
    }
    return results
  }

  static func run(_ file: String, _ options: RunOptions) throws(ScriptFile.Problem) -> FileResult {
    let limit = options.sourceLimit
    let source = try ScriptFile.read(file, limit: limit)
    return ScenarioRunner(options: options).run(
      source: source, name: file, module: { ScriptFile.module($0, besides: file, limit: limit) },
      image: { ScriptFile.image($0, besides: file) })
  }
}

extension FileResult {
  /// What this file means for the status of the run.
  var exitStatus: ExitStatus {
    var status = ExitStatus.passed
    if let error { status = error.isLimit ? .failed : .badInput }
    for test in tests {
      switch test.status {
      case .passed, .failedAsExpected, .pending, .otherDriver: break
      case .failed: status = status.or(.failed)
      case .error: status = status.or(.badInput)
      case .benchBroken: status = status.or(.benchBroken)
      }
    }
    return status
  }
}

/// `sgxbench run FILE…`
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs scenarios.",
    discussion: """
      Ends with 0 where everything passed, 1 where a check failed, a law of the driver was broken or a limit was hit, 2 where a script \
      is wrong, missing or empty, 3 where a law of the bench itself was broken, 74 where the report could not be written.
      """)

  @Argument(help: ArgumentHelp("Scripts to run, in this order.", valueName: "file"))
  var files: [String]

  @OptionGroup var choices: MachineChoices

  @Flag(help: "Prints every event of every machine.")
  var trace = false

  @Option(
    help: ArgumentHelp(
      "Does this to every machine from its beginning; may be repeated.",
      discussion: "FAULT@SITE[,nth=N|,every=N|,visit=N][,times=N|,persistent], for example power@leaf:EEXTEND,nth=3.", valueName: "fault"))
  var inject: [String] = []

  mutating func run() throws {
    var request = RunRequest(files: files, options: try choices.options(), drivers: try choices.drivers())
    if trace, request.drivers.count > 1 { throw ValidationError("--trace shows the machines of one driver; name one with --driver") }
    request.options.keepsTrace = trace
    for text in inject { request.options.injections.append(try fault(text)) }
    request.injectionTexts = inject
    throw ExitCode(request.perform().rawValue)
  }
}

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
      "Driver of every machine that names none: \(MachineChoices.driverNames), or a release of Linux such as 6.5. "
        + "With several, such as v39,5.11, or with all, run shows a matrix.", valueName: "version"))
  var driver = "6.1.192"

  @Option(help: "Work a test may do: Lua instructions, bytes allocated / 64, pages added times 20 (4 unmeasured).")
  var fuel: Int64 = 50_000_000

  @Option(help: "MiB of memory a script's own values may take.")
  var memory = 64

  @Option(help: "Bytes a script file may have.")
  var sourceLimit = 1 << 20

  @Option(help: "Bytes a script may print.")
  var outputLimit = 1 << 20

  static let driverNames = DriverRelease.allCases.map(\.name).joined(separator: ", ")

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
    guard fuel > 0, (1...4096).contains(memory), (1...(64 << 20)).contains(sourceLimit), (0...(1 << 30)).contains(outputLimit) else {
      throw ValidationError("limits: --fuel from 1, --memory 1 to 4096, --source-limit 1 to 67108864, --output-limit 0 to 1073741824")
    }
    guard (1...2048).contains(imageLimit) else { throw ValidationError("limits: --image-limit 1 to 2048") }
    options.imageSizeMax = imageLimit << 20
    options.images = try images()
    options.setLimits(fuel: fuel, memory: memory << 20, source: sourceLimit, output: outputLimit)
    return options
  }
}

extension MachineChoices {
  /// The images by name; nothing is read yet.
  private func images() throws -> [String: ImageSource] {
    var sources: [String: ImageSource] = [:]
    for text in image {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, ImageSource.isName(parts[0]), !parts[1].isEmpty else {
        throw ValidationError("--image: '\(text)' is not NAME=PATH; a name is made of a to z, 0 to 9, '_', '.' and '-'")
      }
      guard sources[parts[0]] == nil else { throw ValidationError("--image: two images are called '\(parts[0])'") }
      sources[parts[0]] = ImageSource(path: parts[1], sigStructPath: MeasureRequest.sigStructFile(beside: parts[1]))
    }
    return sources
  }
}

/// Reads a fault of the command line; what is wrong with it is a usage error.
func fault(_ text: String) throws -> PlannedFault {
  do throws(FaultText.Problem) { return try FaultText.parse(text) } catch { throw ValidationError("--inject: \(error.text)") }
}
