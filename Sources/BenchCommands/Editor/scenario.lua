---@meta _
-- The words of a scenario that need no module: tests and checks. See Docs/ScenarioReference.md.

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

---Groups tests; may be nested.
---@param name string
---@param body fun()
function describe(name, body) end

---A test. It makes its own machines.
---@overload fun(name: string, body: fun())
---@param name string
---@param options sgx.TestOptions
---@param body fun()
function it(name, options, body) end

---A test to be written.
---@param name string
function pending(name) end

---Runs ahead of each test of the group, outer ones first.
---@param body fun()
function before_each(body) end

---Runs after each test of the group, outer ones last.
---@param body fun()
function after_each(body) end

---A check that records its failure and goes on.
---@param value any
---@return sgx.Expectation
function expect(value) end

---A check that ends the test where it fails.
---@param value any
---@return sgx.Expectation
function ensure(value) end

---@class sgx.Expectation
local Expectation = {}

---The same value of the same type: 3 is neither "3" nor 3.0.
---@param expected nil|boolean|number|string|userdata|function
function Expectation:equals(expected) end

---@param other any
function Expectation:differs_from(other) end

function Expectation:is_nil() end
function Expectation:is_true() end
function Expectation:is_false() end

---@param ... any
function Expectation:one_of(...) end

---A list or a string without anything in it.
function Expectation:is_empty() end

---@param length integer
function Expectation:has_length(length) end

---A part of a string, an element of a list, or a warning by its site's name.
---@param wanted any
function Expectation:contains(wanted) end

---The number itself, or the number of a list's elements.
---@param bound integer
---@param per? "per boot"|"per site"
function Expectation:at_most(bound, per) end

---@param bound integer
---@param per? "per boot"|"per site"
function Expectation:at_least(bound, per) end

---An image or an enclave whose records are those of an image.
---@param image sgx.Image
function Expectation:measures_as(image) end

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
