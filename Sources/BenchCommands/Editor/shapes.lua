---@meta _
-- What definitions made from the table refer to: loaders of process:load (Docs/Images.md), schedules of machine:run.

---@alias sgx.LoaderName
---| "whole" # as a loader should
---| "page" # so, a page a call
---| "gramine"
---| "sdk"
---| "urts"
---| "edp"
---| "enarx"
---| "selftest"

---A loader of the script's own.
---@class sgx.Loader
---@field pages? sgx.Number Pages a call; all of a stretch without it.
---@field short? "continue"|"same-source"|"done" What it does after a success that added less.
---@field retry? sgx.ErrnoName[] After which it calls again.
---@field progress? "use"|"go-on" What it does with a count beside an errno.

-- Schedules of machine:run.

---One step of a task, by its number, or of the kernel's own thread; or a task that goes on to a site, to the "end" of a call, or to its
---"restart", the nth time.
---@alias sgx.ScheduleEntry integer|"ksgxd"|{ [1]: integer|"ksgxd", to: string, nth: integer? }
