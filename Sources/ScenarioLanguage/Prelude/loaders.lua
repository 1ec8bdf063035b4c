-- process:load. A loader is what it does about the answers of ADD_PAGES; Docs/Images.md says which real ones these are.
--   pages     at most so many pages a call; all of a range without it
--   short     a success that added less: "continue" behind it; "same-source" behind it, with the source's first bytes again;
--             "done": taken for all
--   retry     errnos after which it calls again
--   progress  what an errno leaves in `count`: "use": what was added is left out of the next call; "go-on": so, and any errno is
--             passed over where something was added; without it: the next call is made as before

local loaders = {
  whole = { short = "continue", retry = { EINTR = true, EAGAIN = true }, progress = "use" },
  page = { pages = 1, short = "continue", retry = { EINTR = true, EAGAIN = true }, progress = "use" },
  gramine = { short = "continue", retry = { EINTR = true } },
  sdk = { short = "same-source", retry = { EBUSY = true, EAGAIN = true }, progress = "go-on" },
  urts = { pages = 1, short = "same-source", retry = { EBUSY = true, EAGAIN = true }, progress = "go-on" },
  edp = { pages = 1, short = "done", retry = {} },
  enarx = { short = "done", retry = {} },
  selftest = { short = "done", retry = {} },
}

-- The names of all loaders, in the order of the alphabet.
function images.loaders(...)
  no_more("sgx.loaders", 0, ...)
  local names = {}
  for name in rawnext, loaders do names[#names + 1] = name end
  table.sort(names)
  return table.unpack(names)
end

local loader_fields = { pages = true, short = true, retry = true, progress = true }
local shorts = { continue = true, ["same-source"] = true, done = true }
local progresses = { use = true, ["go-on"] = true }

local function one_of(owner, name, value, allowed, default)
  value = text(owner, name, value)
  if value == nil then return default end
  if not allowed[value] then fail(owner .. ": field '" .. name .. "' has no value '" .. value .. "'" .. suggest(value, allowed)) end
  return value
end

-- A loader by name, or one of the script's own.
local function chosen(loader)
  if loader == nil then return loaders.whole end
  if type(loader) == "string" then
    return loaders[loader] or fail("process:load: no loader is called '" .. loader .. "'" .. suggest(loader, loaders))
  end
  local owner = "process:load: field 'loader'"
  fields(owner, loader, loader_fields)
  local retry = {}
  if loader.retry ~= nil and type(loader.retry) ~= "table" then fail(owner .. ": field 'retry' is a list of errnos") end
  check_list(owner .. ": field 'retry'", loader.retry or {})
  for index = 1, #(loader.retry or {}) do retry[loader.retry[index]] = true end
  local pages = loader.pages ~= nil and whole(owner, "pages", loader.pages) or nil
  if pages and (pages < 1 or pages > 1 << 31) then fail(owner .. ": field 'pages' is 1 to 2^31, got " .. pages) end
  return {
    pages = pages, retry = retry, short = one_of(owner, "short", loader.short, shorts, "continue"),
    progress = one_of(owner, "progress", loader.progress, progresses),
  }
end

local load_result_fields = { ok = true, stage = true, errno = true, outcome = true, count = true, pages = true, calls = true,
  restarts = true, endless = true, last = true, killed = true }
local load_result_meta = {
  __record = "a load's result", __tostring = fields_text,
  __index = function(_, name)
    if load_result_fields[name] then return nil end
    fail("a load's result has no field '" .. tostring(name) .. "'" .. suggest(tostring(name), load_result_fields))
  end,
}

-- Takes in one call of a stage. True where it went well; the first that did not is what the load ended with.
local function took(state, stage, call)
  state.calls = state.calls + 1
  state.restarts = state.restarts + (call.restarts or 0)
  state.last = call
  if state.ok then state.stage, state.outcome = stage, call.outcome end
  if call.outcome == "success" then return true end
  if state.ok then
    state.ok, state.errno, state.killed = false, call.outcome == "failure" and call.errno or nil, call.killed
  end
  return false
end

-- One piece of a range, of as many pages as the loader asks for at a time; false where it gives up.
local function add_piece(enclave, loader, state, source, offset, length, flags, measure)
  local idle = 0
  while length > 0 do
    local call = enclave:add_pages {
      source = source, offset = offset, length = length, secinfo = { flags = flags }, flags = measure,
    }
    local outcome = call.outcome
    local errno = outcome == "failure" and call.errno or nil
    -- A loader sets it to 0 before it calls.
    local count = call.count or 0
    state.calls, state.restarts, state.count = state.calls + 1, state.restarts + (call.restarts or 0), state.count + count
    idle = count > 0 and 0 or idle + 1
    local goes_on = outcome == "success"
      or outcome == "failure" and (loader.retry[errno] or loader.progress == "go-on" and count > 0)
    if goes_on and idle >= state.patience then state.endless, goes_on = true, false end
    if not goes_on then
      if state.ok then
        state.ok, state.stage, state.errno, state.outcome, state.killed = false, "add", errno, outcome, call.killed
      end
      state.last = call
      return false
    end
    if outcome ~= "success" and not loader.progress then count = 0 end
    if outcome == "success" and loader.short == "done" then count = length end
    offset, length = offset + count, length - count
    if loader.short ~= "same-source" then source = source + count end
  end
  return true
end

local function add_range(enclave, loader, state, source, offset, pages, flags, measured)
  local measure, step = measured and 1 or 0, loader.pages or pages
  for first = 0, pages - 1, step do
    local count = step < pages - first and step or pages - first
    if not add_piece(enclave, loader, state, source + first * 4096, offset + first * 4096, count * 4096, flags, measure) then
      return false
    end
  end
  return true
end

-- The enclave's whole range without rights, then each stretch with what its pages may have; a TCS is read and written by the processor.
local function map_enclave(self, image, enclave, state)
  if not took(state, "map", self:mmap { enclave = enclave, prot = "" }) then return false end
  for index = 1, image.ranges do
    local range = image:range(index)
    local prot = range.type == "TCS" and "rw" or range.permissions
    local call = self:mprotect { address = enclave.base + range.offset, length = range.pages * 4096, prot = prot }
    if not took(state, "map", call) then return false end
  end
  return true
end

local function lost(state) return state.outcome == "killed" or state.outcome == "stopped" end

local function add_all(self, image, enclave, loader, state, keep_going)
  local window, length = host.image_window(self, image)
  for index = 1, image.ranges do
    host.map_image_range(self, image, index, window)
    local offset, pages, flags, _, _, measured = host.image_range(image, index)
    local added = add_range(enclave, loader, state, window, offset, pages, flags, measured == "all")
    if not added and (lost(state) or not keep_going) then break end
  end
  if state.killed == nil then self:unmap(window, length) end
  if state.ok then state.stage, state.outcome = "add", "success" end
  return state.ok or keep_going and not lost(state)
end

local function finish(state)
  state.pages, state.patience = state.count // 4096, nil
  return rawsetmetatable(state, load_result_meta)
end

-- Loads an image as a loader would: open, CREATE, ADD_PAGES, PROVISION, INIT, mmap. Returns the enclave, and how far it came.
function images.load(self, image, options, ...)
  expect_self(self, "process", "load", 2, ...)
  if type(image) ~= "userdata" then fail("process:load: expected an image, got " .. type(image)) end
  local loader = chosen(type(options) == "table" and options.loader or nil)
  options = read_options["process:load"](options)
  local keep_going = options.keep_going
  local sigstruct = options.sigstruct or image.sigstruct
  if options.init and sigstruct == nil then fail("process:load: the image has no SIGSTRUCT: give 'sigstruct', or 'init = false'") end
  if options.flip ~= nil then image = image:with_byte(options.flip, image:byte(options.flip) ~ 1) end
  local state = { ok = true, stage = "open", calls = 0, restarts = 0, count = 0, endless = false, outcome = "success",
    patience = options.patience }

  local enclave, failure = options.enclave, nil
  if enclave == nil then
    enclave, failure = self:open()
    if not took(state, "open", failure or { outcome = "success" }) then return nil, finish(state) end
  end
  local attributes, base = options.attributes or image.attributes, options.base
  -- The range of a 32-bit enclave lies below 4 GiB.
  if base == nil and attributes & 4 == 0 then base = math.max(0x10000000, image.size) end
  local created = enclave:create {
    size = image.size, base = base, ssa_frame_size = image.ssa_frame_size, attributes = attributes,
    xfrm = options.xfrm or image.xfrm & host.platform_xfrm(self), miscselect = options.miscselect or image.miscselect,
  }
  if not took(state, "create", created) then return enclave, finish(state) end
  if not add_all(self, image, enclave, loader, state, keep_going) then return enclave, finish(state) end
  if options.provision ~= nil then
    if not took(state, "provision", enclave:provision { descriptor = options.provision }) then return enclave, finish(state) end
  end
  if options.init and not took(state, "init", enclave:init { sigstruct = sigstruct }) then return enclave, finish(state) end
  if options.map then map_enclave(self, image, enclave, state) end
  return enclave, finish(state)
end

return frozen(images, "sgx.images")
