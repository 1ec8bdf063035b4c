
-- Launching: SIGSTRUCT, INIT, PROVISION.

local sigstruct_fields = {
  enclave_hash = true, attributes = true, attributes_mask = true, xfrm = true, xfrm_mask = true, miscselect = true,
  misc_mask = true, cet_attributes = true, cet_attributes_mask = true, vendor = true, date = true, swdefined = true,
  isvprodid = true, isvsvn = true, isvfamilyid = true, isvextprodid = true, key = true, edit = true, edit_signed = true,
}

-- Bytes of a field: as many as it has, or twice as many hexadecimal digits; nil is zeros.
local function field_bytes(owner, name, value, length)
  value = text(owner, name, value) or string.rep("\0", length)
  if #value == length then return value end
  return host.from_hex(owner .. ": field '" .. name .. "'", value, length)
end

local edit_fields = { at = true, byte = true }

-- Sets single bytes of an image: { { at = 44, byte = 1 }, ... }.
local function edited(owner, image, edits)
  if edits == nil then return image end
  if type(edits) ~= "table" then fail(owner .. ": expected a list of { at, byte }, got " .. type(edits)) end
  check_list(owner, edits)
  for _, edit in ipairs(edits) do
    fields(owner, edit, edit_fields)
    local at, byte = whole(owner, "at", edit.at), whole(owner, "byte", edit.byte)
    if at < 0 or at >= #image then fail(owner .. ": field 'at' is 0 to " .. #image - 1 .. ", got " .. at) end
    if byte < 0 or byte > 255 then fail(owner .. ": field 'byte' is 0 to 255, got " .. byte) end
    image = string.sub(image, 1, at) .. string.char(byte) .. string.sub(image, at + 2)
  end
  return image
end

local function sigstruct(owner, options)
  local function number(name, default, bits) return unsigned(owner, name, options[name], default, bits) end
  if options.enclave_hash == nil then fail(owner .. ": field 'enclave_hash' is missing") end
  local image = string.pack(
    "<I8I8 I4I4 I8I8 I4",
    0xe100000006, 0x10000, number("vendor", 0, 32), number("date", 0x20260101, 32), 0x6000000101, 0x100000060,
    number("swdefined", 0, 32))
  image = image .. string.rep("\0", 128 - #image) .. string.rep("\0", 384) .. string.pack("<I4", 3) .. string.rep("\0", 384)
    .. string.pack(
      "<I4I4 BB", number("miscselect", 0, 32), number("misc_mask", 0, 32), number("cet_attributes", 0, 8),
      number("cet_attributes_mask", 0, 8))
    .. "\0\0" .. field_bytes(owner, "isvfamilyid", options.isvfamilyid, 16)
    .. string.pack("<i8i8 i8i8", number("attributes", 4, 64), number("xfrm", 3, 64), number("attributes_mask", 0, 64), number("xfrm_mask", 0, 64))
    .. field_bytes(owner, "enclave_hash", options.enclave_hash, 32) .. string.rep("\0", 16)
    .. field_bytes(owner, "isvextprodid", options.isvextprodid, 16)
    .. string.pack("<I2I2", number("isvprodid", 0, 16), number("isvsvn", 0, 16)) .. string.rep("\0", 780)
  image = edited(owner .. ": field 'edit_signed'", image, options.edit_signed)
  return edited(owner .. ": field 'edit'", host.sign(image, text(owner, "key", options.key) or "test"), options.edit)
end

-- A SIGSTRUCT, 1808 bytes, signed with one of the bench's own keys. `edit_signed` sets bytes ahead of signing, `edit` behind it.
function sgx.sigstruct(options, ...)
  fields("sgx.sigstruct", options, sigstruct_fields)
  no_more("sgx.sigstruct", 1, ...)
  return sigstruct("sgx.sigstruct", options)
end

-- The same for what the enclave's measurement is now.
function enclave:sign(options, ...)
  expect_self(self, "enclave", "sign", 1, ...)
  options = fields("enclave:sign", options or {}, sigstruct_fields)
  local copy = {}
  for name in rawnext, options do copy[name] = options[name] end
  if copy.enclave_hash == nil then
    copy.enclave_hash = self.measurement
    if copy.enclave_hash == nil then fail("enclave:sign: there is no measurement: the enclave is not created, or its EPC was lost") end
  end
  return sigstruct("enclave:sign", copy)
end

local init_fields = { sigstruct = true, argument = true, access = true }

function enclave:init(options, ...)
  expect_self(self, "enclave", "init", 1, ...)
  fields("enclave:init", options, init_fields)
  if options.sigstruct == nil then fail("enclave:init: field 'sigstruct' is missing") end
  return result(host.init(
    self, text("enclave:init", "sigstruct", options.sigstruct),
    access("enclave:init", "argument", options.argument, readable), access("enclave:init", "access", options.access, readable)))
end

local provision_fields = { descriptor = true, argument = true }

function enclave:provision(options, ...)
  expect_self(self, "enclave", "provision", 1, ...)
  fields("enclave:provision", options, provision_fields)
  local descriptor = options.descriptor
  if type(descriptor) == "userdata" then descriptor = descriptor.descriptor end
  return result(host.provision(
    self, whole("enclave:provision", "descriptor", descriptor), access("enclave:provision", "argument", options.argument, readable)))
end

enclave.SGX_IOC_ENCLAVE_INIT = enclave.init
enclave.SGX_IOC_ENCLAVE_PROVISION = enclave.provision

-- /dev/sgx_provision: nothing can be done with it but pass it on.

local provision = types.provision

function provision:ioctl(command, ...)
  expect_self(self, "provision", "ioctl", 1, ...)
  return result(host.provision_ioctl(self, whole("provision:ioctl", "command", command)))
end

function provision:close(...)
  expect_self(self, "provision", "close", 0, ...)
  return result(host.provision_close(self, where(1)))
end

properties("provision", { descriptor = host.provision_descriptor })

