import CLuaHost

extension Interpreter {
  /// Fuel not yet used; below zero when spent.
  package var fuelLeft: Int64 { luahost_fuel_left(open) }

  /// Gives new fuel and lets a state go on that ran out of fuel or memory, so that the next test of a file can run.
  package func renew(fuel: Int64) { luahost_renew(open, fuel) }

  /// Lets a state print as much again.
  package func renewOutput() { luahost_renew_output(open) }

  /// Bytes alive in the state now, and at most so far.
  package var memoryUsed: Int { luahost_memory_used(open) }
  package var memoryPeak: Int { luahost_memory_peak(open) }

  /// Allocations so far; what an allocation-failure sweep counts.
  package var allocations: Int64 { luahost_allocations(open) }

  /// Whether `print` went past its limit. A scenario whose output was cut fails.
  package var outputWasCut: Bool { luahost_output_cut(open) }

  /// Ends the running script from another thread.
  package func requestStop(_ reason: String) { stopSwitch.request(reason) }

  /// Hands over the handles Lua no longer holds, so that their slots can be given back. When that is must not show.
  package func drainReleased(_ body: (_ type: Int32, _ slot: Int, _ generation: UInt32) -> Void) {
    var (type, slot, generation) = (Int32(0), Int64(0), UInt32(0))
    while luahost_next_released(open, &type, &slot, &generation) { body(type, Int(slot), generation) }
  }
}
