---@meta _
-- An open enclave, the provisioning device, and what calls return.

---@class sgx.Enclave
---@field state "empty"|"created"|"initialized"|"dead"
---@field pages integer Slots that exist.
---@field page_count integer The driver's counter of pages.
---@field child_count integer The driver's counter of the SECS's children.
---@field version_arrays integer
---@field resident integer Slots with a page of EPC.
---@field evicted integer Slots without one.
---@field secs_resident boolean
---@field measurement string? MRENCLAVE if it ended here; nil once the EPC was lost.
---@field measured_blocks integer? Blocks of 64 bytes so far.
---@field base integer?
---@field size integer?
---@field descriptor integer
---@field attributes_mask integer Attributes that INIT will allow.
---@field mrenclave string? What EINIT wrote into the SECS.
---@field mrsigner string? What EINIT wrote into the SECS.
local Enclave = {}

---@class sgx.CreateOptions
---@field size sgx.Number Bytes, a power of two.
---@field base? sgx.Number
---@field ssa_frame_size? sgx.Number Pages; 1.
---@field attributes? sgx.Number 4, MODE64BIT, where nothing is said.
---@field xfrm? sgx.Number 3 where nothing is said.
---@field miscselect? sgx.Number
---@field argument? "readable"|"unreadable"
---@field secs? "readable"|"unreadable"
---@field reserved_byte? sgx.Number Sets a reserved byte of the SECS.

---CREATE.
---@param options sgx.CreateOptions
---@return sgx.Result
function Enclave:create(options) end

---CREATE.
---@param options sgx.CreateOptions
---@return sgx.Result
function Enclave:SGX_IOC_ENCLAVE_CREATE(options) end

---@class sgx.SecInfo
---@field type? sgx.PageType "REG" where nothing is said.
---@field permissions? sgx.Permissions
---@field flags? sgx.Number In place of type and permissions.
---@field reserved_byte? sgx.Number Sets one of 56 reserved bytes.
---@field access? "readable"|"unreadable"

---@class sgx.AddPagesOptions
---@field source sgx.Number Address in the process.
---@field offset sgx.Number Offset in the enclave.
---@field length? sgx.Number Bytes; or `pages`.
---@field pages? sgx.Number
---@field secinfo? sgx.SecInfo
---@field measure? boolean True where nothing is said.
---@field flags? sgx.Number In place of `measure`.
---@field argument? "readable"|"unreadable"|"read_only"

---ADD_PAGES.
---@param options sgx.AddPagesOptions
---@return sgx.Result
function Enclave:add_pages(options) end

---ADD_PAGES.
---@param options sgx.AddPagesOptions
---@return sgx.Result
function Enclave:SGX_IOC_ENCLAVE_ADD_PAGES(options) end

---One page from plain numbers, the fastest way.
---@param source integer
---@param offset integer
---@param secinfo_flags integer
---@param measured boolean
---@return sgx.ErrnoName? errno
---@return integer count Bytes added.
function Enclave:add_page(source, offset, secinfo_flags, measured) end

---A SIGSTRUCT for what the enclave's measurement is now.
---@param options? sgx.SigStructOptions
---@return string
function Enclave:sign(options) end

---@class sgx.InitOptions
---@field sigstruct string
---@field argument? "readable"|"unreadable"
---@field access? "readable"|"unreadable" Whether the SIGSTRUCT can be read.

---INIT.
---@param options sgx.InitOptions
---@return sgx.Result
function Enclave:init(options) end

---INIT.
---@param options sgx.InitOptions
---@return sgx.Result
function Enclave:SGX_IOC_ENCLAVE_INIT(options) end

---@class sgx.ProvisionOptions
---@field descriptor sgx.Provision|sgx.Enclave|integer
---@field argument? "readable"|"unreadable"

---PROVISION.
---@param options sgx.ProvisionOptions
---@return sgx.Result
function Enclave:provision(options) end

---PROVISION.
---@param options sgx.ProvisionOptions
---@return sgx.Result
function Enclave:SGX_IOC_ENCLAVE_PROVISION(options) end

---Any command word, without an argument.
---@param command sgx.Number
---@return sgx.Result
function Enclave:ioctl(command) end

---A second descriptor.
---@return sgx.Enclave
function Enclave:dup() end

---A descriptor for another process of the same machine.
---@param process sgx.Process
---@return sgx.Enclave
function Enclave:share(process) end

---The end of this descriptor.
---@return sgx.Result
function Enclave:close() end

---The provisioning device, which is good for PROVISION only.
---@class sgx.Provision
---@field descriptor integer
local Provision = {}

---@param command sgx.Number
---@return sgx.Result
function Provision:ioctl(command) end

---@return sgx.Provision
function Provision:dup() end

---@param process sgx.Process
---@return sgx.Provision
function Provision:share(process) end

---@return sgx.Result
function Provision:close() end

---What a call came to.
---@class sgx.Result
---@field outcome "success"|"failure"|"killed"|"stopped"|"leaf_result"|"uninitialised"|"ok"|"SIGBUS"|"SIGSEGV"|"OOM"|"retry"
---@field errno sgx.ErrnoName? Nil on success.
---@field count integer? Bytes done, as written back; nil where nothing was.
---@field restarts integer
---@field steps integer
---@field killed sgx.SignalName? The signal that ended the process.
---@field sleeps integer? INIT: how often it slept 20 ms in its last run.
---@field value integer? What the call returned where that is no errno.
---@field address integer? Of a mapping.
---@field page_fault boolean? Of an access.
---@field batches integer? Of an eviction.
---@field freed integer? Of an eviction.

---How far a load came.
---@class sgx.LoadResult
---@field ok boolean
---@field stage "open"|"create"|"add"|"provision"|"init"|"map" Where it failed, else the last.
---@field errno sgx.ErrnoName?
---@field outcome string
---@field killed sgx.SignalName? The signal that ended the process.
---@field count integer Bytes that ADD_PAGES said it added.
---@field pages integer The same in pages.
---@field calls integer
---@field restarts integer
---@field endless boolean It was stopped, as it would have gone on for ever.
---@field last sgx.Result? The last call but those of ADD_PAGES that went well.
