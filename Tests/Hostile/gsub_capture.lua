-- expect: invalid capture index %2
('a'):gsub('a', '%2')
