-- expect: malformed pattern (ends with '%')
('a'):find('%')
