import ArgumentParser
import BenchReport
import ScenarioLanguage

/// `sgxbench run FILE|DIR…`
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs scenarios.",
    usage: "sgxbench run [<options>] <path> ... [-- <options of the scripts>]",
    discussion: """
      A folder stands for every *.lua beneath it, outside folders named lib, meta, dev and loaders, in byte order of the path. \
      `sgxbench run --help FILE` shows the options that a script declares.

      Ends with 0 where everything passed; 1 where a check failed, a law of the driver was broken or a limit was hit; 2 where a script or an \
      image is wrong, missing or empty, or nothing was selected; 3 where a law of the bench itself was broken; 4 where every test was \
      skipped; 5 where --require-complete finds something missing; 69 where the system refuses what the run needs; 74 where a report \
      could not be written; 124 where a scenario took too long; 130 after SIGINT, 143 after SIGTERM.
      """)

  @Argument(help: ArgumentHelp("Scripts, or folders of scripts.", valueName: "path"), completion: CompletionWords.scripts)
  var paths: [String]

  @OptionGroup(title: "Machines") var choices: MachineChoices
  @OptionGroup(title: "Selection") var selection: SelectionChoices
  @OptionGroup(title: "Reports") var reports: ReportChoices
  @OptionGroup(title: "Course of the run") var course: CourseChoices

  @Flag(help: "Prints every event of every machine.")
  var trace = false

  @Flag(help: "Writes into json what each machine did, from which merge can draw an html report; html has it anyway.")
  var stories = false

  @Option(
    help: ArgumentHelp(
      "Does this to every machine from its beginning; may be repeated.",
      discussion: "FAULT@SITE[,nth=N|,every=N|,visit=N][,times=N|,persistent], for example power@leaf:EEXTEND,nth=3.", valueName: "fault"),
    completion: CompletionWords.plannedFaults)
  var inject: [String] = []

  @Flag(help: "Lists the tests that would run, and runs none.")
  var list = false

  @Flag(help: "Runs again whenever a script changes, until a signal ends it.")
  var watch = false

  /// A command line that is wrong is told with the usage of this command, not with that of the program.
  func validate() throws { _ = try request() }

  mutating func run() throws {
    let request = try self.request()
    if list { throw ExitCode(TestList(request).perform().rawValue) }
    if watch { throw ExitCode(Watch(request).perform().rawValue) }
    throw ExitCode(request.perform().rawValue)
  }

  private func request() throws -> RunRequest {
    var request = RunRequest(paths: paths, options: try choices.options(), drivers: try choices.drivers())
    if trace, request.drivers.count > 1 { throw ValidationError("--trace shows the machines of one driver; name one with --driver") }
    request.options.keepsTrace = trace
    for text in inject { request.options.injections.append(try fault(text)) }
    request.injectionTexts = inject
    request.scriptArguments = ScriptArguments.words(of: CommandLine.arguments)
    request.options.selection = try selection.selection()
    request.targets = try reports.targets()
    request.replacesAnyFile = reports.force
    if list, watch || !reports.format.isEmpty { throw ValidationError("--list runs nothing: it goes with neither --format nor --watch") }
    request.options.tellsStories = stories || request.targets.contains { $0.format == .html }
    try course.set(&request)
    request.replayFlags = try choices.replayFlags() + (course.strict ? ["--strict"] : [])
    return request
  }
}

/// Which tests run.
struct SelectionChoices: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Runs tests whose name, describes first, has this text in it; * stands for anything, =NAME is the whole name. May be repeated: one of them is enough.",
      valueName: "text"))
  var filter: [String] = []

  @Option(
    help: ArgumentHelp("Runs tests with one of these tags, and without those behind an exclamation mark: slow,!sgx2.", valueName: "tags"))
  var tags: [String] = []

  @Option(
    help: ArgumentHelp(
      "Runs one part of several, as 2/5, or the part that a CI matrix, a Slurm array or an indexed job of Kubernetes says this is: auto.",
      valueName: "part"), completion: .list(["auto"]))
  var shard: String?

  func selection() throws -> TestSelection {
    var selection = TestSelection()
    selection.filters = filter.map { NamePattern($0) }
    for text in tags {
      guard let condition = TagCondition(text) else {
        throw ValidationError("--tags: '\(text)' is not a list of tags with commas between; a tag is made of a to z, 0 to 9, '_' and '-'")
      }
      selection.tags.append(condition)
    }
    if let shard {
      do throws(ShardText.Problem) { selection.shard = try ShardText.shard(shard) } catch { throw ValidationError("--shard: \(error.text)") }
    }
    return selection
  }
}

/// What is written where.
struct ReportChoices: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Writes the report as \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")), to standard output or to a file; may be repeated.",
      discussion: "Standard output gets pretty unless another format has it.", valueName: "format[:file]"), completion: CompletionWords.formats)
  var format: [String] = []

  @Flag(help: "Lets a report replace a file that is no report of its kind.")
  var force = false

  /// The targets, one of which is standard output.
  func targets() throws -> [ReportTarget] {
    var targets: [ReportTarget] = []
    for text in format {
      guard let target = ReportTarget(text) else {
        throw ValidationError("--format: '\(text)' is not FORMAT or FORMAT:FILE; formats: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      if let other = targets.first(where: { $0.file == target.file }) {
        let place = target.file ?? "standard output"
        throw ValidationError("--format: \(other.format.rawValue) and \(target.format.rawValue) both want \(place)")
      }
      targets.append(target)
    }
    return targets.contains { $0.file == nil } ? targets : [ReportTarget(.pretty, file: nil)] + targets
  }
}

/// How the run goes, and when it ends.
struct CourseChoices: ParsableArguments {
  @Option(help: "Scripts that run at once; the report is the same whatever the number.")
  var jobs = 1

  @Option(help: ArgumentHelp("Runs everything N times, with the seed and the N - 1 that follow it.", valueName: "n"))
  var `repeat` = 1

  @Flag(help: "Ends the run after the first test that fails.")
  var failFast = false

  @Flag(help: "Says nothing of what passed, is pending or is not for the driver, but in the last line.")
  var quiet = false

  @Flag(help: "A test without a check fails.")
  var strict = false

  @Flag(help: "Ends with 5 where tests are pending or not for the driver.")
  var requireComplete = false

  @Option(help: ArgumentHelp("Seconds that a scenario may take; 0: as long as it wants.", valueName: "seconds"))
  var timeout = 600

  func set(_ request: inout RunRequest) throws {
    guard (1...1024).contains(jobs), (1...1_000_000).contains(self.repeat), (0...31_536_000).contains(timeout) else {
      throw ValidationError("limits: --jobs 1 to 1024, --repeat 1 to 1000000, --timeout 0 to 31536000")
    }
    guard request.options.seed <= UInt64.max - UInt64(self.repeat - 1) else {
      throw ValidationError("--repeat: seeds behind \(UInt64.max) do not exist")
    }
    request.jobs = jobs
    request.repetitions = self.repeat
    request.stopsAtFailure = failFast
    request.options.stopsAtFailure = failFast
    request.options.isStrict = strict
    request.isQuiet = quiet
    request.requiresAll = requireComplete
    request.timeout = timeout == 0 ? nil : timeout
  }
}

/// Reads a fault of the command line; what is wrong with it is a usage error.
func fault(_ text: String) throws -> PlannedFault {
  do throws(FaultText.Problem) { return try FaultText.parse(text) } catch { throw ValidationError("--inject: \(error.text)") }
}
