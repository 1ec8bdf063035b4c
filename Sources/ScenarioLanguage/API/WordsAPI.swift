extension API {
  /// The words of a scenario that need no module. The prelude says them in Lua.
  package static let words = [
    APIFunction("describe", [name, body], "Groups tests; may be nested."),
    APIFunction(
      "it", [name, APIField("options", .lua("sgx.TestOptions"), .required, "What is said of the test."), body],
      overloads: ["fun(name: string, body: fun())"], "A test. It makes its own machines."),
    APIFunction("pending", [name], "A test to be written."),
    APIFunction("before_each", [body], "Runs ahead of each test of the group, outer ones first."),
    APIFunction("after_each", [body], "Runs after each test of the group, outer ones last."),
    APIFunction("expect", [value], returns: [("sgx.Expectation", "")], "A check that records its failure and goes on."),
    APIFunction("ensure", [value], returns: [("sgx.Expectation", "")], "A check that ends the test where it fails."),
  ]

  /// Checks, behind `expect(value)` and `ensure(value)`.
  package static let checks = [
    APIFunction(
      "equals", [APIField("expected", .lua("nil|boolean|number|string|userdata|function"), .required, "What it has to be.")],
      "The same value of the same type: 3 is neither \"3\" nor 3.0."),
    APIFunction("differs_from", [APIField("other", .lua("any"), .required, "What it must not be.")], "Any other value."),
    APIFunction("is_nil", "Nil."),
    APIFunction("is_true", "True, and nothing else that counts as true."),
    APIFunction("is_false", "False, and not nil."),
    APIFunction("one_of", [APIField("...", .lua("any"), .required, "What it may be.")], "One of these values."),
    APIFunction("is_empty", "A list or a string without anything in it."),
    APIFunction("has_length", [APIField("length", .lua("integer"), .required, "Of the list or the string.")], "A list or a string of this length."),
    APIFunction(
      "contains", [APIField("wanted", .lua("any"), .required, "What is looked for.")],
      "A part of a string, an element of a list, or a warning by its site's name."),
    APIFunction("at_most", bound, "The number itself, or the number of a list's elements."),
    APIFunction("at_least", bound, "The number itself, or the number of a list's elements."),
    APIFunction(
      "measures_as", [APIField("image", .handle("image"), .required, "With which it is compared.")],
      "An image or an enclave whose records are those of an image."),
  ]

  private static let name = APIField("name", .text, .required, "Its name.")
  private static let body = APIField("body", .lua("fun()"), .required, "What it does.")
  private static let value = APIField("value", .lua("any"), .required, "What is looked at.")
  private static let bound = [
    APIField("bound", .lua("integer"), .required, "The bound."),
    APIField("per", .lua("\"per boot\"|\"per site\""), "What is counted: `\"per boot\"` is everything, `\"per site\"` the site that has most."),
  ]
}
