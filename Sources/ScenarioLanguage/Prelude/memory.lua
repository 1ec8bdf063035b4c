
-- Memory of a process, enclave mappings, accesses from outside, eviction.

local map_fields = {
  address = true, pages = true, length = true, fill = true, bytes = true, prot = true, noexec = true, page_frames = true,
}

-- Maps memory and returns its address.
function process:map(options, ...)
  expect_self(self, "process", "map", 1, ...)
  fields("process:map", options, map_fields)
  if (options.pages == nil) == (options.length == nil) then fail("process:map: say either 'pages' or 'length'") end
  local length = options.pages ~= nil and page_bytes("process:map", options.pages) or whole("process:map", "length", options.length)
  return host.map(
    self, options.address ~= nil and whole("process:map", "address", options.address) or nil, length,
    text("process:map", "prot", options.prot) or "r", whole("process:map", "fill", options.fill, 0),
    text("process:map", "bytes", options.bytes), flag("process:map", "noexec", options.noexec, false),
    flag("process:map", "page_frames", options.page_frames, false))
end

local mmap_fields = {
  enclave = true, address = true, length = true, pages = true, prot = true, private = true, read_implies_exec = true,
}
local range_fields = { address = true, length = true, pages = true, prot = true, read_implies_exec = true }

local function length_of(owner, options, default)
  if options.pages ~= nil and options.length ~= nil then fail(owner .. ": say either 'pages' or 'length'") end
  if options.pages ~= nil then return page_bytes(owner, options.pages) end
  return whole(owner, "length", options.length, default)
end

-- Maps an enclave, by default all of it at its base. The result has the address.
function process:mmap(options, ...)
  expect_self(self, "process", "mmap", 1, ...)
  fields("process:mmap", options, mmap_fields)
  local target = options.enclave
  if target == nil then fail("process:mmap: field 'enclave' is missing") end
  local owner = "process:mmap"
  return result(host.mmap(
    self, target, options.address ~= nil and whole(owner, "address", options.address) or target.base,
    length_of(owner, options, target.size), text(owner, "prot", options.prot) or "rw", flag(owner, "private", options.private, false),
    flag(owner, "read_implies_exec", options.read_implies_exec, false)))
end

function process:mprotect(options, ...)
  expect_self(self, "process", "mprotect", 1, ...)
  fields("process:mprotect", options, range_fields)
  local owner = "process:mprotect"
  if options.prot == nil then fail(owner .. ": field 'prot' is missing") end
  return result(host.mprotect(
    self, whole(owner, "address", options.address), length_of(owner, options), text(owner, "prot", options.prot),
    flag(owner, "read_implies_exec", options.read_implies_exec, false)))
end

function process:munmap(options, ...)
  expect_self(self, "process", "munmap", 1, ...)
  fields("process:munmap", options, { address = true, length = true, pages = true })
  local owner = "process:munmap"
  return result(host.munmap(self, whole(owner, "address", options.address), length_of(owner, options)))
end

-- One access from outside an enclave, with its page fault. What is read from an enclave is all ones; only the outcome matters.
function process:read(address, ...)
  expect_self(self, "process", "read", 1, ...)
  return result(host.access(self, whole("process:read", "address", address), "read"))
end

local write_bytes = process.write

-- Without bytes one access; with bytes another thread's writing, which no fault stops.
function process:write(address, bytes, ...)
  expect_self(self, "process", "write", 2, ...)
  if bytes ~= nil then return write_bytes(self, address, bytes) end
  return result(host.access(self, whole("process:write", "address", address), "write"))
end

-- Batches of sixteen pages, written out now as ksgxd would.
function machine:reclaim(options, ...)
  expect_self(self, "machine", "reclaim", 1, ...)
  options = fields("machine:reclaim", options or {}, { batches = true })
  return result(host.reclaim(self, whole("machine:reclaim", "batches", options.batches, 1), false))
end

-- ksgxd, awake: batches until 64 pages are free or none is left to evict.
function machine:ksgxd(options, ...)
  expect_self(self, "machine", "ksgxd", 1, ...)
  options = fields("machine:ksgxd", options or {}, { batches = true })
  return result(host.reclaim(self, whole("machine:ksgxd", "batches", options.batches, 64), true))
end
