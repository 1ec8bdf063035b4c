-- What a script says of itself: return { about = "…", requires = "sgxbench 2", images = { app = { sha256 = "…" } }, tags = { "…" },
-- options = { pages = { default = 8, help = "…" } } }.

local declared_fields = { about = true, requires = true, images = true, tags = true, options = true }
local about, script_tags = nil, {}
image_pins = {}
images_opened = {}      -- by scripts that ask before they return

-- The keys of a table as text, in the order of the alphabet: their order in memory is another in every run.
local function sorted_names(list)
  local names = {}
  for name in rawnext, list do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

-- Options of the script, in the order of their names; `sgx.options` reads the values.
local options = {}

local function declare_options(declared, owner)
  if declared == nil then return end
  need("table", declared, owner, "field 'options'")
  for _, name in ipairs(sorted_names(declared)) do
    local option = declared[name]
    if option == nil or not host.is_tag(name) then
      fail(owner .. ": an option's name is made of a to z, 0 to 9, '_' and '-', got " .. name)
    end
    local place = owner .. ": option '" .. name .. "'"
    fields(place, option, { default = true, help = true })
    local kind = math.type(option.default) or type(option.default)
    if kind ~= "integer" and kind ~= "string" and kind ~= "boolean" then
      fail(place .. ": field 'default' is a whole number, a string, true or false, got " .. kind)
    end
    if option.help ~= nil then need("string", option.help, place, "field 'help'") end
    options[#options + 1] = { name = name, kind = kind, default = option.default, help = option.help or "" }
    option_values[name] = option.default
  end
end

-- The version of the words that the script wants. RequiredVersion.swift looks for it in the text of a script that fails ahead of this.
local function check_version(owner, wanted)
  if wanted == nil or wanted == "sgxbench 2" then return end
  if wanted == "sgxbench 1" then
    prelude.counts_old_steps = true
    return
  end
  need("string", wanted, owner, "field 'requires'")
  local number = string.match(wanted, "^sgxbench ([1-9]%d*)$")
  if number then fail(owner .. ": it requires sgxbench " .. number .. ", and this bench has the words of sgxbench 2") end
  fail(owner .. ": field 'requires' must be \"sgxbench 2\", or another number, got \"" .. wanted .. "\"")
end

function prelude.declared(value, owner)
  if type(value) == "table" then check_version(owner, rawget(value, "requires")) end
  fields(owner, value, declared_fields)
  if value.about ~= nil then about = need("string", value.about, owner, "field 'about'") end
  script_tags = tag_names(owner, value.tags)
  declare_options(value.options, owner)
  if value.images == nil then return end
  need("table", value.images, owner, "field 'images'")
  for _, name in ipairs(sorted_names(value.images)) do
    local pinned = value.images[name]
    if pinned == nil or #name > 100 or not string.find(name, "^[a-z0-9_][a-z0-9_.-]*$") then
      fail(owner .. ": the name of an image is made of a to z, 0 to 9, '_', '.' and '-', and does not begin with '.' or '-', got " .. name)
    end
    fields(owner .. ": image '" .. name .. "'", pinned, { sha256 = true })
    local digest = need("string", pinned.sha256, owner .. ": image '" .. name .. "'", "field 'sha256'")
    host.from_hex(owner .. ": image '" .. name .. "': field 'sha256'", digest, 32)
    digest = string.lower(digest)
    image_pins[name] = digest
    local opened = images_opened[name]
    if opened and opened.sha256 ~= digest then
      fail(owner .. ": image '" .. name .. "' has the SHA-256 " .. opened.sha256 .. ", and " .. digest .. " is wanted")
    end
  end
end

-- Tags of a test with these options or none, and of its script.
function prelude.tags(options)
  return table.concat(options and options.tags or {}, " ") .. " " .. table.concat(script_tags, " ")
end

function prelude.about() return about end

function prelude.pins()
  local names = {}
  for name in rawnext, image_pins do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, "\0")
end

function prelude.option_info(index)
  local option = options[index]
  if option then return option.name, option.kind, tostring(option.default), option.help end
end

-- Gives an option another value than its default; the text is of its kind.
function prelude.set_option(index, value) option_values[options[index].name] = value end
