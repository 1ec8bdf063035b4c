import Synchronization
#if canImport(Glibc)
  import Glibc
#endif

/// `body` of every number below `count`, on up to `jobs` threads; the results in the order of the numbers.
package func inParallel<Result: Sendable>(_ count: Int, jobs: Int, _ body: (Int) -> Result) -> [Result] {
  guard jobs > 1, count > 1 else { return (0..<count).map(body) }
  return withoutActuallyEscaping(body) { body in
    let queue = WorkQueue(count: count, body)
    var threads: [pthread_t] = []
    // This thread works as well.
    for _ in 1..<min(jobs, count) {
      var thread = pthread_t()
      let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        if let context { Unmanaged<AnyWork>.fromOpaque(context).takeUnretainedValue().work() }
        return nil
      }
      // Where the system gives no more threads, those that run do the work.
      guard pthread_create(&thread, nil, entry, Unmanaged.passUnretained(queue as AnyWork).toOpaque()) == 0 else { break }
      threads.append(thread)
    }
    queue.work()
    for thread in threads { pthread_join(thread, nil) }
    return queue.finished
  }
}

private class AnyWork: @unchecked Sendable {
  func work() {}
}

/// The numbers still to be taken, and what came of the others.
private final class WorkQueue<Result: Sendable>: AnyWork, @unchecked Sendable {
  // Unchecked because `body` need not be Sendable for those who call it from one thread; here it reads only.
  private let count: Int
  private let body: (Int) -> Result
  private let next = Atomic(0)
  private let results: Mutex<[Result?]>

  init(count: Int, _ body: @escaping (Int) -> Result) {
    self.count = count
    self.body = body
    results = Mutex([Result?](repeating: nil, count: count))
  }

  override func work() {
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = body(index)
      results.withLock { $0[index] = result }
    }
  }

  var finished: [Result] {
    results.withLock { all in
      all.map { result in
        guard let result else { preconditionFailure("parallel: every number has a result") }
        return result
      }
    }
  }
}
