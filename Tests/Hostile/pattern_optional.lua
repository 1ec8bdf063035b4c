-- expect: work limit of 50,000,000 reached (--fuel)
(('a'):rep(28)):find(('a?'):rep(28) .. ('a'):rep(28) .. 'b')
