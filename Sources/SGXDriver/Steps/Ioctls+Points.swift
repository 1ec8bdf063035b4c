// Where ioctls and open stand between two steps; the phases are beside the code of each.

extension OpenCall {
  public static let points = [
    CallPoint(
      "enter", "Limits and path; in versions that count users the first one has EUPDATESVN run.", takes: [.devices, .users], sleeps: true),
    CallPoint("open", "The enclave object, its file and a descriptor.", held: [.devices], sleeps: true),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .open: Self.points[1]
    }
  }
}

extension CreateCall {
  public static let points = [
    CallPoint("enter", "The IOCTL bit; state; the argument and the SECS are copied.", sleeps: true),
    CallPoint("version array", "A page of EPC for the first version array, EPA; the backing file.", sleeps: true),
    CallPoint("SECS page", "A page of EPC for the SECS.", sleeps: true),
    CallPoint("ECREATE", "ECREATE, and what the enclave keeps; nothing before this could be seen."),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .versionArray: versionArrayRequest.point ?? Self.points[1]
    case .secsPage: pageRequest.point ?? Self.points[2]
    case .ecreate: Self.points[3]
    }
  }
}

extension AddPagesCall {
  public static let points = [
    CallPoint("enter", "The IOCTL bit; state; the argument and the SECINFO are copied and checked.", sleeps: true),
    CallPoint("next page", "The end of the pages, a pending signal; at the end `count` is written back.", sleeps: true),
    CallPoint("page", "A descriptor and a page of EPC; for most pages the count of version slots.", sleeps: true),
    CallPoint("version array", "For each 512th page a page of EPC and EPA.", sleeps: true),
    CallPoint(
      "insert", "A new version array is linked, the slot taken, the source found and pinned. Both locks are kept.",
      takes: [.memoryRead, .enclave], sleeps: true),
    CallPoint("insert, waiting", "The same, where `encl->lock` had to be waited for.", held: [.memoryRead], takes: [.enclave]),
    CallPoint("EADD", "EADD; the slot has its page, the count of children rises.", held: [.memoryRead, .enclave]),
    CallPoint(
      "EEXTEND", "One EEXTEND, or all sixteen where nobody else can run; after the last the page joins the reclaim queue and the locks go.",
      held: [.memoryRead, .enclave]),
    CallPoint("destroy", "v39: EIO takes the enclave with it.", takes: [.enclave]),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .nextPage: Self.points[1]
    case .allocate: pageRequest.point ?? versionArrayRequest.point ?? Self.points[stage == .versionArray ? 3 : 2]
    case .insert: Self.points[holdsMemory ? 5 : 4]
    case .add: Self.points[6]
    case .extend: Self.points[7]
    case .destroy: Self.points[8]
    }
  }
}

extension InitCall {
  public static let points = [
    CallPoint("enter", "The IOCTL bit; state; the SIGSTRUCT is copied; attributes are checked, the signer's key is hashed.", sleeps: true),
    CallPoint("first EINIT", "Launch control and EINIT. The lock is kept to the end.", takes: [.enclave]),
    CallPoint("EINIT", "Launch control and EINIT once more.", held: [.enclave]),
    CallPoint("sleep", "20 ms, after twenty tries.", held: [.enclave], sleeps: true),
    CallPoint("wake", "A pending signal, the 50th sleep.", held: [.enclave]),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .tryEINIT: Self.points[holdsEnclave ? 2 : 1]
    case .sleep: Self.points[3]
    case .wake: Self.points[4]
    }
  }
}

extension ProvisionCall {
  public static let points = [
    CallPoint("enter", "The IOCTL bit; the argument is copied.", sleeps: true),
    CallPoint("look", "The descriptor is looked up, PROVISIONKEY allowed."),
  ]

  public var point: CallPoint {
    switch phase {
    case .enter: Self.points[0]
    case .look: Self.points[1]
    }
  }
}

extension UnknownIoctlCall {
  public static let points = [CallPoint("enter", "The IOCTL bit, taken and given back; the answer.", sleeps: true)]
  public var point: CallPoint { Self.points[0] }
}
