---@meta _
-- An enclave image. See Docs/Images.md.

---@alias sgx.LoaderName
---| "whole" # as a loader should
---| "page" # so, a page a call
---| "gramine"
---| "sdk"
---| "urts"
---| "edp"
---| "enarx"
---| "selftest"

---@class sgx.Image
---@field name string What messages call it.
---@field format string
---@field sha256 string Of the file.
---@field sigstruct string? 1,808 bytes.
---@field mrenclave string What its loader comes to.
---@field mrsigner string? Nil without a SIGSTRUCT.
---@field size integer
---@field ssa_frame_size integer
---@field attributes integer
---@field xfrm integer
---@field miscselect integer
---@field pages integer
---@field measured_pages integer
---@field removed_pages integer
---@field threads integer TCS pages.
---@field ranges integer Stretches of like pages.
local Image = {}

---@class sgx.ImageRange
---@field offset integer
---@field pages integer
---@field flags integer Of SECINFO.
---@field permissions sgx.Permissions
---@field type sgx.PageType
---@field measured boolean|"in part"
---@field removed boolean Taken out again before EINIT.
---@field role string

---A stretch of like pages, from 1, in the order of loading.
---@param number integer
---@return sgx.ImageRange
function Image:range(number) end

---A byte at an offset of the enclave.
---@param offset sgx.Number
---@return integer
function Image:byte(offset) end

---The first record that is measured otherwise.
---@class sgx.Difference
---@field record integer Records before it: 0 is ECREATE's.
---@field text string
---@field offset integer? In the enclave; of the byte where a piece's contents differ.
---@field mine string? The image's record; nil behind its last.
---@field other string?
---@field role string? What the image has there.

---The first record that another image, or an enclave of a machine with records = true, measures otherwise; nil where there is none.
---@param other sgx.Image|sgx.Enclave
---@return sgx.Difference?
function Image:difference(other) end

---The image with another byte there, and the same SIGSTRUCT.
---@param offset sgx.Number
---@param value sgx.Number
---@return sgx.Image
function Image:with_byte(offset, value) end
