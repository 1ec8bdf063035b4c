---@meta sgx
-- local sgx = require "sgx". See Docs/ScenarioReference.md.

---A whole number, or text with a unit or a base: "256 KiB", "0x8000000000000000".
---@alias sgx.Number integer|string

---r, w and x in any order; "" is nothing.
---@alias sgx.Permissions ""|"r"|"rw"|"rx"|"rwx"|"x"|"w"|string

---@class sgx
---@field PAGE_SIZE integer 4096.
---@field options table<string, any> The script's own options, inside tests.
---@field SGX_PAGE_MEASURE integer 1, the flag of ADD_PAGES that measures.
local sgx = {}

---@class sgx.MachineOptions
---@field epc? sgx.Number Bytes of EPC, a multiple of 4 KiB up to 1 TiB; 16 MiB.
---@field numa? sgx.Number[] EPC by nodes instead, node 0 first.
---@field driver? sgx.DriverName|string The driver, which --driver does not change then.
---@field behaviours? sgx.Behaviours Switches what the driver does.
---@field processor? sgx.ProcessorName "server" (SGX2) where nothing is said.
---@field ksgxd? "auto"|"manual" "manual" keeps the background reclaimer asleep.
---@field check? "every-operation"|"every-step"|"never" When the laws are checked.
---@field seed? sgx.Number Seed of chance and schedules.
---@field records? boolean Keeps the records of measurements, for image:difference.

---A machine; every field may be left out.
---@param options? sgx.MachineOptions
---@return sgx.Machine
function sgx.machine(options) end

---@class sgx.TCSOptions
---@field ossa? sgx.Number Offset of the first SSA frame.
---@field nssa? sgx.Number Number of SSA frames; 1.
---@field oentry? sgx.Number Offset of the entry point.
---@field flags? sgx.Number
---@field fslimit? sgx.Number 0xffffffff where nothing is said.
---@field gslimit? sgx.Number 0xffffffff where nothing is said.

---The bytes of a TCS page.
---@param options sgx.TCSOptions
---@return string
function sgx.tcs(options) end

---A byte to be set.
---@class sgx.Edit
---@field at sgx.Number Offset in the SIGSTRUCT.
---@field byte sgx.Number 0 to 255.

---@class sgx.SigStructOptions
---@field enclave_hash? string MRENCLAVE: 32 bytes or 64 hexadecimal digits. enclave:sign knows it.
---@field attributes? sgx.Number 4 where nothing is said.
---@field attributes_mask? sgx.Number
---@field xfrm? sgx.Number 3 where nothing is said.
---@field xfrm_mask? sgx.Number
---@field miscselect? sgx.Number
---@field misc_mask? sgx.Number
---@field cet_attributes? sgx.Number
---@field cet_attributes_mask? sgx.Number
---@field vendor? sgx.Number
---@field date? sgx.Number 0x20260101 where nothing is said.
---@field swdefined? sgx.Number
---@field isvprodid? sgx.Number
---@field isvsvn? sgx.Number
---@field isvfamilyid? string 16 bytes or 32 hexadecimal digits.
---@field isvextprodid? string 16 bytes or 32 hexadecimal digits.
---@field key? "test"|"other" Which of the bench's two keys signs it.
---@field edit_signed? sgx.Edit[] Bytes set ahead of signing.
---@field edit? sgx.Edit[] Bytes set behind it.

---A signed SIGSTRUCT of 1,808 bytes. Making one takes milliseconds.
---@param options sgx.SigStructOptions
---@return string
function sgx.sigstruct(options) end

---An image by name: of --image NAME=PATH, or a file beside the script.
---@param name string
---@param options? sgx.Pin
---@return sgx.Image
function sgx.image(name, options) end

---@class sgx.ImageFromOptions
---@field name? string What messages call it.
---@field sigstruct? string A SIGSTRUCT of 1,808 bytes.

---An image of bytes that the script has made.
---@param bytes string
---@param options? sgx.ImageFromOptions
---@return sgx.Image
function sgx.image_from(bytes, options) end

---The names of all loaders.
---@return sgx.LoaderName ...
function sgx.loaders() end

---The names of all driver versions.
---@return sgx.DriverName ...
function sgx.drivers() end

---1 to n, from the scenario's own stream of chance.
---@param n integer
---@return integer
function sgx.random(n) end

return sgx
