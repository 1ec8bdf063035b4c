import SGXArchitecture

extension Processor {
  /// Makes an entry valid; the leaf has checked that it was not.
  mutating func validate(_ page: PhysPageNumber, as entry: EPCMEntry) {
    if epcm.withElement(page.rawValue, { $0.validate(as: entry) }) { validPageCount += 1 }
  }

  /// Makes an entry invalid and clears it and its page, so that dumps do not show what hardware leaves behind.
  mutating func invalidate(_ page: PhysPageNumber) {
    let old = epcm.withElement(page.rawValue) { $0.clear() }
    guard old.isValid else { return }
    if old.isStamped { blockEpochs[page.rawValue] = 0 }
    if old.type == .va { versions.clear(page) }
    epc[page] = .zero
    validPageCount -= 1
  }

  /// Takes a free place for a record and returns its index.
  mutating func keep(_ record: SECSRecord) -> UInt32 {
    if let free = secsRecords.firstIndex(where: { $0 == nil }) {
      secsRecords[free] = record
      return UInt32(free)
    }
    secsRecords.append(record)
    return UInt32(secsRecords.count - 1)
  }

  /// What is kept with the SECS in a page; nil where the page holds no valid SECS.
  public func secsRecord(at page: PhysPageNumber) -> SECSRecord? {
    let entry = epcm[page.rawValue]
    return entry.isValid && entry.type == .secs ? secsRecords[Int(entry.secsIndex)] : nil
  }

  /// Changes the hidden state of one enclave in place.
  mutating func withSECSRecord<Result>(_ index: UInt32, _ body: (inout SECSRecord) -> Result) -> Result {
    precondition(secsRecords[Int(index)] != nil, "epcm-secs: a valid entry names a live SECS")
    return body(&secsRecords[Int(index)]!)
  }
}
