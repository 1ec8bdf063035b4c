#if canImport(Glibc)
  import Glibc
#endif
import ScenarioLanguage

/// Which file somebody may have meant.
enum NearestName {
  /// The entry of the path's own folder whose name differs least from the path's last part, as a path; nil where none is near.
  static func path(like path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let wanted = parts.last, !wanted.isEmpty, wanted.utf8.count <= 255 else { return nil }
    let folder = parts.dropLast().joined(separator: "/")
    let root = folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
    guard let name = NearestWord.nearest(to: Array(wanted.utf8), among: entries(of: root)) else { return nil }
    return path.utf8.dropLast(wanted.utf8.count).isEmpty ? name : String(path.dropLast(wanted.count)) + name
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
}
