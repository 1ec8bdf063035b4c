---@meta _
-- A process: memory, mappings, signals, descriptors.

---@class sgx.Process
---@field alive boolean False once a signal has ended it.
local Process = {}

---@class sgx.MapOptions
---@field pages? sgx.Number How many pages; or `length`.
---@field length? sgx.Number How many bytes.
---@field address? sgx.Number Where; anywhere without it.
---@field fill? sgx.Number The byte that fills it; 0.
---@field bytes? string What it begins with.
---@field prot? sgx.Permissions "r" where nothing is said.
---@field noexec? boolean It may never become executable, as from a noexec mount.
---@field page_frames? boolean Memory that cannot be pinned, as a device's.

---Maps memory and returns its address.
---@param options sgx.MapOptions
---@return integer
function Process:map(options) end

---Another thread unmaps ordinary memory; nothing is refused.
---@param address integer
---@param length integer
function Process:unmap(address, length) end

---Another thread protects ordinary memory; nothing is refused.
---@param address integer
---@param length integer
---@param prot sgx.Permissions
function Process:protect(address, length, prot) end

---An access from outside an enclave; the outcome is "ok", "SIGBUS", "SIGSEGV", "OOM" or "retry".
---@param address sgx.Number
---@return sgx.Result
function Process:read(address) end

---Without bytes an access from outside an enclave; with bytes another thread's writing to ordinary memory.
---@overload fun(self: sgx.Process, address: integer, bytes: string)
---@param address sgx.Number
---@return sgx.Result
function Process:write(address) end

---@class sgx.MmapOptions
---@field enclave sgx.Enclave
---@field address? sgx.Number The enclave's base where nothing is said.
---@field length? sgx.Number The enclave's size where nothing is said; or `pages`.
---@field pages? sgx.Number
---@field prot? sgx.Permissions "rw" where nothing is said.
---@field private? boolean MAP_PRIVATE instead of MAP_SHARED.
---@field read_implies_exec? boolean The process has READ_IMPLIES_EXEC.

---Maps an enclave; the result's `address` says where.
---@param options sgx.MmapOptions
---@return sgx.Result
function Process:mmap(options) end

---@class sgx.MprotectOptions
---@field address sgx.Number
---@field length? sgx.Number Or `pages`.
---@field pages? sgx.Number
---@field prot sgx.Permissions
---@field read_implies_exec? boolean The process has READ_IMPLIES_EXEC.

---@param options sgx.MprotectOptions
---@return sgx.Result
function Process:mprotect(options) end

---@class sgx.MunmapOptions
---@field address sgx.Number
---@field length? sgx.Number Or `pages`.
---@field pages? sgx.Number

---@param options sgx.MunmapOptions
---@return sgx.Result
function Process:munmap(options) end

---@class sgx.SigactionOptions
---@field handler? boolean A handler of the process's own.
---@field restart? boolean The handler has SA_RESTART.
---@field ignore? boolean
---@field default? boolean What happens without a disposition.

---@param signal sgx.SignalName
---@param options sgx.SigactionOptions
function Process:sigaction(signal, options) end

---@param signal sgx.SignalName
function Process:block(signal) end

---@param signal sgx.SignalName
function Process:unblock(signal) end

---A signal from outside. To interrupt a call, inject it.
---@param signal sgx.SignalName
function Process:send(signal) end

---An enclave, wherever the driver has its device; or nil and the result.
---@overload fun(self: sgx.Process, path: "/dev/sgx_enclave"|"/dev/sgx/enclave"): sgx.Enclave, sgx.Result?
---@overload fun(self: sgx.Process, path: "/dev/sgx_provision"|"/dev/sgx/provision"): sgx.Provision, sgx.Result?
---@return sgx.Enclave
---@return sgx.Result?
function Process:open() end

---@class sgx.LoadOptions
---@field loader? sgx.LoaderName|sgx.Loader What it does about an interrupted ADD_PAGES; "whole".
---@field enclave? sgx.Enclave One that is open already, which a task needs.
---@field base? sgx.Number
---@field attributes? sgx.Number In place of the image's.
---@field xfrm? sgx.Number In place of the image's.
---@field miscselect? sgx.Number In place of the image's.
---@field sigstruct? string In place of the image's.
---@field provision? sgx.Provision|integer A descriptor for PROVISION.
---@field init? boolean False leaves INIT to the script.
---@field map? boolean Maps the enclave afterwards with the rights of its pages.
---@field flip? sgx.Number Turns a bit over at this offset of the enclave.
---@field keep_going? boolean Goes on where a loader gives up.
---@field patience? sgx.Number Calls in a row that added nothing before it is stopped; 100.

---A loader of the script's own.
---@class sgx.Loader
---@field pages? sgx.Number Pages a call; all of a stretch without it.
---@field short? "continue"|"same-source"|"done" What it does after a success that added less.
---@field retry? sgx.ErrnoName[] After which it calls again.
---@field progress? "use"|"go-on" What it does with a count beside an errno.

---Loads an image as a loader would. Returns the enclave, nil where open failed, and how far it came.
---@param image sgx.Image
---@param options? sgx.LoadOptions
---@return sgx.Enclave
---@return sgx.LoadResult
function Process:load(image, options) end
