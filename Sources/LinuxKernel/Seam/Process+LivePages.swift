import SGXArchitecture

/// Pages of a device that a process outside reads and writes by itself. A process of the model has none.
extension Process {
  /// True where pages of a device, once resident, live in the process and not in the model.
  package var hasLivePages: Bool {
    switch seat {
    case .model: false
    case .outside: true
    }
  }

  /// A page has become resident at an address, with these bytes.
  package func place(_ contents: PageContents, at address: UserAddress) {
    switch seat {
    case .model: break
    case .outside(let process): process.place(contents, at: address)
    }
  }

  /// What the page at an address holds by now; nil where it does not live in the process.
  package func liveContents(at address: UserAddress) -> PageContents? {
    switch seat {
    case .model: nil
    case .outside(let process): process.liveContents(at: address)
    }
  }
}
