extension APIKind {
  static let image = APIKind(
    .image, "An enclave image; see Images.md.",
    properties: [
      APIProperty("name", "string", "What messages call it."),
      APIProperty("format", "string", "Of the file."),
      APIProperty("sha256", "string", "Of the file."),
      APIProperty("sigstruct", "string?", "1,808 bytes."),
      APIProperty("mrenclave", "string", "What its loader comes to."),
      APIProperty("mrsigner", "string?", "Nil without a SIGSTRUCT."),
      APIProperty("size", "integer", "What CREATE is given."),
      APIProperty("ssa_frame_size", "integer", "What CREATE is given."),
      APIProperty("attributes", "integer", "What CREATE is given."),
      APIProperty("xfrm", "integer", "What CREATE is given."),
      APIProperty("miscselect", "integer", "What CREATE is given."),
      APIProperty("pages", "integer", "Pages that are added."),
      APIProperty("measured_pages", "integer", "Pages that are measured."),
      APIProperty("removed_pages", "integer", "Pages that are taken out again before EINIT."),
      APIProperty("threads", "integer", "TCS pages."),
      APIProperty("ranges", "integer", "Stretches of like pages."),
    ],
    functions: [
      APIFunction(
        "range", [APIField("number", .bits(64), .required, "From 1.")], returns: [("sgx.ImageRange", "")],
        "A stretch of like pages, in the order of loading."),
      APIFunction(
        "byte", [APIField("offset", .offset, .required, "In the enclave.")], returns: [("integer", "")], "A byte at an offset of the enclave."),
      APIFunction(
        "difference", [APIField("other", .lua("sgx.Image|sgx.Enclave"), .required, "What it is compared with.")],
        returns: [("sgx.Difference?", "")],
        "The first record that another image, or an enclave of a machine with `records = true`, measures otherwise; nil where there is none."),
      APIFunction(
        "with_byte", [APIField("offset", .offset, .required, "In the enclave."), APIField("value", .count(0...255), .required, "The byte.")],
        returns: [("sgx.Image", "")], "The image with another byte there, and the same SIGSTRUCT."),
    ])
}
