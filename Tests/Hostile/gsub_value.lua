-- expect: invalid replacement value (a table)
('a'):gsub('a', function() return {} end)
