import ScenarioLanguage
#if canImport(Glibc)
  import Glibc
#endif

/// The part of a run that `--shard` names.
enum ShardText {
  struct Problem: Error {
    let text: String
  }

  /// Variables by which systems tell a job which part of several it is.
  ///
  /// Sources: Slurm's sbatch(1), OUTPUT ENVIRONMENT VARIABLES; the Kubernetes documentation of indexed Jobs, where the number of parts is not
  /// among the variables and the manifest repeats it; the CI systems' lists of predefined variables.
  private struct Convention {
    let number: String
    let count: String
    /// The number of the first part, or the variable that holds it.
    var first: Int = 0
    var firstVariable: String?
  }

  private static let conventions = [
    Convention(number: "SGXBENCH_SHARD", count: "SGXBENCH_SHARDS", first: 1),
    Convention(number: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT", firstVariable: "SLURM_ARRAY_TASK_MIN"),
    Convention(number: "JOB_COMPLETION_INDEX", count: "JOB_COMPLETIONS"),
    Convention(number: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: 1),
    Convention(number: "CIRCLE_NODE_INDEX", count: "CIRCLE_NODE_TOTAL"),
    Convention(number: "BUILDKITE_PARALLEL_JOB", count: "BUILDKITE_PARALLEL_JOB_COUNT"),
  ]

  /// `2/5`, or `auto`: the part that the environment names.
  static func shard(_ text: String, environment: (String) -> String? = variable) throws(Problem) -> Shard {
    if text == "auto" { return try detected(environment) }
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Int(String($0) ?? "") }
    guard parts.count == 2, let number = parts[0], let count = parts[1], let shard = Shard(number: number, of: count) else {
      throw Problem(text: "'\(text)' is not N/COUNT with N from 1 to COUNT and COUNT up to 65536, for example 2/5")
    }
    return shard
  }

  private static func detected(_ environment: (String) -> String?) throws(Problem) -> Shard {
    for convention in conventions {
      guard let numberText = environment(convention.number) else { continue }
      guard let countText = environment(convention.count) else {
        throw Problem(text: "\(convention.number) is set, and \(convention.count), the number of parts, is not")
      }
      let first = convention.firstVariable.flatMap(environment).map { Int($0) } ?? convention.first
      guard let number = Int(numberText), let count = Int(countText), let first, case (let index, false) = number.subtractingReportingOverflow(first),
        index < Int.max, let shard = Shard(number: index + 1, of: count)
      else {
        throw Problem(text: "\(convention.number)=\(numberText) of \(convention.count)=\(countText) is no part")
      }
      return shard
    }
    let names = conventions.map { "\($0.number) and \($0.count)" }.joined(separator: "; ")
    throw Problem(text: "nothing in the environment says which part this is; looked for \(names)")
  }

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
