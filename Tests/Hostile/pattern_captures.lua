-- expect: too many captures
('a'):find(('('):rep(250))
