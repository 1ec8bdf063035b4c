// What the public signatures of this module name, so that `import ScenarioLanguage` is enough to run scenarios. By name, as in
// Testbench; a program that drives machines itself imports Testbench as well.

@_exported import enum Simulation.Event
@_exported import enum Simulation.Injection
@_exported import struct Simulation.InjectionTrigger
@_exported import struct SGXDriver.DriverVersion
@_exported import struct Testbench.Machine
@_exported import struct Testbench.Observation
@_exported import struct Testbench.SweepPoint
