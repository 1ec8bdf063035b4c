-- expect: invalid use of '%' in replacement string
('a'):gsub('a', '%')
