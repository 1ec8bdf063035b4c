-- Tasks: a call inside one waits until the scheduler, which is in Swift, has brought it to its end.

local tasks_of = rawsetmetatable({}, { __mode = "k" })
local task_meta = {
  __record = "a task", __tostring = fields_text,
  __index = function(_, name)
    if name == "result" then return nil end
    fail("a task has no field '" .. tostring(name) .. "'; it has 'result' and 'number'")
  end,
}

function machine:task(body, ...)
  expect_self(self, "machine", "task", 1, ...)
  if type(body) ~= "function" then fail("machine:task: expected a function, got " .. type(body)) end
  local list = tasks_of[self] or {}
  tasks_of[self] = list
  local task = rawsetmetatable({ number = #list + 1 }, task_meta)
  list[#list + 1] = { task = task, thread = coroutine.create(body) }
  return task
end

-- Lets a task's own code run until it waits for a call or ends. An error of it ends the run, with the calls of all others.
local function advance(entry, ...)
  host.enter_task(entry.task.number)
  local state, value = resume(entry.thread, ...)
  host.enter_task()
  if state == "waiting" then return end
  if state == "done" then
    entry.task.result = value
    return
  end
  host.end_run()
  if state == "failed" then error(value, 0) end
  fail("a task waits for calls only; coroutine.yield has nobody to go to here")
end

local run_fields = { schedule = true }
local entry_words = { to = true, nth = true }

-- One line of a schedule: a task, "ksgxd", or a table { task, to = point, nth = times }.
local function add_entry(index, entry, count)
  local owner = "machine:run: field 'schedule': entry " .. index
  local task, point, nth = entry, nil, 1
  if type(entry) == "table" then
    for key in rawnext, entry do
      if key ~= 1 and not entry_words[key] then fail(owner .. ": unknown field '" .. tostring(key) .. "' (fields: nth, to)") end
    end
    task, point = entry[1], entry.to
    if type(point) ~= "string" then fail(owner .. ": field 'to' names a site, or 'end', got " .. type(point)) end
    if entry.nth ~= nil then nth = host.whole_number(owner .. ": field 'nth'", entry.nth) end
  elseif prelude.counts_old_steps then
    fail(owner .. " counts steps of sgxbench 1, which this bench cuts otherwise; name a point, as in { 1, to = \"leaf:EADD\" }")
  end
  if task == "ksgxd" then
    task = 0
  elseif math.type(task) ~= "integer" then
    fail(owner .. " is the number of a task or \"ksgxd\", got " .. (type(task) == "string" and '"' .. task .. '"' or type(task)))
  elseif task < 1 or task > count then
    fail(owner .. " is task " .. task .. ", and there " .. (count == 1 and "is 1 task" or "are " .. count .. " tasks"))
  end
  host.add_schedule_entry(task, point, nth)
end

-- Runs every task to its end and returns the choices that were made: for each step a task's number, or "ksgxd".
function machine:run(options, ...)
  expect_self(self, "machine", "run", 1, ...)
  options = fields("machine:run", options or {}, run_fields)
  local list, schedule = tasks_of[self] or {}, options.schedule or {}
  if type(schedule) ~= "table" then fail("machine:run: field 'schedule' is a list of task numbers, got " .. type(schedule)) end
  check_list("machine:run: field 'schedule'", schedule)
  host.begin_schedule()
  for index, entry in ipairs(schedule) do add_entry(index, entry, #list) end
  tasks_of[self] = nil
  host.begin_run(self, #list)
  for _, entry in ipairs(list) do advance(entry) end
  local number = host.run_tasks()
  while number do
    advance(list[number], host.take_result(number))
    number = host.run_tasks()
  end
  local choices = {}
  for index = 1, host.end_run() do choices[index] = host.choice(index) end
  return choices
end

sgx_module = frozen(sgx, "sgx")
return sgx_module
