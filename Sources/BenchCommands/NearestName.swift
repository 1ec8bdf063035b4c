#if canImport(Glibc)
  import Glibc
#endif

/// Which file somebody may have meant.
enum NearestName {
  /// The entry of the path's own folder whose name differs least from the path's last part, as a path; nil where none is near.
  static func path(like path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let wanted = parts.last, !wanted.isEmpty, wanted.utf8.count <= 255 else { return nil }
    let folder = parts.dropLast().joined(separator: "/")
    let root = folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
    guard let name = nearest(to: Array(wanted.utf8), among: entries(of: root)) else { return nil }
    return path.utf8.dropLast(wanted.utf8.count).isEmpty ? name : String(path.dropLast(wanted.count)) + name
  }

  /// Of names as near as each other, the first in byte order.
  private static func nearest(to wanted: [UInt8], among names: [String]) -> String? {
    var best: (name: String, distance: Int)?
    let limit = wanted.count < 4 ? 1 : wanted.count < 8 ? 2 : 3
    for name in names {
      let found = distance(wanted, Array(name.utf8))
      guard found <= limit else { continue }
      if let best, (best.distance, best.name) <= (found, name) { continue }
      best = (name, found)
    }
    return best?.name
  }

  private static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < 10_000, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Letters inserted, removed or replaced.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var last = Array(0...b.count)
    for i in a.indices {
      var now = [i + 1]
      for j in b.indices { now.append(min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, now[j] + 1)) }
      last = now
    }
    return last[b.count]
  }
}
