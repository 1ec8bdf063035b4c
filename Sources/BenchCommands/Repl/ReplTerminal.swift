import CLineEditor
import LuaHost
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Lines that are typed, with editing, a history and completion (libedit).
final class ReplTerminal: ReplLines {
  private let editor: OpaquePointer
  private let completion: ReplCompletion
  private let stopSwitch: StopSwitch
  private let history = ReplHistory.path()
  /// How often Ctrl-C was pressed since the prompt was shown, or its line given.
  private static let interrupts = Atomic<Int>(0)

  /// Nil where the library cannot have the terminal.
  init?(_ stopSwitch: StopSwitch, _ completion: ReplCompletion) {
    let context = Unmanaged.passUnretained(completion).toOpaque()
    guard
      let editor = line_editor_open(
        "sgxbench",
        { context, editor, line, _, cursor in
          let completion = Unmanaged<ReplCompletion>.fromOpaque(context!).takeUnretainedValue()
          let typed = UnsafeBufferPointer(start: line, count: cursor).map { UInt8(bitPattern: $0) }
          let found = completion.complete(typed)
          if !found.insertion.isEmpty { line_editor_insert(editor, found.insertion) }
          if !found.choices.isEmpty { line_editor_list(editor, found.choices) }
        }, context)
    else { return nil }
    self.editor = editor
    self.completion = completion
    self.stopSwitch = stopSwitch
    if let history { line_editor_load_history(editor, history) }
    // A handler must not be the first to touch it.
    Self.interrupts.store(0, ordering: .relaxed)
    // The switch lives as long as this object does, and no signal comes through behind `deinit`.
    line_editor_catch_interrupts(
      { context in
        // An input that is at work in the model looks at no switch. Whoever asks twice means it.
        if ReplTerminal.interrupts.add(1, ordering: .relaxed).oldValue > 0 { _exit(ExitStatus.interrupted.rawValue) }
        Unmanaged<StopSwitch>.fromOpaque(context!).takeUnretainedValue().requestFromSignalHandler("stopped by Ctrl-C")
      },
      Unmanaged.passUnretained(stopSwitch).toOpaque())
    line_editor_block_signals(false)
  }

  deinit {
    line_editor_block_signals(true)
    // A folder that is not there, or nobody's to write, is no reason to bother the person who just leaves.
    if let history { _ = line_editor_save_history(editor, history) }
    line_editor_close(editor)
  }

  func next(isFirst: Bool) -> ReplLine {
    Self.interrupts.store(0, ordering: .relaxed)
    defer { Self.interrupts.store(0, ordering: .relaxed) }
    var (line, length): (UnsafePointer<CChar>?, Int) = (nil, 0)
    switch line_editor_read(editor, isFirst ? "> " : ">> ", &line, &length) {
    case LINE_EDITOR_LINE:
      let bytes = UnsafeBufferPointer(start: line, count: length).map { UInt8(bitPattern: $0) }
      (bytes + [0]).withUnsafeBufferPointer { buffer in
        buffer.withMemoryRebound(to: CChar.self) { line_editor_remember(editor, $0.baseAddress) }
      }
      return .line(bytes)
    case LINE_EDITOR_INTERRUPTED: return .interrupted
    default:
      Output.newLine()
      return .end
    }
  }
}

extension Output {
  /// Behind the prompt at which a session ends.
  fileprivate static func newLine() {
    var output = Output(descriptor: 1)
    output.write("\n")
  }
}

/// Where a session's history is.
enum ReplHistory {
  /// `$XDG_STATE_HOME/sgxbench/history`, by default below `~/.local/state`; nil without a home. Its folder is made.
  static func path() -> String? {
    guard let state = state() else { return nil }
    var folder = ""
    for part in "\(state)/sgxbench".split(separator: "/") {
      folder += "/\(part)"
      mkdir(folder, 0o700)
    }
    return "\(folder)/history"
  }

  /// The folder for what programs remember (XDG Base Directory Specification); relative paths count as none.
  private static func state() -> String? {
    if let folder = getenv("XDG_STATE_HOME").map({ String(cString: $0) }), folder.hasPrefix("/") { return folder }
    guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else { return nil }
    return "\(home)/.local/state"
  }
}

/// Signals of the terminal go to the thread on which a session runs, and to no other: a read on another thread would not end.
enum ReplInterrupts {
  static func onBigStack(_ body: () -> ExitStatus) -> ExitStatus {
    guard isTerminal(0), isTerminal(1) else { return LuaHost.onBigStack(body) }
    line_editor_block_signals(true)
    return LuaHost.onBigStack(body)
  }
}
