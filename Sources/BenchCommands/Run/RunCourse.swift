import BenchReport
import ScenarioLanguage
#if canImport(Glibc)
  import Glibc
#endif

/// One run from its first script to its reports.
struct RunCourse {
  private let request: RunRequest
  private let units: [RunRequest.Unit]
  /// Report files, looked at before the first script runs.
  private let files: [(target: ReportTarget, file: WholeFile)]
  private var live: LiveReport
  private var report: RunReport
  private var tally: RunTally
  /// Files are kept only where a report is made at the end.
  private let keepsFiles: Bool
  /// What was last said on standard error about a file.
  private var complaint: FileReport.FileError?
  /// Units that have ended, and whether the last of them came to its end.
  private var ended = (count: 0, isWhole: false)
  /// Results of the file that is under way, until it has one for each driver.
  private var row: [FileReport] = []
  /// Tests in which the bench broke down before this process took over.
  private let breakdowns: Breakdowns
  private var messages: MessageStream
  private var reserve: MemoryReserve

  init(_ request: RunRequest, files: [String]) throws(Refusal) {
    self.request = request
    units = request.units(of: files)
    if request.targets.contains(where: { $0.file != nil }) { Interruption.watch() }
    self.files = try WholeFile.open(
      request.targets, force: request.replacesAnyFile,
      besides: files.map { ($0, "a script of this run") } + request.options.images.values.compactMap { image in image.path.map { ($0, "an image of this run") } })
    breakdowns = Breakdowns()
    reserve = try MemoryReserve()
    messages = MessageStream()
    let onScreen = request.targets.first { $0.file == nil }?.format
    live = LiveReport(onScreen ?? .pretty, request)
    keepsFiles = !self.files.isEmpty || onScreen != .pretty
    report = RunReport(drivers: request.labels, seeds: request.seeds)
    report.shard = request.options.selection.shard
    report.arguments = request.options.arguments.map { .init(name: $0.name, value: $0.value) }
    report.injections = request.injectionTexts
    tally = RunTally(injections: request.injectionTexts.count)
  }

  mutating func run() -> ExitStatus {
    let request = self.request
    let units = self.units
    let breakdowns = self.breakdowns
    let planted = PlantedBreakdown.ofEnvironment
    let partial = PartialResults()
    let queue = WorkQueue<FileReport>(count: units.count) { index, stop in
      let unit = units[index]
      if let cause = breakdowns.outsideOfTests(unit: index) { return request.report(of: cause, unit) }
      Breakdowns.mark(unit: index)
      defer { Breakdowns.markNothing() }
      planted?.strikeScript()
      do throws(Refusal) {
        var options = unit.options
        options.breakdowns = breakdowns.inTests(unit: index)
        let result = try RunRequest.run(
          unit.file, options, stop: stop,
          began: {
            Breakdowns.mark(unit: index, test: $0.index)
            planted?.strikeTest(named: $0.name)
          },
          ended: {
            Breakdowns.mark(unit: index)
            partial.add($0, of: index)
          })
        return request.report(of: result, unit)
      } catch {
        return FileReport(name: unit.file, driver: unit.options.driverLabel, seed: unit.options.seed, problem: error.text, hint: error.hint)
      }
    }
    var progress = Progress(total: units.count)
    live.begin()
    let ending = queue.run(
      jobs: request.jobs, timeout: request.timeout.map { UInt64($0) * 1_000_000_000 },
      reason: "took longer than \(request.timeout ?? 0) s (--timeout)", progress: { progress.show($0) },
      unanswered: { index, reason in
        let unit = units[index]
        let result = FileResult(name: unit.file, tests: partial.take(index))
        var file = request.report(of: result, unit)
        file.stopped = reason
        return file
      }
    ) { index, file in
      partial.forget(index)
      progress.clear()
      return take(file)
    }
    progress.clear()
    planted?.strikeReport()
    return finish(ending)
  }

  /// False where the run ends here.
  private mutating func take(_ file: FileReport) -> Bool {
    tally.add(file)
    ended = (ended.count + 1, file.stopped == nil && (file.error != nil || file.tests.count == file.selected))
    complain(of: file)
    if keepsFiles { report.files.append(file) }
    row.append(file)
    if row.count == report.drivers.count { flushRow() }
    return !isUnheard && !(request.stopsAtFailure && file.exitStatus != .passed)
  }

  /// The output is gone and there is no report file: whatever else runs, nobody learns of it.
  private var isUnheard: Bool { files.isEmpty && live.hasFailed }

