// Where the reclaimer stands between two steps.

extension ReclaimCall {
  public static let points = [CallPoint("batch", "Whether another batch is to be done; then that batch.", sleeps: true)]
  public var point: CallPoint { batch?.point ?? Self.points[0] }
}

extension ReclaimBatch {
  public static let points = [
    CallPoint("isolate", "Up to sixteen pages go off the reclaim queue, each with a reference to its enclave."),
    CallPoint(
      "age",
      "The first address space that maps the page is asked whether it was used; its bit is cleared. Those on the enclave's list that do not map "
        + "it are looked at on the way.",
      takes: [.walk, .memoryRead], sleeps: true),
    CallPoint("age, walking", "The next address space.", held: [.walk], takes: [.memoryRead], sleeps: true),
    CallPoint("mark", "Room in the backing store, and the mark that keeps faults out.", takes: [.enclave], sleeps: true),
    CallPoint("requeue", "A page that was used goes back to the end of the queue."),
    CallPoint("let go", "Its enclave's reference is given back.", sleeps: true),
    CallPoint(
      "zap", "The page's entry goes from the first address space that maps it; on the way as above.", takes: [.walk, .memoryRead], sleeps: true),
    CallPoint(
      "zap, walking", "From the next one; once more from the first where one has come meanwhile.", held: [.walk], takes: [.memoryRead],
      sleeps: true),
    CallPoint("EBLOCK", "EBLOCK.", takes: [.enclave]),
    CallPoint(
      "EWB",
      "EWB, with ETRACK and the interrupt where it asks for them; the slot has its copy. The lock is kept where the SECS follows, and "
        + "over the interrupt.",
      takes: [.enclave], sleeps: true),
    CallPoint("EWB, interrupted", "No thread is inside any more: EWB a last time, and the slot has its copy.", held: [.enclave]),
    CallPoint("EWB of the SECS", "Room in the backing store, EWB, and the SECS's page is free.", held: [.enclave], sleeps: true),
    CallPoint("EWB of the SECS, interrupted", "The same after an interrupt.", held: [.enclave]),
    CallPoint("free", "The enclave's reference is given back, which may release it; then the page is free.", sleeps: true),
  ]

  var point: CallPoint {
    switch phase {
    case .isolate: Self.points[0]
    case .age: Self.points[walk == nil ? 1 : 2]
    case .mark: Self.points[3]
    case .requeue: Self.points[4]
    case .letGo: Self.points[5]
    case .zap: Self.points[walk == nil ? 6 : 7]
    case .block: Self.points[8]
    case .write, .done: Self.points[9]
    case .writeAgain: Self.points[10]
    case .writeSECS: Self.points[11]
    case .writeSECSAgain: Self.points[12]
    case .free: Self.points[13]
    }
  }
}

extension PageRequest {
  /// Where the batch of a call stands that evicts for it; nil where it does not.
  var point: CallPoint? { batch.first?.point }
}

extension VersionArrayRequest {
  var point: CallPoint? { page?.point }
}
