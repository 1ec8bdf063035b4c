extension APIKind {
  static let process = APIKind(
    .process, "A process: memory, mappings, signals, descriptors.",
    properties: [APIProperty("alive", "boolean", "False once a signal has ended it.")],
    functions: [
      mapRow,
      APIFunction("unmap", range, "Another thread unmaps ordinary memory; nothing is refused."),
      APIFunction(
        "protect", range + [APIField("prot", .permissions, .required, "New rights.")],
        "Another thread protects ordinary memory; nothing is refused."),
      APIFunction(
        "read", [APIField("address", .address, .required, "Where.")], returns: [("sgx.Result", "")],
        "An access from outside an enclave; the outcome is `\"ok\"`, `\"SIGBUS\"`, `\"SIGSEGV\"`, `\"OOM\"` or, where `ksgxd` is asleep by order, `\"retry\"`. No signal is delivered."),
      APIFunction(
        "write", [APIField("address", .address, .required, "Where."), APIField("bytes", .text, "What another thread writes.")],
        returns: [("sgx.Result", "")], overloads: ["fun(self: sgx.Process, address: integer, bytes: string)"],
        "Without bytes an access from outside an enclave, as `read`; with bytes another thread's writing to ordinary memory."),
      mmapRow, mprotectRow, munmapRow, ioctlRow, sigactionRow,
      APIFunction("block", signal, "Blocks a signal."),
      APIFunction("unblock", signal, "Takes that back."),
      APIFunction(
        "send", signal, "A signal from outside; in user mode it is delivered at once, during a call on the way back. To interrupt a call, inject it."),
      APIFunction(
        "open", [APIField("path", .text, "`/dev/sgx_enclave` or `/dev/sgx_provision`, in v39 `/dev/sgx/enclave` or `/dev/sgx/provision`; an enclave, wherever the driver has its device, where nothing is said.")],
        returns: [("sgx.Enclave", ""), ("sgx.Result?", "")],
        overloads: [
          "fun(self: sgx.Process, path: \"/dev/sgx_enclave\"|\"/dev/sgx/enclave\"): sgx.Enclave, sgx.Result?",
          "fun(self: sgx.Process, path: \"/dev/sgx_provision\"|\"/dev/sgx/provision\"): sgx.Provision, sgx.Result?",
        ], "An enclave, or the provisioning device; or nil and the result."),
      loadRow,
    ])

  private static let range = [
    APIField("address", .address, .required, "A multiple of 4096."), APIField("length", .bytes, .required, "A multiple of 4096."),
  ]
  private static let signal = [APIField("signal", .name("sgx.SignalName"), .required, "Its name.")]

  private static let mapRow = APIFunction(
    "map",
    options: [
      APIField("pages", .pages, "Or `length`."),
      APIField("length", .bytes, "Or `pages`."),
      APIField("address", .address, "Anywhere where nothing is said."),
      APIField("fill", .count(0...255), .number(0), "The byte that fills it."),
      APIField("bytes", .text, "What it begins with."),
      APIField("prot", .permissions, .text("r"), "Its rights."),
      APIField("noexec", .flag, .flag(false), "It may never become executable, as from a noexec mount."),
      APIField("page_frames", .flag, .flag(false), "Memory that cannot be pinned, as a device's."),
    ], class: "sgx.MapOptions", returns: [("integer", "")], "Maps memory and returns its address.")

  private static let mmapRow = APIFunction(
    "mmap",
    options: [
      APIField("enclave", .handle("enclave"), .required, "What is mapped."),
      APIField("address", .address, "The enclave's base where nothing is said."),
      APIField("length", .bytes, "The enclave's size where nothing is said; or `pages`."),
      APIField("pages", .pages, "Or `length`."),
      APIField("prot", .permissions, .text("rw"), "Rights of the mapping."),
      APIField("private", .flag, .flag(false), "MAP_PRIVATE instead of MAP_SHARED."),
      APIField("read_implies_exec", .flag, .flag(false), "The process has READ_IMPLIES_EXEC."),
    ], class: "sgx.MmapOptions", returns: [("sgx.Result", "")], "Maps an enclave; the result's `address` says where.")

  private static let mprotectRow = APIFunction(
    "mprotect",
    options: [
      APIField("address", .address, .required, "Where."),
      APIField("length", .bytes, "Or `pages`."),
      APIField("pages", .pages, "Or `length`."),
      APIField("prot", .permissions, .required, "New rights."),
      APIField("read_implies_exec", .flag, .flag(false), "The process has READ_IMPLIES_EXEC."),
    ], class: "sgx.MprotectOptions", returns: [("sgx.Result", "")], "As the system call.")

  private static let munmapRow = APIFunction(
    "munmap",
    options: [
      APIField("address", .address, .required, "Where."),
      APIField("length", .bytes, "Or `pages`."),
      APIField("pages", .pages, "Or `length`."),
    ], class: "sgx.MunmapOptions", returns: [("sgx.Result", "")], "As the system call.")

  private static let ioctlRow = APIFunction(
    "ioctl",
    [
      APIField("descriptor", .bits(64), .required, "The number of a descriptor, as `enclave.descriptor`."),
      APIField("command", .bits(64), .required, "The command word."),
      APIField("bytes", .text, "The argument, as the kernel's header lays it out; a null pointer where nothing is said."),
    ], returns: [("sgx.Result", "")],
    "ioctl(2) as a program makes it. Pointers in the bytes are addresses of the process; the result's `bytes` is the argument as it was written back.")

  private static let sigactionRow = APIFunction(
    "sigaction", signal,
    options: [
      APIField("handler", .flag, .flag(false), "A handler of the process's own."),
      APIField("restart", .flag, .flag(false), "The handler has SA_RESTART."),
      APIField("ignore", .flag, .flag(false), "It is ignored."),
      APIField("default", .flag, .flag(false), "What happens without a disposition, which is how it begins."),
    ], class: "sgx.SigactionOptions", "What a signal does.")

  private static let loadRow = APIFunction(
    "load", [APIField("image", .handle("image"), .required, "What is loaded.")],
    options: [
      APIField("loader", .lua("sgx.LoaderName|sgx.Loader"), "What it does about an interrupted ADD_PAGES: a name of `sgx.loaders()`, or a table; `\"whole\"` where nothing is said."),
      APIField("patience", .count(1...Int64.max), .number(100), "Calls in a row that add nothing, after which it is stopped."),
      APIField("enclave", .handle("enclave"), "One that is open already."),
      APIField("base", .address, "As `create` has it."),
      APIField("attributes", .bits(64), "In place of the image's."),
      APIField("xfrm", .bits(64), "In place of the image's."),
      APIField("miscselect", .bits(32), "In place of the image's."),
      APIField("sigstruct", .text, "In place of the image's."),
      APIField("provision", .descriptor, "For PROVISION, which is left out where nothing is said."),
      APIField("init", .flag, .flag(true), "False leaves INIT to the script."),
      APIField("map", .flag, .flag(false), "Maps the enclave afterwards with the rights of its pages."),
      APIField("flip", .offset, "Turns a bit over at this offset of the enclave."),
      APIField("keep_going", .flag, .flag(false), "Goes on to the next stretch, and to INIT, where a loader gives up."),
    ], class: "sgx.LoadOptions", returns: [("sgx.Enclave", ""), ("sgx.LoadResult", "")],
    "Loads an image as a loader would: opens the device, creates, adds and initialises. Returns the enclave, nil where `open` failed, and how far it came.")
}
