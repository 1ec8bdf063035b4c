-- Values as text: tables as their fields, in scripts as at the prompt. Read when a table is first shown.

local show_scalar = prelude.show_scalar
local WIDTH, ELEMENTS_MAX, DEPTH_MAX, TEXT_MAX = 100, 64, 4, 200

-- What a table holds; that of a read-only view is behind it.
local function contents(value)
  local meta = rawgetmetatable(value)
  local behind = type(meta) == "table" and rawget(meta, "__index")
  if rawnext(value) == nil and type(behind) == "table" then return behind end
  return value
end
prelude.contents = contents

-- The keys behind the sequence, in the order of pairs, and how many have no order.
local function other_keys(value, count)
  local numbers, strings, others = {}, {}, 0
  for key in rawnext, value do
    if type(key) == "string" then
      strings[#strings + 1] = key
    elseif type(key) ~= "number" then
      others = others + 1
    elseif math.type(key) ~= "integer" or key < 1 or key > count then
      numbers[#numbers + 1] = key
    end
  end
  table.sort(numbers)
  table.sort(strings)
  table.move(strings, 1, #strings, #numbers + 1, numbers)
  return numbers, others
end

local show

local function show_table(value, depth, width)
  local meta = rawgetmetatable(value)
  if type(meta) == "table" and rawget(meta, "__tostring") and not rawget(meta, "__record") then return tostring(value) end
  if depth > DEPTH_MAX then return "{ ... }" end
  value = contents(value)
  local parts, count = {}, rawlen(value)
  for index = 1, math.min(count, ELEMENTS_MAX) do parts[index] = show(rawget(value, index), depth + 1, width) end
  local keys, hidden = other_keys(value, count)
  for _, key in ipairs(keys) do
    if #parts >= ELEMENTS_MAX then break end
    local name = type(key) == "string" and string.find(key, "^[%a_][%w_]*$") and key or "[" .. show_scalar(key) .. "]"
    parts[#parts + 1] = name .. " = " .. show(rawget(value, key), depth + 1, width)
  end
  hidden = hidden + count + #keys - #parts
  if hidden > 0 then parts[#parts + 1] = "... (" .. hidden .. " more)" end
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if not width or #line + 2 * depth <= width and not string.find(line, "\n", 1, true) then return line end
  local indent = "\n" .. string.rep("  ", depth + 1)
  return "{" .. indent .. table.concat(parts, "," .. indent) .. "\n" .. string.rep("  ", depth) .. "}"
end

function show(value, depth, width)
  if type(value) == "table" then return show_table(value, depth, width) end
  if type(value) == "string" and #value > TEXT_MAX then
    return show_scalar(string.sub(value, 1, TEXT_MAX)) .. "... (" .. #value .. " bytes)"
  end
  return show_scalar(value)
end

-- A value on one line.
function prelude.show_line(value) return show(value, 0) end

-- A value on as many lines as it needs.
function prelude.show_lines(value) return show(value, 0, WIDTH) end
