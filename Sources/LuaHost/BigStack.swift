import CLuaHost

/// Runs `body` on a stack of 256 MiB. Scripts run there: see `stack.c`.
package func onBigStack<Result>(_ body: () -> Result) -> Result {
  var result: Result?
  withoutActuallyEscaping({ result = body() }) { escapable in
    let work = Work(run: escapable)
    let made = luahost_run_on_big_stack(
      { context in Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue().run() },
      Unmanaged.passUnretained(work).toOpaque())
    precondition(made, "the system gives no stack of 256 MiB")
  }
  guard let result else { preconditionFailure("the body ended without a result") }
  return result
}

private final class Work {
  let run: () -> Void
  init(run: @escaping () -> Void) { self.run = run }
}
