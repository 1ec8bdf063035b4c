import Synchronization

/// Bytecode of trusted sources, made in this process. Only the second use of a source pays for making it: a process that runs
/// one script never does. Scripts cannot reach it and cannot give bytecode.
enum PreludeCache {
  private struct Entry {
    let name: String
    let source: [UInt8]
    var bytecode: [UInt8]?
  }

  // A list: there are a handful of sources, and a dictionary's first use costs a start-up a twentieth.
  private static let entries = Mutex<[Entry]>([])

  enum Answer {
    case unseen
    case seen
    case compiled([UInt8])
  }

  static func look(_ name: String, _ source: [UInt8]) -> Answer {
    entries.withLock { entries in
      guard let entry = entries.first(where: { $0.name == name && $0.source == source }) else {
        entries.removeAll { $0.name == name }
        entries.append(Entry(name: name, source: source, bytecode: nil))
        return .unseen
      }
      return entry.bytecode.map { .compiled($0) } ?? .seen
    }
  }

  static func keep(_ name: String, _ source: [UInt8], _ bytecode: [UInt8]) {
    entries.withLock { entries in
      entries.removeAll { $0.name == name }
      entries.append(Entry(name: name, source: source, bytecode: bytecode))
    }
  }
}
