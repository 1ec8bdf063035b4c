// What the public signatures of this module name, so that `import Testbench` is enough for a program that embeds it. By name, not by
// module: the modules below mark parts of themselves `public` for the page path alone, and some of their names (`Process`,
// `Environment`, `Measurement`) would collide with those of other libraries.

@_exported import struct SGXArchitecture.AttributeFlags
@_exported import struct SGXArchitecture.ByteCount
@_exported import struct SGXArchitecture.Digest
@_exported import struct SGXArchitecture.EnclaveOffset
@_exported import enum SGXArchitecture.LeafError
@_exported import enum SGXArchitecture.LeafName
@_exported import struct SGXArchitecture.LinearAddress
@_exported import struct SGXArchitecture.MiscSelect
@_exported import struct SGXArchitecture.PagePermissions
@_exported import enum SGXArchitecture.PageType
@_exported import struct SGXArchitecture.SECS
@_exported import struct SGXArchitecture.SecInfo
@_exported import struct SGXArchitecture.SigStruct
@_exported import struct SGXArchitecture.SigningKey
@_exported import struct SGXArchitecture.UserAddress
@_exported import struct SGXArchitecture.XFRM
@_exported import let SGXArchitecture.pageSize

@_exported import enum Simulation.AllocationKind
@_exported import enum Simulation.BenchLaw
@_exported import enum Simulation.Event
@_exported import enum Simulation.InjectedFault
@_exported import enum Simulation.Injection
@_exported import struct Simulation.InjectionTrigger
@_exported import struct Simulation.LeafResult
@_exported import enum Simulation.PowerCycleKind
@_exported import struct Simulation.SignalNumber
@_exported import struct Simulation.Site
@_exported import struct Simulation.SiteSet
@_exported import struct Simulation.Tick
@_exported import enum Simulation.UserCopyKind

@_exported import struct SGXProcessor.EPCSection
@_exported import struct SGXProcessor.ProcessorProfile

@_exported import enum LinuxKernel.Errno
@_exported import struct LinuxKernel.Credentials
@_exported import struct LinuxKernel.Device
@_exported import struct LinuxKernel.DeviceFileSystem
@_exported import struct LinuxKernel.DeviceNode
@_exported import struct LinuxKernel.FileDescriptor
@_exported import struct LinuxKernel.KernelWarning
@_exported import struct LinuxKernel.MemorySettings
@_exported import struct LinuxKernel.ProcessID
@_exported import struct LinuxKernel.ResourceLimits
@_exported import enum LinuxKernel.SignalDisposition

@_exported import struct SGXDriver.AccessCall
@_exported import struct SGXDriver.AddPagesCall
@_exported import struct SGXDriver.AddPagesRequest
@_exported import struct SGXDriver.CloseCall
@_exported import struct SGXDriver.CreateCall
@_exported import struct SGXDriver.CreateRequest
@_exported import struct SGXDriver.DriverVersion
@_exported import enum SGXDriver.EnclaveState
@_exported import enum SGXDriver.Finding
@_exported import struct SGXDriver.InitCall
@_exported import struct SGXDriver.InitRequest
@_exported import struct SGXDriver.MmapCall
@_exported import struct SGXDriver.MmapRequest
@_exported import struct SGXDriver.MprotectCall
@_exported import struct SGXDriver.MunmapCall
@_exported import struct SGXDriver.OpenCall
@_exported import enum SGXDriver.Operation
@_exported import struct SGXDriver.ProvisionCall
@_exported import struct SGXDriver.ProvisionRequest
@_exported import struct SGXDriver.ReclaimCall
