import BenchReport
import ScenarioLanguage
import SGXDriver

/// What `sgxbench run` was asked.
struct RunRequest: Sendable {
  /// Scripts and folders.
  var paths: [String]
  var options = RunOptions()
  /// More than one: every file runs on each, and the report is a matrix. None: the driver of `options`.
  var drivers: [DriverVersion] = []
  /// The injections of `options` as they were written, for messages.
  var injectionTexts: [String] = []
  /// What stands behind `--`.
  var scriptArguments: [String] = []
  /// The same by script: what it declares of them, as it stands behind its replay line.
  var scriptOptions: [(file: String, words: String)] = []
  /// What a repetition needs besides script, driver and seed.
  var replayFlags: [String] = []
  var targets = [ReportTarget(.pretty, file: nil)]
  /// The report on the screen has only what failed.
  var isQuiet = false
  /// A report may take the place of a file of another kind.
  var replacesAnyFile = false
  var jobs = 1
  var repetitions = 1
  var stopsAtFailure = false
  var requiresAll = false
  /// Seconds a scenario may take.
  var timeout: Int? = 600

  /// One script on one driver with one seed.
  struct Unit: Sendable {
    let file: String
    let options: RunOptions
  }

  /// Runs everything and writes the reports.
  func perform() -> ExitStatus {
    do throws(Refusal) {
      let files = try self.files()
      var request = self
      // While their options are read; the run itself has an end of its own.
      if !scriptArguments.isEmpty { Deadline.set(timeout) }
      if !scriptArguments.isEmpty {
        let read = try ScriptArguments.read(scriptArguments, for: files, options)
        request.options.arguments = read.values
        request.scriptOptions = read.words
      }
      request.options.digestsSources = targets.contains { $0.format != .pretty }
      var course = try RunCourse(request, files: files)
      return course.run()
    } catch {
      Message.write(error.text, hint: error.hint)
      return error.status
    }
  }

  /// The scripts, folders opened.
  func files() throws(Refusal) -> [String] {
    var files: [String] = []
    for path in paths {
      let found = try ScriptFolder.scripts(beneath: path)
      if found.isEmpty { throw Refusal("\(shown(path)): no scenario beneath this folder; a scenario is a *.lua file") }
      files += found
    }
    return files
  }

  /// Files outermost, then seeds, then drivers.
  func units(of files: [String]) -> [Unit] {
    if files.count == 1, drivers.count <= 1, repetitions == 1 { return [Unit(file: files[0], options: options)] }
    let drivers: [DriverVersion?] = drivers.isEmpty ? [nil] : drivers
    return files.flatMap { file in
      seeds.flatMap { seed in
        drivers.map { driver in
          var options = options
          if let driver { options.driver = driver }
          options.seed = seed
          return Unit(file: file, options: options)
        }
      }
    }
  }

  var seeds: [UInt64] { (0..<UInt64(repetitions)).map { options.seed + $0 } }

  /// The labels of the drivers.
  var labels: [String] { drivers.isEmpty ? [options.driverLabel] : drivers.map(\.label) }

  /// What a unit came to, with the commands that repeat its failures.
  func report(of result: FileResult, _ unit: Unit) -> FileReport {
    var line = "sgxbench run \(ShellWord.quoted(unit.file)) --driver \(unit.options.driverName) --seed \(unit.options.seed)"
    for word in replayFlags { line += " " + ShellWord.quoted(word) }
    for text in injectionTexts { line += " --inject \(ShellWord.quoted(text))" }
    let own = scriptOptions.first { $0.file == unit.file }?.words ?? ""
    return FileReport(result, driver: unit.options.driverLabel, seed: unit.options.seed, replay: line, scriptOptions: own)
  }

  /// A script in which the bench broke down outside of the tests.
  func report(of breakdown: Breakdown.Cause, _ unit: Unit) -> FileReport {
    switch breakdown {
    case .signal(let signal):
      FileReport(
        name: unit.file, driver: unit.options.driverLabel, seed: unit.options.seed,
        breakdown: "the bench itself broke down (\(signal)) while it read this script, and nothing of it was run: please report this")
    case .noMemory:
      FileReport(
        name: unit.file, driver: unit.options.driverLabel, seed: unit.options.seed,
        refused: "the system gave no more memory while this script was read, and nothing of it was run")
    }
  }

  /// One script on each of the drivers, in their order.
  static func run(_ file: String, _ options: RunOptions, on drivers: [DriverVersion]) throws(Refusal) -> [FileResult] {
    var results: [FileResult] = []
    for driver in drivers {
      var options = options
      options.driver = driver
      results.append(try run(file, options))
    }
    return results
  }

  /// - Parameters:
  ///   - began: gets each test before it runs.
  ///   - ended: gets each test as it ends.
  static func run(
    _ file: String, _ options: RunOptions, stop: RunStop = RunStop(), began: ((DeclaredTest) -> Void)? = nil,
    ended: ((TestResult) -> Void)? = nil
  ) throws(Refusal) -> FileResult {
    let limit = options.sourceLimit
    let source = try ScriptFile.read(file, limit: limit, limitFlag: "--source-limit")
    var runner = ScenarioRunner(options: options)
    runner.begins = began
    if let ended { runner.observer = { if case .testEnded(let test) = $0 { ended(test) } } }
    return runner.run(
      source: source, name: file, stop: stop, module: { ScriptFile.module($0, besides: file, limit: limit) },
      image: { ScriptFile.image($0, besides: file) })
  }
}
