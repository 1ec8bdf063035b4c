---@meta _
-- Options of tests, and what a script says of itself. See Docs/ScenarioReference.md.

---@class sgx.DriverRange
---@field [integer] sgx.DriverName|string Versions.
---@field from? sgx.DriverName|string The oldest version of a range; without it the oldest of all.
---@field to? sgx.DriverName|string The newest version of a range; without it the newest Linux.
---@field reason string Why; shown in reports.

---@class sgx.TestOptions
---@field expect_finding? sgx.FindingName|sgx.FindingName[] The machine will break this law of the driver; a failure where it does not.
---@field fails_on? sgx.DriverRange|sgx.DriverRange[] Versions on which the test fails; a pass there is a failure.
---@field only_on? sgx.DriverRange|sgx.DriverRange[] Versions for which the test is meant; it is not run on others.
---@field tags? string|string[] Words of a to z, 0 to 9, _ and -, to select the test by.

-- What a script may return about itself.

---@class sgx.Scenario
---@field about? string One sentence that says what the scenario shows.
---@field requires? "sgxbench 1"|"sgxbench 2" The version of the words that it is written in.
---@field images? table<string, sgx.Pin> What sgx.image may open, by name.
---@field tags? string|string[] Tags of all its tests.
---@field options? table<string, sgx.Option> What the script may be asked behind -- on the command line.

---@class sgx.Option
---@field default integer|string|boolean Its value where nobody says another, which also says its kind.
---@field help? string What it is for.

---@class sgx.Pin
---@field sha256 string SHA-256 of the file, 64 hexadecimal digits.
