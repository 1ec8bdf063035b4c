// Where calls about mappings, accesses and close stand between two steps.

extension MmapCall {
  public static let points = [
    CallPoint("enter", "The file; what lies in a fixed range goes. The lock is kept to the end.", takes: [.memoryWrite], sleeps: true),
    CallPoint("check", "Rights are compared with those of 4096 slots.", held: [.memoryWrite], takes: [.enclave]),
    CallPoint(
      "map", "At the process's first mapping: its place in the enclave's list, the notifier, a pending signal. Then the mapping.",
      held: [.memoryWrite], sleeps: true),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .check: Self.points[1]
    case .map: Self.points[2]
    }
  }
}

extension MprotectCall {
  public static let points = [
    CallPoint("enter", "The range, and as `mapping` for the first one.", takes: [.memoryWrite, .enclave], sleeps: true),
    CallPoint(
      "mapping", "The next mapping, or the next 4096 slots of an enclave's: rights are compared, then changed.", held: [.memoryWrite],
      takes: [.enclave], sleeps: true),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .mapping: Self.points[1]
    }
  }
}

extension MunmapCall {
  public static let points = [CallPoint("enter", "The range goes, with its entries.", takes: [.memoryWrite], sleeps: true)]
  public var point: CallPoint { Self.points[0] }
}

extension AccessCall {
  public static let points = [
    CallPoint(
      "touch", "With an entry there is no fault. Otherwise the mapping, and whether the page is there, without `encl->lock`.",
      takes: [.memoryRead], sleeps: true),
    CallPoint(
      "page", "The page is looked up again. A resident one is mapped; for an evicted one a page of EPC is taken.", held: [.memoryRead],
      takes: [.enclave]),
    CallPoint(
      "load", "The backing store is read, ELDU; the SECS first where it was evicted too. Then the page is mapped.",
      held: [.memoryRead, .enclave], sleeps: true),
    CallPoint("augment", "EAUG with all it needs, and the page is mapped.", held: [.memoryRead], takes: [.enclave], sleeps: true),
  ]

  public var point: CallPoint {
    switch phase {
    case .touch: Self.points[0]
    case .load: Self.points[holdsEnclave ? 2 : 1]
    case .augment: Self.points[3]
    }
  }
}

extension CloseCall {
  public static let points = [
    CallPoint("enter", "The descriptor goes; with the last one, every address space goes off the enclave's list.", sleeps: true),
    CallPoint("synchronize", "Walks of the list that are under way end; the references are given back.", takes: [.readers], sleeps: true),
    CallPoint("pages", "The next page: EREMOVE, and the free list."),
    CallPoint("SECS", "The SECS, where no child is counted."),
    CallPoint("version arrays", "The next version array."),
    CallPoint("end", "Warnings of what is left; the object goes; in versions that count users, one less.", sleeps: true),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .synchronize: Self.points[1]
    case .slots: Self.points[2]
    case .secs: Self.points[3]
    case .versionArrays: Self.points[4]
    case .warnings: Self.points[5]
    }
  }
}
