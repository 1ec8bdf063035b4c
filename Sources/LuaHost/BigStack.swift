import CLuaHost

/// Runs `body` on a thread with a stack of 256 MiB and waits for it. Scripts run there: see `thread.c`.
package func onBigStack<Result>(_ body: () -> Result) -> Result {
  var result: Result?
  withoutActuallyEscaping({ result = body() }) { escapable in
    let work = Work(run: escapable)
    let made = luahost_run_on_big_stack(
      { context in Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue().run() },
      Unmanaged.passUnretained(work).toOpaque())
    precondition(made, "the system gives no thread with a stack of 256 MiB")
  }
  guard let result else { preconditionFailure("the thread ended without a result") }
  return result
}

private final class Work {
  let run: () -> Void
  init(run: @escaping () -> Void) { self.run = run }
}
