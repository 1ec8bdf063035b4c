extension FileResult {
  /// Some tests of a file, for a reporter that is told of them one by one.
  package init(name: String, tests: [TestResult]) {
    self.init(name: name)
    self.tests = tests
    selected = tests.count
  }
}
