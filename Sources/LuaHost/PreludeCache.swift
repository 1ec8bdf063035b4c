import Synchronization

/// Bytecode of trusted sources, made in this process. Only the second use of a source pays for making it: a process that runs
/// one script never does. Scripts cannot reach it and cannot give bytecode.
enum PreludeCache {
  private struct Entry {
    let source: [UInt8]
    var bytecode: [UInt8]?
  }

  private static let entries = Mutex<[String: Entry]>([:])

  enum Answer {
    case unseen
    case seen
    case compiled([UInt8])
  }

  static func look(_ name: String, _ source: [UInt8]) -> Answer {
    entries.withLock { entries in
      guard let entry = entries[name], entry.source == source else {
        entries[name] = Entry(source: source, bytecode: nil)
        return .unseen
      }
      return entry.bytecode.map { .compiled($0) } ?? .seen
    }
  }

  static func keep(_ name: String, _ source: [UInt8], _ bytecode: [UInt8]) {
    entries.withLock { $0[name] = Entry(source: source, bytecode: bytecode) }
  }
}
