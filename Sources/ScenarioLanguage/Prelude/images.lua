-- The module "sgx.images": enclave images, and loading them. It is read together with loaders.lua, in this order, as one chunk, when
-- later.lua first asks for it.

local whole, text, flag = image_tools.whole, image_tools.text, image_tools.flag
local images = {}
local image = types.image

-- The image of a name: named on the command line, or a file beside the script.
function images.image(name, options, ...)
  no_more("sgx.image", 2, ...)
  if type(name) ~= "string" then fail("sgx.image: a name is a string, got " .. type(name)) end
  options = read_options["sgx.image"](options)
  local pin = options.sha256
  if pin ~= nil then
    host.from_hex("sgx.image: field 'sha256'", pin, 32)
    pin = string.lower(pin)
  end
  -- A script may pin the name in the table it returns too.
  local pinned = image_pins[name]
  if pin ~= nil and pinned ~= nil and pin ~= pinned then fail("sgx.image: '" .. name .. "' is pinned twice, to different digests") end
  local found = host.image(name, pin or pinned)
  images_opened[name] = found
  return found
end

-- An image of bytes that the script has made.
function images.image_from(bytes, options, ...)
  no_more("sgx.image_from", 2, ...)
  if type(bytes) ~= "string" then fail("sgx.image_from: an image is a string of bytes, got " .. type(bytes)) end
  options = read_options["sgx.image_from"](options)
  return host.image_from(bytes, options.name, options.sigstruct)
end

-- In the order of host.image_facts.
local facts = {
  "name", "format", "size", "pages", "measured_pages", "removed_pages", "threads", "ranges", "ssa_frame_size", "attributes", "xfrm",
  "miscselect",
}
local looks = {
  mrenclave = host.image_mrenclave, mrsigner = host.image_mrsigner, sigstruct = host.image_sigstruct, sha256 = host.image_sha256,
}
for position, name in ipairs(facts) do
  looks[name] = function(self) return (select(position, host.image_facts(self))) end
end
properties("image", looks)

local measured_words = { all = true, none = false, some = "in part" }

-- One stretch of like pages, in the order of loading.
function image:range(index, ...)
  expect_self(self, "image", "range", 1, ...)
  local offset, pages, flags, permissions, kind, measured, removed, role =
    host.image_range(self, host.whole_number("image:range: the number", index))
  return frozen({
    offset = offset, pages = pages, flags = flags, permissions = permissions, type = kind, measured = measured_words[measured],
    removed = removed, role = role,
  }, "a range")
end

function image:byte(offset, ...)
  expect_self(self, "image", "byte", 1, ...)
  return host.image_byte(self, host.whole_number("image:byte: the offset", offset))
end

local difference_fields = { record = true, text = true, offset = true, mine = true, other = true, role = true }
local difference_meta = {
  __record = "a difference", __tostring = fields_text,
  __index = function(_, name)
    if difference_fields[name] then return nil end
    fail("a difference has no field '" .. tostring(name) .. "'" .. suggest(tostring(name), difference_fields))
  end,
}

-- The first record in which loading this image measures otherwise than loading another one, or than an enclave did; nil where there is
-- none.
function image:difference(other, ...)
  expect_self(self, "image", "difference", 1, ...)
  local kind = type(other) == "userdata" and rawgetmetatable(other).__name
  if kind ~= "image" and kind ~= "enclave" then fail("image:difference: expected an image or an enclave, got " .. (kind or type(other))) end
  local record, words, offset, mine, others, role = host.image_difference(self, other, kind)
  if record == nil then return nil end
  return rawsetmetatable({ record = record, text = words, offset = offset, mine = mine, other = others, role = role }, difference_meta)
end

-- The image with another byte at an offset of the enclave. Its SIGSTRUCT stays what it was.
function image:with_byte(offset, value, ...)
  expect_self(self, "image", "with_byte", 2, ...)
  return host.image_with_byte(
    self, host.whole_number("image:with_byte: the offset", offset), host.whole_number("image:with_byte: the byte", value))
end
