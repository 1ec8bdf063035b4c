import CLuaHost

/// Runs `body` on a thread with a stack of 256 MiB and waits for it. Scripts run there: see `thread.c`.
package func onBigStack<Result>(_ body: () -> Result) -> Result {
  var result: Result?
  withoutActuallyEscaping({ result = body() }) { escapable in
    let work = Work(run: escapable)
    let made = luahost_run_on_big_stack(
      { context in Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue().run() },
      Unmanaged.passUnretained(work).toOpaque())
    precondition(made, "memory: the system gives no thread with a stack of 256 MiB")
  }
  guard let result else { preconditionFailure("thread-result: a thread that was waited for has a result") }
  return result
}

/// Starts `body` on a thread with such a stack that nobody waits for; `onBigStack` then runs on that stack. False where the system
/// gives no such thread.
package func startOnBigStack(_ body: @escaping @Sendable () -> Void) -> Bool {
  let work = Unmanaged.passRetained(Work(run: body))
  let made = luahost_start_on_big_stack({ Unmanaged<Work>.fromOpaque($0!).takeRetainedValue().run() }, work.toOpaque())
  if !made { work.release() }
  return made
}

private final class Work {
  let run: () -> Void
  init(run: @escaping () -> Void) { self.run = run }
}
