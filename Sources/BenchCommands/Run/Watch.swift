import ScenarioLanguage
#if canImport(Glibc)
  import Glibc
#endif

/// `sgxbench run --watch`: runs in a process of its own each time something changed, until a signal comes.
struct Watch {
  private let request: RunRequest

  init(_ request: RunRequest) { self.request = request }

  /// Who a file is and what it was like, so that a change is seen.
  private struct Stamp: Hashable {
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  func perform() -> ExitStatus {
    Interruption.watch(waking: -1)
    while true {
      let before = stamps()
      let status = runOnce()
      if let signal = Interruption.signal { return ExitStatus(signal: signal) }
      // Without an output there is nothing to watch for.
      if status == .usage || status == .setUp || status == .output { return status }
      var output = Output(descriptor: 2)
      output.write("sgxbench: watching \(before.count == 1 ? "1 file" : "\(before.count) files"); Ctrl-C ends it\n")
      while stamps() == before {
        usleep(200_000)
        if let signal = Interruption.signal { return ExitStatus(signal: signal) }
      }
      if Terminal.showsColours(1) {
        var screen = Output(descriptor: 1)
        screen.write("\u{1b}[2J\u{1b}[H")
      }
    }
  }

  /// Every file in the folders of the scripts and beneath them counts: modules and images lie there.
  private func stamps() -> [String: Stamp] {
    var stamps: [String: Stamp] = [:]
    for path in request.paths {
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      let folder = isFolder ? path : Self.folder(of: path)
      // By the name that the folder's list gives it, so that it counts once.
      if !isFolder { stamps[folder + "/" + path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]] = Self.stamp(status) }
      for file in ScriptFolder.watched(beneath: folder) {
        if stat(file, &status) == 0 { stamps[file] = Self.stamp(status) }
      }
    }
    return stamps
  }

  private static func stamp(_ status: stat) -> Stamp {
    Stamp(inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The run in a process of its own, which is what a plain `run` would be: a scenario that crashes the bench does not end the watch. It has
  /// a process group of its own, so that a signal comes to it once, from here.
  private func runOnce() -> ExitStatus {
    let line = CommandLine.arguments
    // What stands behind -- is the script's.
    let own = line.prefix { $0 != "--" }
    var arguments: [UnsafeMutablePointer<CChar>?] = (own.filter { $0 != "--watch" } + line[own.endIndex...]).map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // Held back until the run can answer them: one that came before would end it without a report.
    var held = sigset_t()
    sigemptyset(&held)
    for signal in Interruption.signals { sigaddset(&held, signal) }
    posix_spawnattr_setsigmask(&attributes, &held)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    defer { posix_spawnattr_destroy(&attributes) }
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/proc/self/exe", nil, &attributes, arguments, environ)
    guard failure == 0 else {
      Message.write("cannot start the run: \(String(cString: strerror(failure)))")
      return .setUp
    }
    var state: Int32 = 0
    var isForwarded = false
    while waitpid(child, &state, WNOHANG) == 0 {
      if !isForwarded, let signal = Interruption.signal {
        kill(child, signal)
        isForwarded = true
      }
      usleep(20_000)
    }
    return state & 0x7f == 0 ? ExitStatus(rawValue: (state >> 8) & 0xff) ?? .failed : .failed
  }
}
