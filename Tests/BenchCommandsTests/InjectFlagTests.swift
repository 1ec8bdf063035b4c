import Testing

/// `--inject`: every fault at a site where it can strike, and a message for those where it cannot.
@Suite("--inject") struct InjectFlagTests {
  /// One page goes in and all comes out, whatever is made of it.
  private static let script = Script.test(
    """
    process:sigaction("SIGALRM", { handler = true, restart = false })
    print(add(0).outcome, enclave:close().outcome)
    """)

  /// The fault as it is written, and as a trace names it.
  private static let possible: [(text: String, event: String)] = [
    ("power@leaf:EADD", "injected power (S3) at leaf:EADD"),
    ("power:S4@leaf:EADD", "injected power (S4) at leaf:EADD"),
    ("power:migration@preemption,nth=2", "injected power (migration) at preemption"),
    ("power@leaf:EREMOVE", "injected power (S3) at leaf:EREMOVE"),
    ("nomem@allocation:page_descriptor", "injected nomem at allocation:page_descriptor"),
    ("nomem@allocation:phys_page,nth=3", "injected nomem at allocation:phys_page"),
    ("nomem@allocation:slot_map_node", "injected nomem at allocation:slot_map_node"),
    ("efault@user_copy:argument,nth=2", "injected efault at user_copy:argument"),
    ("efault@user_copy:secinfo", "injected efault at user_copy:secinfo"),
    ("efault@user_copy:pin", "injected efault at user_copy:pin"),
    ("efault@user_copy:write_back", "injected efault at user_copy:write_back"),
    ("GP@leaf:EADD", "injected GP at leaf:EADD"),
    ("PF@leaf:EADD", "injected PF at leaf:EADD"),
    ("UD@leaf:EADD", "injected UD at leaf:EADD"),
    ("GP@leaf:EEXTEND,nth=16", "injected GP at leaf:EEXTEND"),
    ("code:SGX_CHILD_PRESENT@leaf:EREMOVE", "injected SGX_CHILD_PRESENT at leaf:EREMOVE"),
    ("SIGALRM@signal_poll", "injected SIGALRM at signal_poll"),
    ("SIGCHLD@preemption", "injected SIGCHLD at preemption"),
    ("SIGKILL@signal_poll", "injected SIGKILL at signal_poll"),
    ("other_task@preemption", "injected other_task at preemption"),
  ]

  @Test(arguments: possible) func strikesWhereItCan(_ text: String, event: String) throws {
    let ended = try Sgxbench.run(script: Self.script, ["--trace", "--inject", text])
    #expect([0, 1, 2].contains(ended.status))
    #expect(!ended.wasSignalled)
    #expect(ended.errors.isEmpty, "\(text) did not strike: \(ended.errors)")
    #expect(ended.output.contains(event), "\(ended.output)")
  }

  @Test func countsItsStrikes() throws {
    func strikes(_ text: String) throws -> Int {
      try Sgxbench.run(script: Self.script, ["--trace", "--inject", text]).output.matches(of: #/injected /#).count
    }
    #expect(try strikes("power@preemption,every=3,times=2") == 2)
    #expect(try strikes("power@preemption,persistent") > 2)
    #expect(try strikes("power@any,visit=3,times=3") == 3)
    #expect(try strikes("power@preemption,nth=1") == 1)
  }

  @Test func isRepeatable() throws {
    let ended = try Sgxbench.run(
      script: Self.script, ["--trace", "--inject", "SIGCHLD@preemption", "--inject", "GP@leaf:EADD"])
    #expect(ended.output.contains("injected SIGCHLD at preemption"))
    #expect(ended.output.contains("injected GP at leaf:EADD"))
  }

  private static let impossible: [(text: String, says: String)] = [
    ("nomem@leaf:EADD", "nomem cannot strike at leaf:EADD"),
    ("nomem@user_copy:pin", "nomem cannot strike at user_copy:pin"),
    ("efault@allocation", "efault cannot strike at allocation"),
    ("GP@signal_poll", "GP cannot strike at signal_poll"),
    ("code:SGX_CHILD_PRESENT@preemption", "SGX_CHILD_PRESENT cannot strike at preemption"),
    ("SIGALRM@leaf:EADD", "SIGALRM cannot strike at leaf:EADD"),
    ("unmap@preemption", "unmap needs 'address' and 'length'"),
    ("other_task@signal_poll", "other_task cannot strike at signal_poll"),
    ("power@allocation:phys_page", "power (S3) cannot strike at allocation:phys_page"),
    ("power@nowhere", "no site is called 'nowhere' (leaf:EADD, "),
    ("power", "'power' is not FAULT@SITE[,nth=N]; for example power@leaf:EEXTEND,nth=3"),
    ("", "'' is not FAULT@SITE"),
    ("rain@leaf:EADD", "no fault is called 'rain' (power, nomem, "),
    ("power:S9@leaf:EADD", "no power cycle is called 'S9' (S3, S4, migration)"),
    ("code@leaf:EREMOVE", "no leaf answers ''; codes are spelled as in the manual: SGX_CHILD_PRESENT"),
    ("code:SGX_NOTHING@leaf:EREMOVE", "no leaf answers 'SGX_NOTHING'"),
    ("signal:SIGNOTHING@signal_poll", "no signal is called 'SIGNOTHING'"),
    ("power@leaf:EADD,nth=0", "'nth=0' in 'power@leaf:EADD,nth=0' is not nth=N, every=N, visit=N, times=N or persistent, with N from 1"),
    ("power@leaf:EADD,nth=-1", "'nth=-1' in "),
    ("power@leaf:EADD,often", "'often' in "),
    ("power@leaf:EADD,", "'' in "),
    ("power@leaf:EADD,nth=99999999999999999999", "is not nth=N"),
  ]

  @Test(arguments: impossible) func isRefusedWhereItCannotBeUnderstood(_ text: String, says: String) throws {
    let ended = try Sgxbench.run(script: Self.script, ["--inject", text])
    #expect(ended.status == 64)
    #expect(ended.errors.contains("--inject: "))
    #expect(ended.errors.contains(says), "\(ended.errors)")
    #expect(ended.output.isEmpty)
  }
}
