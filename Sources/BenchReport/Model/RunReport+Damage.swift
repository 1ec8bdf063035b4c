import ScenarioLanguage

extension RunReport {
  /// The first place of a value that no run writes and that what is made of a report could not bear; nil in a sound one.
  var damage: String? {
    if drivers.isEmpty { return ".drivers" }
    if seeds.isEmpty { return ".seeds" }
    if let shard, Shard(number: shard.number, of: shard.count) == nil { return ".shard" }
    for (number, file) in files.enumerated() {
      if let place = file.damage { return ".files[\(number)]\(place)" }
    }
    return nil
  }
}

extension FileReport {
  /// A report has less than a GiB, and so fewer than 2^23 results: no sum of numbers up to this one overflows.
  private static let countMax = 1 << 40

  /// A name has a thousand bytes at most, a path four times that, and each may be shown by four.
  private static let nameMax = 16 << 10

  /// Names of describes inside each other, of which the whole has a thousand bytes at most.
  private static let depthMax = 1000

  fileprivate var damage: String? {
    if name.utf8.count > Self.nameMax { return ".name" }
    guard (0...Self.countMax).contains(selected) else { return ".selected" }
    guard struck.allSatisfy({ $0 <= Self.countMax }) else { return ".struck" }
    for (number, test) in tests.enumerated() {
      if test.path.isEmpty || test.path.count > Self.depthMax || test.path.reduce(0, { $0 + $1.utf8.count }) > Self.nameMax { return ".tests[\(number)].path" }
      // In the order of the script, each once.
      if number > 0, test.index <= tests[number - 1].index { return ".tests[\(number)].index" }
      if test.checks > Self.countMax { return ".tests[\(number)].checks" }
      if test.visits > Self.countMax { return ".tests[\(number)].visits" }
    }
    return nil
  }
}
