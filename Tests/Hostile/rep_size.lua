-- expect: string.rep: result larger than 1 MiB
('xyz'):rep(1048576)
