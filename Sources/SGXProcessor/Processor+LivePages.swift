import SGXArchitecture

extension Processor {
  /// Takes over what a page holds by now, where it is written by a program that really runs and not by the model's processor.
  /// The measurement is not concerned: it was made of what EADD copied.
  public mutating func refresh(_ page: PhysPageNumber, with contents: PageContents) { epc[page] = contents }
}
