-- expect: string.rep: result larger than 1 MiB
('x'):rep(1048576, ('y'):rep(1048576))
