import SGXArchitecture

extension APIKind {
  static let readable = APIType.words(["readable", "unreadable"])

  static let enclave = APIKind(
    .enclave, "An open enclave.",
    properties: [
      APIProperty("state", "\"empty\"|\"created\"|\"initialized\"|\"dead\"", "`\"dead\"` in v39 only."),
      APIProperty("pages", "integer", "Slots that exist."),
      APIProperty("page_count", "integer", "The driver's counter of pages."),
      APIProperty("child_count", "integer", "The driver's counter of the SECS's children."),
      APIProperty("version_arrays", "integer", "Version arrays."),
      APIProperty("resident", "integer", "Slots with a page of EPC."),
      APIProperty("evicted", "integer", "Slots without one."),
      APIProperty("secs_resident", "boolean", "Whether the SECS has a page of EPC."),
      APIProperty("measurement", "string?", "MRENCLAVE if it ended here; nil once the EPC was lost."),
      APIProperty("measured_blocks", "integer?", "Blocks of 64 bytes so far; nil once the EPC was lost."),
      APIProperty("base", "integer?", "Its address; nil before CREATE."),
      APIProperty("size", "integer?", "Its range in bytes; nil before CREATE."),
      APIProperty("descriptor", "integer", "The number of this descriptor."),
      APIProperty("attributes_mask", "integer", "Attributes that INIT will allow; PROVISION adds 0x10."),
      APIProperty("mrenclave", "string?", "What EINIT wrote into the SECS; nil before, and once the EPC was lost."),
      APIProperty("mrsigner", "string?", "What EINIT wrote into the SECS; nil before, and once the EPC was lost."),
    ],
    functions: [
      createRow, addPagesRow, addPageRow, signRow, initRow, provisionRow,
      APIFunction(
        "ioctl", [APIField("command", .bits(64), .required, "The command word.")], returns: [("sgx.Result", "")],
        "Any command word, without an argument."),
      APIFunction("dup", returns: [("sgx.Enclave", "")], "A second descriptor."),
      APIFunction(
        "share", [APIField("process", .handle("process"), .required, "The receiver.")], returns: [("sgx.Enclave", "")],
        "A descriptor for another process of the same machine, as a message over a socket brings it."),
      APIFunction("close", returns: [("sgx.Result", "")], "The end of this descriptor."),
    ])

  private static let createRow = APIFunction(
    "create", aliases: ["SGX_IOC_ENCLAVE_CREATE"],
    options: [
      APIField("size", .bytes, .required, "Of the enclave's range, a power of two."),
      APIField("base", .address, "The next free place that is aligned to the size where nothing is said."),
      APIField("ssa_frame_size", .bits(32), .number(1), "Pages of a frame."),
      APIField("attributes", .bits(64), .number(4), "4 is MODE64BIT."),
      APIField("xfrm", .bits(64), .number(3), "State that may be used."),
      APIField("miscselect", .bits(32), .number(0), "What an exit saves beside it."),
      APIField("argument", readable, .text("readable"), "Whether the argument of the ioctl can be copied."),
      APIField("secs", readable, .text("readable"), "Whether the SECS can be copied."),
      APIField("reserved_byte", .bits(64), "Sets a reserved byte of the SECS."),
    ], class: "sgx.CreateOptions", returns: [("sgx.Result", "")], "CREATE.")

  private static let addPagesRow = APIFunction(
    "add_pages", aliases: ["SGX_IOC_ENCLAVE_ADD_PAGES"],
    options: [
      APIField("source", .address, .required, "In the process."),
      APIField("offset", .offset, .required, "In the enclave."),
      APIField("length", .bytes, "Or `pages`."),
      APIField("pages", .pages, "Or `length`."),
      APIField("secinfo", .table("sgx.SecInfo", secInfoFields), "What the pages are."),
      APIField("measure", .flag, .flag(true), "Whether their contents are measured."),
      APIField("flags", .bits(64), "In place of `measure`."),
      APIField(
        "argument", .words(["readable", "unreadable", "read_only"]), .text("readable"),
        "Whether the argument of the ioctl can be copied; `\"read_only\"`: `count` cannot be written back."),
    ], class: "sgx.AddPagesOptions", returns: [("sgx.Result", "")], "ADD_PAGES.")

