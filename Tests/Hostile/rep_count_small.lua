-- expect: string.rep: count larger than
('x'):rep(2^21 // 1)
