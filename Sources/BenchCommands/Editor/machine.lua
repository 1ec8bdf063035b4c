---@meta _
-- A machine, its tasks, and the faults that strike it.

---@class sgx.EPC
---@field total integer Pages of EPC.
---@field free integer
---@field leaked integer Pages that nobody can free any more.
---@field reclaimable integer Pages that could be evicted.
---@field valid integer Valid entries of the EPCM.
---@field evicted integer Pages that are written out now.
---@field evictions integer Pages written out since boot.

---@class sgx.Warning
---@field site sgx.WarningSite Which warning it is.
---@field text string The line of the log.
---@field value integer The code, or the number, that it tells.
---@field tick integer When: visits of sites so far.

---@class sgx.Log
---@field warnings sgx.Warning[] Everything since boot.

---@class sgx.Machine
---@field epc sgx.EPC Pages of EPC now.
---@field log sgx.Log The kernel's log.
---@field findings sgx.FindingName[] Broken laws and other findings so far.
---@field clock integer Visits of sites so far.
---@field driver string The driver's name.
---@field behaviours sgx.Behaviours What the driver does.
local Machine = {}

---@class sgx.ProcessOptions
---@field node? sgx.Number The NUMA node it runs on; 0.

---A process without memory.
---@param options? sgx.ProcessOptions
---@return sgx.Process
function Machine:process(options) end

---Loses the EPC now.
---@param kind? sgx.PowerCycle "S3" where nothing is said.
function Machine:power_cycle(kind) end

---Newer microcode, which EUPDATESVN may take over.
function Machine:update_microcode() end

---@class sgx.At
---@field site? sgx.SiteName Where; may be left out where `visit` is said.
---@field nth? sgx.Number The nth visit of the site since the call; 1.
---@field every? sgx.Number Each nth visit of the site.
---@field visit? sgx.Number The run's nth visit of any site.

---@class sgx.InjectOptions
---@field fault? sgx.FaultName What happens; or `signal`.
---@field signal? sgx.SignalName The signal that arrives.
---@field at? sgx.At Where and when.
---@field kind? sgx.PowerCycle Of fault "power".
---@field code? sgx.LeafCode Of fault "code".
---@field times? sgx.Number How often it strikes; 1.
---@field persistent? boolean It strikes for ever.
---@field address? sgx.Number Of fault "unmap".
---@field length? sgx.Number Of fault "unmap".

---Plans a fault and returns its number.
---@param options sgx.InjectOptions
---@return integer
function Machine:inject(options) end

---How often a planned fault struck.
---@param number integer
---@return integer
function Machine:struck(number) end

---Takes back every planned fault.
function Machine:cancel_injections() end

---Visits of a site, or of all.
---@param site? sgx.SiteName
---@return integer
function Machine:visits(site) end

---The last n events, all that are kept without n, oldest first.
---@param n? integer
---@return string[]
function Machine:trace(n) end

---@class sgx.BatchOptions
---@field batches? sgx.Number Batches of sixteen pages.

---Evicts batches of pages now; one where nothing is said.
---@param options? sgx.BatchOptions
---@return sgx.Result
function Machine:reclaim(options) end

---What ksgxd does when it is woken: batches until 64 pages are free, 64 batches where nothing is said.
---@param options? sgx.BatchOptions
---@return sgx.Result
function Machine:ksgxd(options) end

---@class sgx.Task
---@field number integer Its number in schedules.
---@field result any What its function returned; nil before it has ended.

---A call that goes on step by step between others.
---@param body fun(): any
---@return sgx.Task
function Machine:task(body) end

---One step of a task, by its number, or of the kernel's own thread; or a task that goes on to a site, to the "end" of a call, or to its
---"restart", the nth time.
---@alias sgx.ScheduleEntry integer|"ksgxd"|{ [1]: integer|"ksgxd", to: string, nth: integer? }

---@class sgx.RunOptions
---@field schedule? sgx.ScheduleEntry[] Whose turn it is, and how far; chance decides where it ends.

---Runs every task to its end and returns the choices that were made, one a step.
---@param options? sgx.RunOptions
---@return (integer|"ksgxd")[]
function Machine:run(options) end
