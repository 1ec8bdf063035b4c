import Testing

/// `sgxbench sweep`, and the lines it prints to repeat what it found.
@Suite("Sweeps") struct SweepRunTests {
  private static let script = "Scripts/power/one_load.lua"

  private struct Group {
    let count: Int
    let site: String
    let replay: [String]
  }

  /// The groups of points that did not survive: a heading line, then the line that repeats the first of them.
  private static func groups(_ output: String) throws -> [Group] {
    let lines = output.split(separator: "\n").map(String.init)
    return try lines.indices.compactMap { index in
      guard lines[index].hasPrefix("      first: sgxbench ") else { return nil }
      let heading = try #require(lines[index - 1].firstMatch(of: #/^    (\d+) at ([^ ]+): /#))
      return Group(
        count: Int(heading.1)!, site: String(heading.2),
        replay: lines[index].dropFirst("      first: sgxbench ".count).split(separator: "#")[0].split(separator: " ").map(String.init))
    }
  }

  private static func totals(_ output: String) throws -> (survived: Int, points: Int) {
    let line = try #require(output.firstMatch(of: #/\n(\d+) of (\d+) points survived\n$/#))
    return (Int(line.1)!, Int(line.2)!)
  }

  @Test func linuxDoesNotSurvivePowerLossAroundEEXTEND() throws {
    let ended = try Sgxbench.run(["sweep", Self.script, "--fault", "power"])
    #expect(ended.status == 1)
    let groups = try Self.groups(ended.output)
    #expect(groups.map(\.site) == ["preemption", "leaf:EEXTEND"])
    #expect(groups.map(\.count) == [4, 64], "once a page, and before each EEXTEND of four pages")
    let (survived, points) = try Self.totals(ended.output)
    #expect(points - survived == groups.reduce(0) { $0 + $1.count })
    #expect(survived > 0)
    #expect(ended.output.contains("add_pages says EIO; 1 page leaked; warnings REL_SECS_CHILD, REL_SECS_RESIDENT; laws broken: child-count"))
  }

  @Test func theReviewedDriverSurvivesEveryPoint() throws {
    // The newest Linux: what reviewed is made from, and like it asks for EUPDATESVN at open.
    let linux = try Self.totals(try Sgxbench.run(["sweep", Self.script, "--driver", "7.2.13"]).output)
    let ended = try Sgxbench.run(["sweep", Self.script, "--driver", "reviewed"])
    #expect(ended.status == 0)
    let (survived, points) = try Self.totals(ended.output)
    #expect(survived == points)
    #expect(points == linux.points, "no point is skipped")
    #expect(try Self.groups(ended.output).isEmpty)
  }

  @Test func everyPrintedLineRepeatsItsFinding() throws {
    for group in try Self.groups(try Sgxbench.run(["sweep", Self.script]).output) {
      #expect(group.replay.starts(with: ["run", Self.script, "--driver", "6.1.192", "--seed", "1", "--inject"]))
      let ended = try Sgxbench.run(group.replay + ["--trace"])
      #expect(ended.status == 1)
      #expect(ended.errors.isEmpty, "it struck")
      #expect(ended.output.contains("injected power (S3) at \(group.site)"))
      #expect(ended.output.contains(#"expected nil, got "EIO""#))
      #expect(ended.output.contains("broke the law 'child-count'"))
      #expect(ended.output.contains("broke the law 'release-complete'"))
      let again = try Sgxbench.run(group.replay + ["--trace"])
      #expect(again.bytes == ended.bytes)
    }
  }

  @Test func aSurvivorRepeatedIsHarmlessToTheLaws() throws {
    let ended = try Sgxbench.run(["run", Self.script, "--inject", "power@leaf:EADD,nth=2"])
    #expect(ended.status == 1, "the load itself fails")
    #expect(!ended.output.contains("broke the law"))
  }

  @Test(arguments: ["nomem", "efault", "SIGALRM", "power:S4", "power:migration"]) func otherFaultsRun(_ fault: String) throws {
    let ended = try Sgxbench.run(["sweep", Self.script, "--fault", fault, "--driver", "reviewed"])
    #expect([0, 1].contains(ended.status))
    #expect(ended.output.contains("sweep of \(fault)\n"))
    #expect(try Self.totals(ended.output).points > 0)
  }

  /// Where the pool is empty, pages are evicted, and the call goes on.
  @Test func memoryThatIsNotThereIsSurvivedByBoth() throws {
    for driver in ["6.1.192", "reviewed"] {
      let ended = try Sgxbench.run(["sweep", Self.script, "--fault", "nomem", "--driver", driver])
      #expect(try Self.groups(ended.output).isEmpty)
      #expect(ended.status == 0, "\(ended.output)")
      #expect(!ended.output.contains("leaked"))
    }
  }

  @Test func userMemoryAndSignalsAreSurvivedByBoth() throws {
    for driver in ["6.1.192", "reviewed"] {
      for fault in ["efault", "SIGALRM", "SIGKILL"] {
        let ended = try Sgxbench.run(["sweep", Self.script, "--fault", fault, "--driver", driver])
        #expect(ended.status == 0, "\(ended.output)")
      }
    }
  }

  @Test func aScriptWithNothingToStrikeIsNoPass() throws {
    let scratch = try Scratch()
    try scratch.write(#"it("x", function() expect(1):equals(1) end)"#, to: "a.lua")
    let ended = try Sgxbench.run(["sweep", "a.lua"], in: scratch.path)
    #expect(ended.status == 2)
    #expect(ended.errors == "sgxbench: a.lua: nothing in it can be struck by power\n")
  }

  @Test func aWrongScriptIs2() throws {
    #expect(try Sgxbench.run(["sweep", "missing.lua"]).status == 2)
    let scratch = try Scratch()
    try scratch.write("it(", to: "a.lua")
    #expect(try Sgxbench.run(["sweep", "a.lua"], in: scratch.path).status == 2)
  }
}
