extension APIKind {
  static let sgx = APIKind(
    .sgx, "`local sgx = require \"sgx\"`",
    properties: [
      APIProperty("PAGE_SIZE", "integer", "4096."),
      APIProperty("SGX_PAGE_MEASURE", "integer", "1, the flag of ADD_PAGES that measures."),
      APIProperty("options", "table<string, any>", "The script's own options, inside tests."),
    ],
    functions: [
      machineRow, tcsRow,
      APIFunction(
        "sigstruct", options: enclaveHashIsRequired, class: "sgx.SigStructOptions", returns: [("string", "")],
        "A signed SIGSTRUCT of 1,808 bytes. Making one takes milliseconds."),
      APIFunction(
        "image", [APIField("name", .text, .required, "Of the image.")],
        options: [APIField("sha256", .text, "What its file must have, 64 hexadecimal digits.")], class: "sgx.ImageOptions", returns: [("sgx.Image", "")],
        "An image by name: of `--image NAME=PATH`, or a file beside the script. See Images.md."),
      APIFunction(
        "image_from", [APIField("bytes", .text, .required, "The file.")],
        options: [
          APIField("name", .text, .text("an image of the script"), "What messages call it."),
          APIField("sigstruct", .text, "A SIGSTRUCT of 1,808 bytes."),
        ], class: "sgx.ImageFromOptions", returns: [("sgx.Image", "")], "An image of bytes that the script has made."),
      APIFunction("loaders", returns: [("sgx.LoaderName", "...")], "The names of all loaders."),
      APIFunction("drivers", returns: [("sgx.DriverName", "...")], "The names of all drivers that `--driver all` takes; `{ sgx.drivers() }` is a list."),
      APIFunction(
        "random", [APIField("n", .count(1...Int64.max), .required, "The bound.")], returns: [("integer", "")],
        "1 to n, from the scenario's own stream of chance."),
    ])

  private static let enclaveHashIsRequired = sigStructFields.map { field in
    var field = field
    if field.key == "enclave_hash" { field.presence = .required }
    return field
  }

  private static let deviceFields = [
    APIField("mode", .text, "Permission bits, as `\"0660\"`."), APIField("user", .bits(32), "Whose it is."),
    APIField("group", .text, "Its group, by name."),
  ]

  private static let machineRow = APIFunction(
    "machine",
    options: [
      APIField("epc", .bytes, .fallback(16 << 20), "A multiple of 4 KiB up to 1 TiB."),
      APIField("numa", .list("sgx.Number"), "EPC by nodes instead, node 0 first."),
      APIField("driver", .name("sgx.DriverName|string"), "The driver, which `--driver` does not change then."),
      APIField("behaviours", .switches("sgx.Behaviours"), "Switches what the driver does; names as DriverVersions.md has them."),
      APIField("processor", .name("sgx.ProcessorName"), "`\"server\"` (SGX2) where nothing is said, `\"client\"` (SGX1), `\"server-cet\"`."),
      APIField("ksgxd", .words(["auto", "manual"]), .text("auto"), "`\"manual\"` keeps the background reclaimer asleep."),
      APIField("check", .words(["every-operation", "every-step", "never"]), .text("every-operation"), "When the laws are checked."),
      APIField("seed", .bits(64), "Of chance and schedules; that of the run where nothing is said."),
      APIField(
        "devices",
        .table(
          "sgx.DevicesOptions",
          [
            APIField("enclave", .table("sgx.DeviceOptions", deviceFields), "`/dev/sgx_enclave`."),
            APIField("provision", .table("sgx.DeviceOptions", deviceFields), "`/dev/sgx_provision`."),
            APIField("noexec", .flag, .flag(false), "The mount they lie on is noexec."),
          ]), "The devices' files: mode 0660, user 0, groups sgx and sgx_prv where nothing is said."),
      APIField("mmap_min_addr", .address, "vm.mmap_min_addr; 0x10000 where nothing is said."),
      APIField("max_map_count", .count(0...Int64(UInt32.max)), "vm.max_map_count; 65530 where nothing is said."),
      APIField("records", .flag, .flag(false), "Keeps what enclaves have measured, for `image:difference`."),
    ], class: "sgx.MachineOptions", returns: [("sgx.Machine", "")], "A machine; every field may be left out.")

  private static let tcsRow = APIFunction(
    "tcs",
    options: [
      APIField("ossa", .offset, .number(0), "Of the first SSA frame."),
      APIField("nssa", .bits(32), .number(1), "Number of SSA frames."),
      APIField("oentry", .offset, .number(0), "Of the entry point."),
      APIField("flags", .bits(64), .number(0), "FLAGS."),
      APIField("fslimit", .bits(32), .number(0xffff_ffff), "FSLIMIT."),
      APIField("gslimit", .bits(32), .number(0xffff_ffff), "GSLIMIT."),
    ], class: "sgx.TCSOptions", returns: [("string", "")], "The bytes of a TCS page.")
}
