extension APIKind {
  static let provision = APIKind(
    .provision, "The provisioning device, which is good for PROVISION only.",
    properties: [APIProperty("descriptor", "integer", "The number of this descriptor.")],
    functions: [
      APIFunction(
        "ioctl", [APIField("command", .bits(64), .required, "The command word.")], returns: [("sgx.Result", "")],
        "Any command word, without an argument."),
      APIFunction("dup", returns: [("sgx.Provision", "")], "A second descriptor."),
      APIFunction(
        "share", [APIField("process", .handle("process"), .required, "The receiver.")], returns: [("sgx.Provision", "")],
        "A descriptor for another process of the same machine."),
      APIFunction("close", returns: [("sgx.Result", "")], "The end of this descriptor."),
    ])
}
