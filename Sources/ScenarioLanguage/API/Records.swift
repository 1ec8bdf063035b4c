extension APIRecord {
  /// What a call came to.
  static let result = APIRecord(
    "a result", "sgx.Result", "What a call came to.",
    [
      APIProperty(
        "outcome",
        "\"success\"|\"failure\"|\"killed\"|\"stopped\"|\"leaf_result\"|\"uninitialised\"|\"ok\"|\"SIGBUS\"|\"SIGSEGV\"|\"OOM\"|\"retry\"",
        "`\"killed\"`: a signal ended the process; `\"stopped\"`: a finding ended the run; from `\"ok\"` on: of an access."),
      APIProperty("errno", "sgx.ErrnoName?", "Nil on success."),
      APIProperty("count", "integer?", "Bytes done, as written back; nil where nothing was."),
      APIProperty("restarts", "integer?", "How often the call was made again."),
      APIProperty("steps", "integer?", "Its steps."),
      APIProperty("killed", "sgx.SignalName?", "The signal that ended the process."),
      APIProperty("sleeps", "integer?", "INIT: how often it slept 20 ms in its last run."),
      APIProperty("value", "integer?", "What the call returned where that is no errno: 0, or in v39 a leaf's answer."),
      APIProperty("address", "integer?", "Of a mapping."),
      APIProperty("page_fault", "boolean?", "Of an access: whether there was a page fault."),
      APIProperty("batches", "integer?", "Of an eviction."),
      APIProperty("freed", "integer?", "Of an eviction."),
      APIProperty("bytes", "string?", "Of an ioctl made of bytes: the argument, where the kernel has written it back."),
    ])

  /// `machine.epc`
  static let epc = APIRecord(
    "machine.epc", "sgx.EPC", isReadOnly: true, "Pages of EPC.",
    [
      APIProperty("total", "integer", "Pages of EPC."),
      APIProperty("free", "integer", "Pages that nobody has."),
      APIProperty("leaked", "integer", "Pages that nobody can free any more."),
      APIProperty("reclaimable", "integer", "Pages that could be evicted."),
      APIProperty("valid", "integer", "Valid entries of the EPCM."),
      APIProperty("evicted", "integer", "Pages that are written out now."),
      APIProperty("evictions", "integer", "Pages written out since boot."),
    ])

  /// `machine.log`
  static let log = APIRecord(
    "machine.log", "sgx.Log", isReadOnly: true, "The kernel's log.",
    [APIProperty("warnings", "sgx.Warning[]", "Everything since boot.")])

  static let warning = APIRecord(
    "a warning", "sgx.Warning", "A line of the log.",
    [
      APIProperty("site", "sgx.WarningSite", "Which warning it is."),
      APIProperty("text", "string", "The line of the log."),
      APIProperty("value", "integer", "The code, or the number, that it tells."),
      APIProperty("tick", "integer", "When: visits of sites so far."),
    ])

  /// Of `process:load`; the prelude makes it.
  static let load = APIRecord(
    "a load's result", "sgx.LoadResult", "How far a load came.",
    [
      APIProperty("ok", "boolean", "Whether it went well."),
      APIProperty("stage", "\"open\"|\"create\"|\"add\"|\"provision\"|\"init\"|\"map\"", "Where it failed, else the last."),
      APIProperty("errno", "sgx.ErrnoName?", "Of the call that failed."),
      APIProperty("outcome", "string", "As a result has it."),
      APIProperty("killed", "sgx.SignalName?", "The signal that ended the process."),
      APIProperty("count", "integer", "Bytes that ADD_PAGES said it added."),
      APIProperty("pages", "integer", "The same in pages."),
      APIProperty("calls", "integer", "Calls that it made."),
      APIProperty("restarts", "integer", "As a result has it, in all."),
      APIProperty("endless", "boolean", "It was stopped, as it would have gone on for ever."),
      APIProperty("last", "sgx.Result?", "The last call but those of ADD_PAGES that went well."),
    ])

  /// Of `image:range`.
  static let range = APIRecord(
    "a range", "sgx.ImageRange", isReadOnly: true, "A stretch of like pages.",
    [
      APIProperty("offset", "integer", "In the enclave."),
      APIProperty("pages", "integer", "How many."),
      APIProperty("flags", "integer", "Of SECINFO."),
      APIProperty("permissions", "sgx.Permissions", "Of SECINFO."),
      APIProperty("type", "sgx.PageType", "Of SECINFO."),
      APIProperty("measured", "boolean|\"in part\"", "Whether its contents are measured."),
      APIProperty("removed", "boolean", "Taken out again before EINIT."),
      APIProperty("role", "string", "What it is for."),
    ])

  /// Of `image:difference`.
  static let difference = APIRecord(
    "a difference", "sgx.Difference", "The first record that is measured otherwise.",
    [
      APIProperty("record", "integer", "Records before it: 0 is ECREATE's."),
      APIProperty("text", "string", "In words."),
      APIProperty("offset", "integer?", "In the enclave; of the byte where a piece's contents differ."),
      APIProperty("mine", "string?", "The image's record; nil behind its last."),
      APIProperty("other", "string?", "The other's record."),
      APIProperty("role", "string?", "What the image has there."),
    ])

  /// Of `machine:task`; the prelude makes it.
  static let task = APIRecord(
    "a task", "sgx.Task", "A task.",
    [
      APIProperty("number", "integer", "Its number in schedules."),
      APIProperty("result", "any", "What its function returned; nil before it has ended."),
    ])

  /// Every record, in the order in which pages tell them.
  package static let all = [result, epc, log, warning, task, load, range, difference]
}
