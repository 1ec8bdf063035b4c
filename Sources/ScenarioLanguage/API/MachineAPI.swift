extension APIKind {
  static let machine = APIKind(
    .machine, "A machine, its tasks, and the faults that strike it.",
    properties: [
      APIProperty("epc", "sgx.EPC", "Pages of EPC now."),
      APIProperty("log", "sgx.Log", "The kernel's log."),
      APIProperty("findings", "sgx.FindingName[]", "Broken laws and other findings so far."),
      APIProperty("clock", "integer", "Visits of sites so far."),
      APIProperty("driver", "string", "The driver as `--driver` spells it: `6.5`, `6.1.192+capsAddPages`; with a note where the release is newer than all that is known."),
      APIProperty("behaviours", "sgx.Behaviours", "What the driver does, by name."),
    ],
    functions: [
      APIFunction(
        "process",
        options: [
          APIField("node", .bits(64), .number(0), "The NUMA node it runs on."),
          APIField("user", .bits(32), "Its user; 1000 where nothing is said. 0 is root, who opens every device and maps low addresses."),
          APIField("groups", .list("string"), "Its groups; sgx and sgx_prv where nothing is said."),
          APIField("nofile", .count(0...1_048_576), "RLIMIT_NOFILE; 1024 where nothing is said."),
        ], class: "sgx.ProcessOptions",
        returns: [("sgx.Process", "")], "A process without memory."),
      APIFunction(
        "power_cycle", [APIField("kind", .name("sgx.PowerCycle"), .text("S3"), "`\"S3\"`, `\"S4\"` or `\"migration\"`.")],
        "Loses the EPC now."),
      APIFunction("update_microcode", "Newer microcode, which EUPDATESVN may take over."),
      injectRow,
      APIFunction(
        "struck", [APIField("number", .bits(64), .required, "What `inject` returned.")], returns: [("integer", "")],
        "How often a planned fault struck."),
      APIFunction("cancel_injections", "Takes back every planned fault."),
      APIFunction(
        "visits", [APIField("site", .name("sgx.SiteName"), "Which.")], returns: [("integer", "")], "Visits of a site, or of all."),
      APIFunction(
        "trace", [APIField("n", .bits(64), .number(4096), "How many.")], returns: [("string[]", "")],
        "The last events, oldest first, as text; see TraceFormat.md."),
      APIFunction(
        "reclaim", options: [APIField("batches", .count(1...4096), .number(1), "Of sixteen pages.")], class: "sgx.ReclaimOptions",
        returns: [("sgx.Result", "")], "Evicts batches of pages now; the result has `batches` and `freed`."),
      APIFunction(
        "ksgxd", options: [APIField("batches", .count(1...4096), .number(64), "Of sixteen pages, at most.")], class: "sgx.KsgxdOptions",
        returns: [("sgx.Result", "")], "What `ksgxd` does when it is woken: batches until 64 pages are free."),
      APIFunction(
        "task", [APIField("body", .lua("fun(): any"), .required, "What it does.")], returns: [("sgx.Task", "")],
        "A call that goes on step by step between others."),
      APIFunction(
        "run", options: [APIField("schedule", .lua("sgx.ScheduleEntry[]"), "Whose turn it is, and how far; chance decides where it ends.")],
        class: "sgx.RunOptions", returns: [("(integer|\"ksgxd\")[]", "")],
        "Runs every task to its end and returns the choices that were made, one a step."),
    ])

  private static let injectRow = APIFunction(
    "inject",
    options: [
      APIField("fault", .name("sgx.FaultName"), "What happens; or `signal`."),
      APIField("signal", .name("sgx.SignalName"), "The signal that arrives."),
      APIField(
        "at",
        .table(
          "sgx.At",
          [
            APIField("site", .name("sgx.SiteName"), "Where; may be left out where `visit` is said."),
            APIField("nth", .bits(64), "The nth visit of the site since the call; the first where nothing is said."),
            APIField("every", .bits(64), "Each nth visit of the site."),
            APIField("visit", .bits(64), "The run's nth visit of any site."),
          ]), "Where and when."),
      APIField("kind", .name("sgx.PowerCycle"), "Of fault `\"power\"`."),
      APIField("code", .name("sgx.LeafCode"), "Of fault `\"code\"`."),
      APIField("times", .count(1...Int64.max), .number(1), "How often it strikes."),
      APIField("persistent", .flag, .flag(false), "It strikes for ever."),
      APIField("address", .address, .number(0), "Of fault `\"unmap\"`."),
      APIField("length", .bytes, .number(0), "Of fault `\"unmap\"`."),
    ], class: "sgx.InjectOptions", returns: [("integer", "")], "Plans a fault and returns its number.")
}
