-- What the runner calls. Read together with prelude.lua as one chunk: what is local there is known here.

function exports.test_count()
  option_values = {}
  if type(script_result) == "table" then words().declared(script_result, "the returned table") end
  return #tests
end

function exports.test_info(index)
  local test = tests[index]
  local tags = prelude.is_whole and words().tags(test.options) or " "
  return table.concat(test.path, "\0"), test.pending, test.file or "", test.line or 0, tags
end

for _, name in ipairs { "about", "pins", "option_info", "set_option" } do
  exports[name] = function(...) return words()[name](...) end
end

-- True where the body came to its end. What stopped it is recorded: by `ensure`, or here.
local function attempt(body)
  local ok, problem, trace, place = try(body)
  if ok then return true end
  if problem ~= STOP then words().report(problem, trace, place) end
  return false
end

local function run_hooks(suite, kind)
  if suite.outer and kind == "before" and not run_hooks(suite.outer, kind) then return false end
  for _, hook in ipairs(suite[kind]) do
    if not attempt(hook) then return false end
  end
  if suite.outer and kind == "after" then return run_hooks(suite.outer, kind) end
  return true
end

function exports.run_test(index)
  local test = tests[index]
  if test.options then words().begin_test(test.options) end
  if host.is_other_driver() then return end
  running = true
  unchecked = {}
  if run_hooks(test.suite, "before") and attempt(test.body) and rawnext(unchecked) then words().tell_unchecked(unchecked) end
  run_hooks(test.suite, "after")
  running = false
end

-- Called by exports.run_test's caller when a limit cut the test short.
function exports.abandon_test() running = false end

-- For interactive.lua, where there is a prompt.
session = { attempt = attempt, begin = function() running = true end }

prelude.need, prelude.need_name, prelude.check, prelude.outside_test = need, need_name, check, outside_test
prelude.add_test, prelude.define, prelude.show_scalar = add_test, define, show
prelude.expectation_methods = expectation_methods
function prelude.innermost() return open end
