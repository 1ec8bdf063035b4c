-- Tasks: a call inside one yields to machine:run at each of its steps.

local tasks_of = rawsetmetatable({}, { __mode = "k" })
local task_meta = {
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

-- Lets a task's own code run until it waits for a call or ends.
local function advance(entry, ...)
  host.enter_task(true)
  local state, value, trace = resume(entry.thread, ...)
  host.enter_task(false)
  if state == "waiting" then
    entry.call = value
  elseif state == "done" then
    entry.call, entry.ended = nil, true
    entry.task.result = value
  elseif state == "failed" then
    entry.call, entry.ended = nil, true
    error(value, 0)
  else
    fail("a task waits for calls only; coroutine.yield has nobody to go to here")
  end
end

local run_fields = { schedule = true }

-- Runs every task to its end and returns the choices that were made, a task number for each step.
function machine:run(options, ...)
  expect_self(self, "machine", "run", 1, ...)
  options = fields("machine:run", options or {}, run_fields)
  local list, schedule, choices = tasks_of[self] or {}, options.schedule or {}, {}
  if type(schedule) ~= "table" then fail("machine:run: field 'schedule' is a list of task numbers, got " .. type(schedule)) end
  check_list("machine:run: field 'schedule'", schedule)
  tasks_of[self] = nil
  for _, entry in ipairs(list) do advance(entry) end
  while true do
    local waiting = {}
    for _, entry in ipairs(list) do if not entry.ended then waiting[#waiting + 1] = entry end end
    if #waiting == 0 then break end
    local chosen, wanted = nil, schedule[#choices + 1]
    for _, entry in ipairs(waiting) do if entry.task.number == wanted then chosen = entry end end
    if not chosen then chosen = waiting[#waiting == 1 and 1 or host.choose(self, #waiting)] end
    choices[#choices + 1] = chosen.task.number
    host.step(self, chosen.call)
    for _, entry in ipairs(waiting) do
      if entry.call and host.is_finished(self, entry.call) then advance(entry, host.take_result(self, entry.call)) end
    end
  end
  host.forget_tasks(self)
  return choices
end

sgx_module = frozen(sgx, "sgx")
return sgx_module