  static let secInfoFields = [
    APIField("type", .name("sgx.PageType"), .text("REG"), "Of page."),
    APIField("permissions", .permissions, .text(""), "What enclave code may do with it."),
    APIField("flags", .bits(64), "In place of type and permissions."),
    APIField("reserved_byte", .count(0...55), "Sets one of 56 reserved bytes."),
    APIField("access", readable, .text("readable"), "Whether the SECINFO can be copied."),
  ]

  private static let addPageRow = APIFunction(
    "add_page",
    [
      APIField("source", .address, .required, "In the process."),
      APIField("offset", .offset, .required, "In the enclave."),
      APIField("secinfo_flags", .bits(64), .required, "FLAGS of the SECINFO."),
      APIField("measured", .flag, .required, "Whether it is measured."),
    ], returns: [("sgx.ErrnoName?", "errno"), ("integer", "count")],
    "One page from plain numbers, the fastest way. Returns errno or nil, and the bytes added.")

  private static let signRow = APIFunction(
    "sign", options: sigStructFields, class: "sgx.SigStructOptions", returns: [("string", "")],
    "`sgx.sigstruct` for what the enclave's measurement is now.")

  private static let initRow = APIFunction(
    "init", aliases: ["SGX_IOC_ENCLAVE_INIT"],
    options: [
      APIField("sigstruct", .text, .required, "1,808 bytes."),
      APIField("argument", readable, .text("readable"), "Whether the argument of the ioctl can be copied."),
      APIField("access", readable, .text("readable"), "Whether the SIGSTRUCT can be copied."),
    ], class: "sgx.InitOptions", returns: [("sgx.Result", "")], "INIT.")

  private static let provisionRow = APIFunction(
    "provision", aliases: ["SGX_IOC_ENCLAVE_PROVISION"],
    options: [
      APIField("descriptor", .descriptor, .required, "Of the provisioning device."),
      APIField("argument", readable, .text("readable"), "Whether the argument of the ioctl can be copied."),
    ], class: "sgx.ProvisionOptions", returns: [("sgx.Result", "")], "PROVISION.")

  /// Of `sgx.sigstruct` and `enclave:sign`.
  static let sigStructFields = [
    APIField("enclave_hash", .binary(32), "MRENCLAVE; `enclave:sign` knows it."),
    APIField("attributes", .bits(64), .number(4), "What the enclave must have, under its mask."),
    APIField("attributes_mask", .bits(64), .number(0), "Bits of `attributes` that count."),
    APIField("xfrm", .bits(64), .number(3), "What the enclave must have, under its mask."),
    APIField("xfrm_mask", .bits(64), .number(0), "Bits of `xfrm` that count."),
    APIField("miscselect", .bits(32), .number(0), "What the enclave must have, under its mask."),
    APIField("misc_mask", .bits(32), .number(0), "Bits of `miscselect` that count."),
    APIField("cet_attributes", .bits(8), .number(0), "What the enclave must have, under its mask."),
    APIField("cet_attributes_mask", .bits(8), .number(0), "Bits of `cet_attributes` that count."),
    APIField("vendor", .bits(32), .number(0), "VENDOR."),
    APIField("date", .bits(32), .number(0x2026_0101), "Year, month and day in hexadecimal."),
    APIField("swdefined", .bits(32), .number(0), "SWDEFINED."),
    APIField("isvprodid", .bits(16), .number(0), "ISVPRODID."),
    APIField("isvsvn", .bits(16), .number(0), "ISVSVN."),
    APIField("isvfamilyid", .binary(16), "ISVFAMILYID; zeros where nothing is said."),
    APIField("isvextprodid", .binary(16), "ISVEXTPRODID; zeros where nothing is said."),
    APIField("key", .name("\"test\"|\"other\""), .text("test"), "Which of the bench's two keys signs it, `\"test\"` or `\"other\"`."),
    APIField("edit_signed", .tables("sgx.Edit", editFields), "Bytes set ahead of signing."),
    APIField("edit", .tables("sgx.Edit", editFields), "Bytes set behind it."),
  ]

  private static let editFields = [
    APIField("at", .count(0...Int64(SigStruct.size - 1)), .required, "Offset in the SIGSTRUCT."),
    APIField("byte", .count(0...255), .required, "What stands there."),
  ]
}
