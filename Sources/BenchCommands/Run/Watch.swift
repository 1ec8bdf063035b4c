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
    WatchSignals.watch()
    while true {
      let before = stamps()
      let status = runOnce()
      if let signal = WatchSignals.signal ?? status.signal { return ExitStatus(signal: signal) }
      var output = Output(descriptor: 2)
      output.write("sgxbench: watching \(before.count == 1 ? "1 file" : "\(before.count) files"); Ctrl-C ends it\n")
      while stamps() == before {
        usleep(200_000)
        if let signal = WatchSignals.signal { return ExitStatus(signal: signal) }
        if getppid() == 1, isTerminal(0) { return .hungUp }
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
      if !isFolder { stamps[path] = Self.stamp(status) }
      let folder = isFolder ? path : Self.folder(of: path)
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

  /// The run in a child process: a fork of this one, which has no other threads.
  private func runOnce() -> (code: Int32, signal: Int32?) {
    var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.filter { $0 != "--watch" }.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    guard posix_spawn(&child, "/proc/self/exe", nil, nil, arguments, environ) == 0 else {
      Message.write("cannot start the run: \(String(cString: strerror(errno)))")
      exit(ExitStatus.setUp.rawValue)
    }
    WatchSignals.began(child)
    defer { WatchSignals.ended() }
    var state: Int32 = 0
    while waitpid(child, &state, 0) < 0, errno == EINTR {}
    let code = (state >> 8) & 0xff
    return (code, state & 0x7f != 0 ? state & 0x7f : code == 130 ? SIGINT : code == 143 ? SIGTERM : nil)
  }
}
