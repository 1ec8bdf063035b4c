import CLuaHost

extension Interpreter {
  /// Fuel not yet used; below zero when spent.
  package var fuelLeft: Int64 { luahost_fuel_left(open) }

  /// Gives new fuel and lets a state go on that ran out of fuel or memory, so that the next test of a file can run.
  package func renew(fuel: Int64) { luahost_renew(open, fuel) }

  /// Lets a state print as much again.
  package func renewOutput() { luahost_renew_output(open) }

  /// Bytes alive in the state at most so far.
  package var memoryPeak: Int { luahost_memory_peak(open) }

  /// Allocations so far; what an allocation-failure sweep counts.
  package var allocations: Int64 { luahost_allocations(open) }

  /// Whether `print` went past its limit. A scenario whose output was cut fails.
  package var outputWasCut: Bool { luahost_output_cut(open) }
}
