-- expect: work limit of 50,000,000 reached (--fuel)
::top:: goto top