  /// A file that could not be run as a whole is told on standard error too, once for all drivers and seeds: who has the report in a file
  /// must not miss it. Failures of tests are the report's alone.
  private mutating func complain(of file: FileReport) {
    guard let error = file.error, error != complaint else { return }
    complaint = error
    messages.write(error.text, hint: error.hint)
  }

  private mutating func flushRow() {
    live.add(row)
    row = []
  }

  private mutating func finish(_ early: WorkQueue<FileReport>.Ending?) -> ExitStatus {
    reserve.giveUp()
    // A failure in the last of all tests ended nothing.
    let ending = early == .enough && ended == (units.count, true) ? nil : early
    // Whether a part of a run has something to do says nothing of the run.
    var status = tally.status(requiresAll: request.requiresAll)
    if status == .allSkipped, report.shard != nil { status = .passed }
    switch ending {
    case nil: break
    case .enough: report.stopped = isUnheard ? "the output is gone" : "the first failure ended the run (--fail-fast)"
    case .signal(let number):
      report.stopped = "\(Interruption.name(of: number)) ended the run"
      status = status.or(ExitStatus(signal: number))
    case .timeout(let unit):
      report.stopped = "\(units[unit].file) took longer than \(request.timeout ?? 0) s (--timeout)"
      status = status.or(.timeout)
    }
    report.complete = ending == nil
    if !row.isEmpty { flushRow() }
    status = status.or(judgeSelection(ending))
    status = status.or(live.end(report))
    for (target, file) in files {
      do throws(Refusal) { try file.write(target.format.text(of: report)) } catch {
        Message.write(error.text)
        status = status.or(error.status)
      }
    }
    // One that came while the report was written.
    if ending == nil, let number = Interruption.signal { status = status.or(ExitStatus(signal: number)) }
    // A scenario that did not answer is still at work: this ends it too.
    if ending != nil { _exit(status.rawValue) }
    return status
  }

  /// Nothing selected, or an injection that struck nowhere, must not look like a run that passed.
  private func judgeSelection(_ ending: WorkQueue<FileReport>.Ending?) -> ExitStatus {
    guard ending == nil else { return .passed }
    var status = ExitStatus.passed
    let shard = request.options.selection.shard
    if tally.selected == 0, tally.status == .passed {
      if let shard {
        Message.write("no test falls into part \(shard.number) of \(shard.count)")
      } else {
        Message.write("no test is selected by --filter and --tags")
        status = .badInput
      }
    }
    // In one part of several, an injection may strike in the others.
    guard shard == nil else { return status }
    for (index, count) in tally.struck.enumerated() where count == 0 {
      Message.write(
        "--inject \(request.injectionTexts[index]): never reached; visits differ between driver versions, seeds and scripts")
      status = status.or(.badInput)
    }
    return status
  }
}

/// The report on standard output: pretty ones while the run goes on, others at its end.
struct LiveReport {
  private enum Style {
    case pretty(PrettyReport)
    case matrix(DriverMatrix)
    case atEnd(ReportFormat)
  }

  private var style: Style
  private var output = ReportStream()
  var hasFailed: Bool { output.hasFailed }
  private let seeds: [UInt64]
  private let labels: [String]

  init(_ format: ReportFormat, _ request: RunRequest) {
    seeds = request.seeds
    labels = request.labels
    if format != .pretty {
      style = .atEnd(format)
    } else if labels.count > 1 {
      style = .matrix(DriverMatrix(drivers: labels))
    } else {
      style = .pretty(PrettyReport(colours: Terminal.showsColours(1), isQuiet: request.isQuiet))
    }
  }

  mutating func begin() {
    switch style {
    case .pretty(var pretty):
      pretty.begin(seeds: seeds, driver: labels[0])
      style = .pretty(pretty)
    case .matrix(var matrix):
      matrix.begin(seeds: seeds)
      style = .matrix(matrix)
    case .atEnd: break
    }
  }

  /// One file with one seed on every driver.
  mutating func add(_ row: [FileReport]) {
    switch style {
    case .pretty(var pretty):
      for file in row { pretty.add(file) }
      output.write(pretty.take())
      style = .pretty(pretty)
    case .matrix(var matrix):
      matrix.add(row)
      output.write(matrix.take())
      style = .matrix(matrix)
    case .atEnd: break
    }
  }

  mutating func end(_ report: RunReport) -> ExitStatus {
    switch style {
    case .pretty(var pretty):
      pretty.end(stopped: report.stopped)
      output.write(pretty.take())
    case .matrix(var matrix):
      matrix.end(stopped: report.stopped)
      output.write(matrix.take())
    case .atEnd(let format): output.write(format.text(of: report))
    }
    output.complain()
    return output.hasFailed ? .output : .passed
  }
}
