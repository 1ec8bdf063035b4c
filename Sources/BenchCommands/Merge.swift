import ArgumentParser
import BenchReport

/// `sgxbench merge PART…`
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts the reports of a run's parts together.",
    discussion: """
      Takes what `run --shard N/COUNT --format json:FILE` wrote, in any order. The reports are those that a run in one piece would have \
      written, and so is the status; 5 where a part is missing, 2 where the files are not parts of one run.
      """)

  @Argument(help: ArgumentHelp("Reports in JSON.", valueName: "file"), completion: .file(extensions: ["json"]))
  var files: [String]

  @OptionGroup var reports: ReportChoices

  @Flag(help: "Ends with 5 where tests are pending or not for the driver.")
  var requireComplete = false

  func validate() throws { _ = try reports.targets() }

  mutating func run() throws {
    let targets = try reports.targets()
    throw ExitCode(perform(targets).rawValue)
  }

  private func perform(_ targets: [ReportTarget]) -> ExitStatus {
    let report: RunReport
    let outputs: [(target: ReportTarget, file: WholeFile)]
    do throws(Refusal) {
      outputs = try WholeFile.open(targets, force: reports.force, besides: files.map { ($0, "a part of this run") })
      report = try merged()
    } catch {
      Message.write(error.text)
      return error.status
    }
    var tally = RunTally(injections: report.injections.count)
    for file in report.files { tally.add(file) }
    var status = tally.status(requiresAll: requireComplete)
    if !report.complete { status = status.or(.incomplete) }
    if report.complete, tally.selected == 0 {
      Message.write("no part has a test")
      status = status.or(.badInput)
    }
    for (index, count) in tally.struck.enumerated() where count == 0 {
      Message.write("--inject \(report.injections[index]): never reached in any part")
      status = status.or(.badInput)
    }
    for (target, file) in outputs {
      do throws(Refusal) { try file.write(target.format.text(of: report)) } catch {
        Message.write(error.text)
        status = status.or(error.status)
      }
    }
    var output = Output(descriptor: 1)
    if let format = targets.first(where: { $0.file == nil })?.format { output.write(format.text(of: report)) }
    output.complain()
    return output.error == 0 ? status : status.or(.output)
  }

  /// A report may have this many bytes.
  private static let sizeMax = 1 << 30

  private func merged() throws(Refusal) -> RunReport {
    var parts: [(report: RunReport, name: String)] = []
    for file in files {
      let bytes = try ScriptFile.read(file, limit: Self.sizeMax, folderAdvice: "; name the reports in it")
      do throws(ReportProblem) { parts.append((try RunReport.read(bytes, name: shown(file)), shown(file))) } catch { throw Refusal(error.text) }
    }
    do throws(ReportProblem) { return try RunReport.merged(parts) } catch { throw Refusal(error.text) }
  }
}
